"""Promises of the open indexes: they follow every change, by whatever process, and read no more than has changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from index.catalog.store import Catalog
from index.incremental import finish
from index.indexes.following import CatalogFollower, lexical_row
from index.indexes.lexical import LexicalRow
from index.libraries import library_files
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import StoredPassage
from index.sources.loader import draft_from_text
from tests.index.indexes.in_sync import assert_in_sync
from tests.small_embedder import SmallEmbedder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    libraries = Libraries(tmp_path, SmallEmbedder)
    yield libraries.open("test")
    libraries.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Library]:
    """Return the same library as another process has it open."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    yield libraries.open("test")
    libraries.close()


def add(library: Library, number: int, word: str = "ferry") -> int:
    text = f"The {word} to island number{number} leaves at seven."
    return library.add(draft_from_text(text, key=f"{number}", source=f"{number}", title=f"T{number}")).article_id


def forbid_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    def compared(_: object) -> None:
        raise AssertionError("everything was compared")

    monkeypatch.setattr(CatalogFollower, "content", compared)


def test_another_process_changes_the_library(library: Library, other: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process adds, replaces, renames, restores and removes is followed without comparing everything."""
    first, second = add(library, 1), add(library, 2)
    assert_in_sync(library)
    with monkeypatch.context() as patched:
        forbid_comparing(patched)
        add(other, 1, "tram")
        finish(other.rename_in_steps(second, "Boats"))
        other.remove(add(other, 3))
        add(other, 4)
        indexes = library.indexes()
        assert indexes is not None
        assert len(indexes.lexical.search(["tram"], 5)[0]) == len(indexes.lexical.search(["boat"], 5)[0]) == 1
        finish(other.restore_in_steps(other.history(first)[0].number))
        library.indexes()
        assert len(indexes.lexical.search(["seven"], 5)[0]) == 3
    assert_in_sync(library)


def test_a_change_of_its_own_is_followed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """So are a library's own changes, those that no index is told of included."""
    first = add(library, 1)
    assert_in_sync(library)
    with monkeypatch.context() as patched:
        forbid_comparing(patched)
        finish(library.rename_in_steps(first, "Boats"))
        library.indexes()
        library.set_tags(first, ["Rules"])
        library.remove_source("1")
        add(library, 2)
        library.indexes()
    assert_in_sync(library)


def test_an_interrupted_step_is_made_up_for(library: Library) -> None:
    """An article whose indexing was begun, but not ended, is there for the next question."""
    add(library, 1)
    assert_in_sync(library)
    text = " ".join(f"Room {number} of the house was painted in colour {number * 7}." for number in range(900))
    adding = library.add_in_steps(draft_from_text(text, key="long", source="long", title="Long"), batch_size=1000)
    catalog = library.catalog
    assert catalog is not None
    before = catalog.generation
    while catalog.generation == before:
        next(adding)
    next(adding)
    adding.close()
    assert_in_sync(library)


def test_a_catalogue_that_was_put_back(library: Library, tmp_path: Path) -> None:
    """An older copy of the catalogue, changed since, is compared with, however many changes it has seen."""
    add(library, 1)
    assert_in_sync(library)
    library.close()
    path = tmp_path / "libraries" / "test" / "catalog.db"
    shutil.copy(path, tmp_path / "copy.db")
    add(library, 2)
    assert_in_sync(library)
    library.close()
    shutil.copy(tmp_path / "copy.db", path)
    catalog = Catalog(path)
    assert catalog.remove(1) is not None
    catalog.close()
    assert_in_sync(library)
    add(library, 3)
    assert_in_sync(library)


def test_the_passages_of_many_articles_are_followed(
    library: Library, other: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which article a passage belongs to is kept in memory for many articles, and right after every change."""
    monkeypatch.setattr(library_files, "_FEW_ARTICLES", 0)
    kept = [add(library, number) for number in range(4)]
    assert_in_sync(library)

    def assert_right() -> None:
        catalog = library.catalog
        assert catalog is not None
        for wanted in (kept, kept[:1], [999], catalog.article_ids()):
            assert library.passage_ids_of(wanted).tolist() == sorted(catalog.passage_ids_of(wanted))

    assert_right()
    finish(other.rename_in_steps(kept[0], "Boats"))
    add(other, 7)
    assert_right()
    other.remove(kept[1])
    add(library, 2, "tram")
    assert_right()


def test_a_passage_is_purged_while_another_process_indexes_it(
    library: Library, other: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What one process was about to index, from a text that it had read, does not come back after a purge."""
    add(library, 1)
    library.indexes()
    article = add(other, 2, "zeppelin")
    pending = [partial(other.remove, article, purge=True)]

    def read(row: StoredPassage) -> LexicalRow:
        found = lexical_row(row)
        if pending:
            pending.pop()()
        return found

    monkeypatch.setattr("index.indexes.following.lexical_row", read)
    indexes = library.indexes()

    assert indexes is not None
    assert not pending
    assert indexes.lexical.count(["zeppelin"]) == 0
    assert not any(b"zeppelin" in path.read_bytes() for path in tmp_path.rglob("lexical.db*"))
    assert_in_sync(library)


def test_a_view_is_not_kept_while_the_position_is_unknown(library: Library) -> None:
    """As long as nobody knows what an index holds, nobody knows whether a view of it is up to date."""
    add(library, 1)
    indexes = library.indexes()
    assert indexes is not None
    shown = indexes.view("shown", lambda: indexes.only([1]))
    assert indexes.view("shown", lambda: indexes.only([])) is shown

    indexes.lexical.position = None
    assert indexes.view("shown", lambda: indexes.only([])) is not shown
    shown = indexes.view("shown", lambda: indexes.only([1]))
    assert indexes.view("shown", lambda: indexes.only([])) is not shown
