"""Promises of PostgreSQL with FAISS: processes with data folders of their own see each other's changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from index.catalog.postgres.engine import Timeouts
from index.incremental import finish
from index.indexes.open_indexes import OpenIndexes
from index.libraries.library import Library
from index.models import UserError
from index.sources.loader import draft_from_text
from index.text.analyzer import index_terms
from storage.stores import Stores
from tests.postgres_server import PostgresDatabase
from tests.small_embedder import SmallEmbedder
from tests.tcp_proxy import proxy_before


@pytest.fixture
def both(postgres: PostgresDatabase, tmp_path: Path) -> Iterator[tuple[Library, Library]]:
    """Return the same library as two processes have it, each with a data folder of its own."""
    with ExitStack() as stack:
        processes = [stack.enter_context(closing(Stores(tmp_path / name, postgres.bot_url))) for name in "ab"]
        one, other = (stack.enter_context(closing(process.libraries(SmallEmbedder))) for process in processes)
        yield one.open("test"), other.open("test")


def add(library: Library, text: str, key: str) -> int:
    return library.add(draft_from_text(text, key=key, source=key, title="Ferry")).article_id


def opened(library: Library) -> OpenIndexes:
    indexes = library.indexes()
    assert indexes is not None
    return indexes


def words(library: Library, term: str) -> list[int]:
    """Return the passages that the library's word index finds."""
    return sorted(opened(library).lexical.search(index_terms(term), 10)[0].tolist())


def test_changes_of_one_are_found_by_the_other(both: tuple[Library, Library]) -> None:
    """Added, replaced, renamed and removed articles are searched by either process as soon as they are stored."""
    one, other = both
    first = add(one, "The ferry leaves at seven.", "a")
    assert words(one, "ferry") == words(other, "ferry") == one.passage_ids(first)
    assert sorted(opened(other).dense.ids().tolist()) == one.passage_ids(first)
    second = add(other, "The ferry leaves at eight.", "a")
    finish(other.rename_in_steps(second, "Harbour"))
    assert words(one, "harbour") == words(other, "harbour") == other.passage_ids(second)
    assert one.remove(second, purge=True)
    assert words(other, "ferry") == words(one, "ferry") == []
    assert opened(other).dense.ids().tolist() == []
    assert one.check() == other.check() == []


def test_a_process_that_returns_follows_the_log(both: tuple[Library, Library], monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes that were closed are brought up to date by what has changed since, without comparing everything."""
    one, other = both
    add(one, "The ferry leaves at seven.", "a")
    assert len(words(other, "ferry")) == 1
    other.close()
    add(one, "The ferry leaves at eight.", "b")
    monkeypatch.setattr("index.indexes.following.CatalogFollower.content", None)
    assert len(words(other, "ferry")) == 2


def test_two_that_change_the_same_source(both: tuple[Library, Library]) -> None:
    """A change that was prepared before another process replaced the article is prepared again, or given up."""
    one, other = both
    first = add(one, "The ferry leaves at seven.", "a")
    steps = other.add_in_steps(draft_from_text("It leaves at eight.", key="a", source="a", title="Ferry"))
    next(steps)
    add(one, "It leaves at nine.", "a")
    finish(steps)
    (row,) = one.articles()
    article = one.article(row.id)
    assert article is not None
    assert article.text == "It leaves at eight."
    renaming = one.rename_in_steps(row.id, "Boats")
    next(renaming)
    add(other, "It leaves at ten.", "a")
    with pytest.raises(UserError, match="in the meantime"):
        finish(renaming)
    assert one.article(first) is None
    assert one.check() == other.check() == []


def test_a_library_exists_without_its_folder(both: tuple[Library, Library], tmp_path: Path) -> None:
    """What is in the data folder says nothing about which libraries there are: the database does."""
    one, other = both
    assert not other.was_ever_used()
    add(one, "The ferry leaves at seven.", "a")
    assert not (tmp_path / "b" / "libraries").exists()
    assert other.was_ever_used()
    assert other.count_articles() == 1
    assert not (tmp_path / "a" / "libraries" / "test" / "catalog.db").exists()


def test_closing_while_the_database_is_away(
    postgres: PostgresDatabase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A bot that is stopped during an outage ends well, and its indexes follow at the next start."""
    with proxy_before(postgres.port) as proxy:
        limits = Timeouts(connect=2)
        with closing(Stores(tmp_path / "a", postgres.url(port=proxy.port), timeouts=limits)) as stores:
            libraries = stores.libraries(SmallEmbedder)
            for name in ("one", "two"):
                add(libraries.open(name), "The ferry leaves at seven.", "a")
                opened(libraries.open(name))
            proxy.refuse()
            libraries.close()
        assert caplog.text.count("Indexes are brought up to date at the next start") == 1
        proxy.restore()
        with (
            closing(Stores(tmp_path / "a", postgres.url(port=proxy.port))) as stores,
            closing(stores.libraries(SmallEmbedder)) as libraries,
        ):
            assert [len(words(libraries.open(name), "ferry")) for name in ("one", "two")] == [1, 1]
            assert libraries.open("one").check() == []
