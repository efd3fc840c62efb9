"""Promises of a library that is large, so that its vectors are searched by codes; here from 20 passages on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.indexes.background_saving import SAVER
from index.indexes.dense_rows import Sizes
from index.indexes.faiss_store import FaissStore
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from tests.small_embedder import SmallEmbedder

ARTICLES, SECTIONS = 6, 12


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Libraries]:
    monkeypatch.setattr("index.indexes.faiss_store.Sizes", lambda: Sizes(large=20, segment=32, few=5, unsaved=16))
    opened = Libraries(tmp_path, SmallEmbedder)
    for number in range(ARTICLES):
        add(opened.open("test"), number)
    opened.close()
    yield opened
    opened.close()


def add(library: Library, number: int) -> int:
    sections = (f"# Nr{number} part{at}\n\nKeeper{number}x{at} counts {at * 7} gulls." for at in range(SECTIONS))
    draft = draft_from_text(
        "\n\n".join(sections), key=f"{number}", source=f"{number}", title=f"T{number}", markdown=True
    )
    return library.add(draft).article_id


def finds(library: Library, article_id: int) -> bool:
    """Whether each passage of an article is what is found nearest to its own vector."""
    indexes = library.indexes()
    assert indexes is not None
    stored = library.vectors(library.passage_ids(article_id))
    return bool(stored) and all(indexes.dense.search(vector, 1)[0].tolist() == [key] for key, vector in stored.items())


def assert_whole(library: Library) -> None:
    """Check that the index has exactly the vectors of the catalogue, as codes."""
    indexes = library.indexes()
    assert indexes is not None
    assert isinstance(indexes.dense, FaissStore)
    assert library.check() == []
    assert len(indexes.dense._rows.segments.all) > 1
    assert all(finds(library, article) for article in (2, 3, ARTICLES))


def test_changes_are_followed(libraries: Libraries, monkeypatch: pytest.MonkeyPatch) -> None:
    """An added article is found at once, a removed one no more; opening again compares nothing."""
    library = libraries.open("test")
    assert_whole(library)
    libraries.close()
    SAVER.wait()
    monkeypatch.setattr(FaissStore, "fill", None)
    gone = library.passage_ids(1)
    new = add(library, 1000)
    library.remove(1)

    assert finds(library, new)
    indexes = library.indexes()
    assert indexes is not None
    assert set(gone).isdisjoint(indexes.dense.ids().tolist())
    monkeypatch.undo()
    assert_whole(library)


@pytest.mark.parametrize("name", ["vectors-*.faiss", "vectors-*.faiss.*"])
def test_damage_is_repaired(libraries: Libraries, tmp_path: Path, name: str) -> None:
    """One changed byte of any file is noticed, and what the file had is read from the catalogue again."""
    for path in (tmp_path / "libraries" / "test").glob(name):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
        assert_whole(libraries.open("test"))
        libraries.close()
        SAVER.wait()


def test_a_lost_index_is_filled_while_questions_are_answered(libraries: Libraries, tmp_path: Path) -> None:
    """Without the files of the index nothing waits for many vectors, and all are found in the end."""
    for path in (tmp_path / "libraries" / "test").glob("vectors-*"):
        path.unlink()
    library = libraries.open("test")
    indexes = library.indexes()

    assert indexes is not None
    assert len(indexes.dense) == ARTICLES * SECTIONS
    assert indexes.position is not None
    assert_whole(library)


def test_the_terminal_waits_for_a_lost_index(libraries: Libraries, tmp_path: Path) -> None:
    """Whoever asks one question and leaves waits until every vector is found."""
    for path in (tmp_path / "libraries" / "test").glob("vectors-*"):
        path.unlink()
    library = libraries.open("test")
    library.finish_indexing()

    assert all(finds(library, article) for article in range(1, ARTICLES + 1))
    libraries.close()
    SAVER.wait()
    indexes = library.indexes()
    assert indexes is not None
    assert not indexes.dense.is_building if isinstance(indexes.dense, FaissStore) else False
