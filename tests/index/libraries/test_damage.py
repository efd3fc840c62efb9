"""Promises about damaged index files: damage is noticed wherever it is, and the question is answered nevertheless."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.indexes.vectors import Fingerprints
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from index.sqlite_errors import LockedError
from tests.small_embedder import SmallEmbedder

PAGE = 4096
TEXTS = [
    f"The keeper of lighthouse {number} counts gulls. " + " ".join(f"Word{number}x{at} is here." for at in range(60))
    for number in range(40)
]


@pytest.fixture
def libraries(tmp_path: Path) -> Iterator[Libraries]:
    opened = Libraries(tmp_path, SmallEmbedder)
    for number, text in enumerate(TEXTS):
        opened.open("test").add(draft_from_text(text, key=f"{number}.txt", source=f"{number}.txt", title="Harbour"))
    opened.close()
    yield opened
    opened.close()


@pytest.fixture
def folder(libraries: Libraries, tmp_path: Path) -> Path:
    return tmp_path / "libraries" / "test"


def assert_complete(library: Library) -> None:
    """Check that every word and every vector is found, as in an index that was never damaged."""
    indexes = library.indexes()
    assert indexes is not None
    for number in range(len(TEXTS)):
        assert len(indexes.lexical.search([f"word{number}x7"], 5)[0]) == 1
        assert indexes.lexical.document_frequencies([f"word{number}x59"])[f"word{number}x59"] == 1
    stored = library.vectors(library.passage_ids(17))
    assert indexes.dense.holds(np.array(list(stored), np.int64), np.stack(list(stored.values()))).all()
    assert library.check() == []


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def test_every_page_may_be_lost(libraries: Libraries, folder: Path) -> None:
    """Whichever page of the lexical index is zeroed or overwritten while it is closed, all words are found again."""
    path, rng = folder / "lexical.db", random.Random(7)
    pages = path.stat().st_size // PAGE
    assert pages > 20
    for page in range(0, pages, 5):
        data = bytes(PAGE) if page % 2 else rng.randbytes(PAGE)
        overwrite(path, page * PAGE, data)
        indexes = libraries.open("test").indexes()
        assert indexes is not None
        assert len(indexes.lexical.search([f"word{page % len(TEXTS)}x7"], 5)[0]) == 1
        libraries.close()
    assert_complete(libraries.open("test"))


def test_one_byte_is_enough(libraries: Libraries, folder: Path) -> None:
    """A single changed byte of either index is noticed."""
    for name in ("lexical.db", *(path.name for path in folder.glob("vectors-*.faiss"))):
        path = folder / name
        middle = path.stat().st_size // 2
        overwrite(path, middle, bytes([path.read_bytes()[middle] ^ 0xFF]))
        assert_complete(libraries.open("test"))
        libraries.close()


def test_without_a_checksum_everything_is_verified(libraries: Libraries, folder: Path) -> None:
    """After a crash there is no checksum that matches: then the checks of SQLite and of the index find the damage."""
    path = folder / "lexical.db"
    (folder / "lexical.db.checksum").unlink()
    with sqlite3.connect(path) as db:
        longest = db.execute("SELECT key FROM postings ORDER BY length(data) DESC").fetchone()[0]
        db.execute("UPDATE postings SET data = zeroblob(length(data)) WHERE key = ?", (longest,))
    db.close()

    assert_complete(libraries.open("test"))


@pytest.mark.parametrize("damage", ["empty", "truncated", "foreign", "zeroed rows", "a folder's rest"])
def test_a_false_vector_file_is_replaced(libraries: Libraries, folder: Path, damage: str) -> None:
    """No vector of a damaged file is ever compared with a question."""
    (path,) = folder.glob("vectors-*.faiss")
    data = path.read_bytes()
    zeroed = data[: len(data) // 2] + bytes(len(data) // 4) + data[len(data) // 2 + len(data) // 4 :]
    changed = {"empty": b"", "truncated": data[:-100], "foreign": b"IxMp" + bytes(500), "zeroed rows": zeroed}
    path.write_bytes(changed.get(damage, data + b"rest"))

    assert_complete(libraries.open("test"))


def test_damage_while_it_is_open(libraries: Libraries, folder: Path) -> None:
    """A question that meets a damaged page is answered, from an index that was filled again."""
    library = libraries.open("test")
    indexes = library.indexes()
    assert indexes is not None
    indexes.lexical._file._db.execute("PRAGMA cache_size = 1")
    path = folder / "lexical.db"
    for page in range(1, path.stat().st_size // PAGE):
        overwrite(path, page * PAGE, b"\xa5" * PAGE)

    assert_complete(library)


def test_a_catalogue_restored_from_a_copy(libraries: Libraries, folder: Path) -> None:
    """The same ids may then stand for other passages: contents are compared, not ids alone."""
    path = folder / "catalog.db"
    copy = path.read_bytes()
    library = libraries.open("test")
    first = library.add(draft_from_text("The ferry leaves at seven.", key="new", source="new", title="Ferry"))
    libraries.close()
    path.write_bytes(copy)
    second = library.add(draft_from_text("Dogs travel free of charge.", key="new", source="new", title="Dogs"))
    indexes = library.indexes()

    assert second.article_id == first.article_id
    assert indexes is not None
    assert indexes.lexical.search(["ferri"], 5)[0].tolist() == []
    assert indexes.lexical.search(["dog"], 5)[0].tolist() == library.passage_ids(second.article_id)
    assert_complete(library)


def test_check_replaces_what_it_finds(libraries: Libraries, caplog: pytest.LogCaptureFixture) -> None:
    """A vector that differs from the catalogue's is replaced by `check`, which then finds nothing."""
    library = libraries.open("test")
    indexes = library.indexes()
    assert indexes is not None
    held = indexes.dense.fingerprints()
    wrong = SmallEmbedder().query("something else")[None]
    indexes.dense.put(Fingerprints(held.ids[:1], held.digests[:1]), wrong)

    assert library.check() == []
    assert "filled again" in caplog.text
    assert_complete(library)


def test_a_locked_index_is_kept(libraries: Libraries, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that another process is writing is said to be in use; it is neither replaced nor called damaged."""
    monkeypatch.setattr("index.indexes.lexical_file._TIMEOUT", 0.1)
    library = libraries.open("test")
    indexes = library.indexes()
    assert indexes is not None
    other = sqlite3.connect(folder / "lexical.db")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LockedError, match="in use by another process"):
        indexes.lexical.remove(np.array([1]))
    other.rollback()
    other.close()
    assert_complete(library)


def test_a_full_disk_stops_no_question(libraries: Libraries, caplog: pytest.LogCaptureFixture) -> None:
    """An index that cannot be written goes on in memory, complete."""
    library = libraries.open("test")
    indexes = library.indexes()
    assert indexes is not None
    pages = indexes.lexical._file._db.execute("PRAGMA page_count").fetchone()[0]
    indexes.lexical._file._db.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(30):
        text = " ".join(f"Added{number}x{at} is here." for at in range(60))
        library.add(draft_from_text(text, key=f"new{number}", source="new", title="New"))

    assert_complete(library)
    assert len(indexes.lexical.search(["added29x7"], 5)[0]) == 1
    assert "full" in caplog.text
