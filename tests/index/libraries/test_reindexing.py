"""Promises of reindexing: short transactions, that can be interrupted and continued, and that lose nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Draft, UserError
from index.sources.loader import draft_from_text
from index.sqlite_errors import LockedError
from tests.small_embedder import SmallEmbedder


def draft(number: int) -> Draft:
    text = f"Lighthouse {number} has a keeper. He counts gulls on day {number}."
    return draft_from_text(text, key=f"{number}.txt", source=f"{number}.txt", title="Harbour")


@pytest.fixture
def libraries(tmp_path: Path) -> Iterator[Libraries]:
    opened = Libraries(tmp_path, SmallEmbedder)
    for number in range(6):
        opened.open("test").add(draft(number))
    yield opened
    opened.close()


@pytest.fixture
def library(libraries: Libraries) -> Library:
    return libraries.open("test")


def passages(library: Library) -> dict[int, list[int]]:
    return {row.id: library.passage_ids(row.id) for row in library.articles()}


def interrupt_at(library: Library, article: int) -> None:
    def stop(done: int, _total: int) -> None:
        if done == article:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.reindex(stop)


def test_an_article_added_meanwhile_keeps_its_passages(library: Library, tmp_path: Path) -> None:
    """Another process can add and remove articles while every article is embedded again."""
    other = Libraries(tmp_path, SmallEmbedder)

    def meanwhile(done: int, _total: int) -> None:
        if done < 6:
            other.open("test").add(draft(100 + done))
        if done == 3:
            other.open("test").remove(5)

    assert library.reindex(meanwhile) == 6
    other.close()

    found = passages(library)
    assert sorted(found) == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12]
    assert all(found.values())
    assert library.check() == []


def test_an_interrupted_run_is_continued(library: Library) -> None:
    """What was done is not done again; the library is sound all the time, and the next complete run begins anew."""
    before = passages(library)
    interrupt_at(library, 4)
    between = passages(library)

    assert library.check() == []
    assert [before[key] != between[key] for key in sorted(before)] == [True] * 4 + [False] * 2
    library.reindex(lambda *_: None)
    after = passages(library)
    assert [between[key] != after[key] for key in sorted(before)] == [False] * 4 + [True] * 2
    assert library.check() == []

    library.reindex(lambda *_: None)
    assert all(after[key] != ids for key, ids in passages(library).items())


def test_another_model_is_brought_in_piece_by_piece(libraries: Libraries, tmp_path: Path) -> None:
    """Vectors of two models are never compared; a run that was interrupted is continued, or undone by the old model."""
    libraries.close()
    for names in (("other", 24), ("small", 32)):
        new = Libraries(tmp_path, lambda names=names: SmallEmbedder(*names))
        library = new.open("test")
        with pytest.raises(UserError, match="was built with"):
            library.indexes()
        interrupt_at(library, 3)
        indexes = library.indexes()
        assert indexes is not None
        assert (
            len(indexes.dense.ids())
            == len(indexes.lexical.ids())
            == sum(map(len, list(passages(library).values())[:3]))
        )
        assert library.check() == ["catalogue: 3 passages have vectors of another model, so that nothing finds them"]
        assert library.outdated_articles() == [4, 5, 6]
        library.add(draft(50))

        library.reindex(lambda *_: None)
        assert library.check() == []
        assert library.outdated_articles() == []
        library.remove(library.articles()[-1].id)
        new.close()


def test_an_article_of_the_old_model_is_not_stored_beside_those_of_the_new_one(
    libraries: Libraries, library: Library, tmp_path: Path
) -> None:
    """An article that was embedded before another process changed the model is refused, not stored with old vectors."""
    adding = library.add_in_steps(draft(7), batch_size=1)
    next(adding)
    new = Libraries(tmp_path, lambda: SmallEmbedder("other", 32))
    new.open("test").reindex(lambda *_: None)

    with pytest.raises(UserError, match="EMBEDDING_MODEL is now 'small'"):
        for _ in adding:
            pass
    assert new.open("test").check() == []
    assert len(new.open("test").articles()) == 6
    new.close()


def test_a_locked_library_is_called_locked(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another process keeps locked is neither damaged nor full, and stays as it is."""
    library.close()
    monkeypatch.setattr("index.catalog.engine._TIMEOUT", 0.1)
    other = sqlite3.connect(tmp_path / "libraries" / "test" / "catalog.db")
    other.execute("BEGIN IMMEDIATE")

    for change in (lambda: library.reindex(lambda *_: None), lambda: library.add(draft(8)), lambda: library.remove(1)):
        with pytest.raises(LockedError) as caught:
            change()
        assert "catalog.db is in use by another process" in str(caught.value)
        assert "Restore" not in str(caught.value)
    assert len(library.articles()) == 6
    other.rollback()
    other.close()
    assert library.check() == []
