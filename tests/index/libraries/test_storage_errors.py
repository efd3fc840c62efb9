"""Promises about a disk that is full or cannot be written, and a damaged catalogue: one sentence, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Draft
from index.sources.loader import draft_from_text
from index.sqlite_errors import DamagedError, StorageError
from tests.small_embedder import SmallEmbedder


def draft(text: str, key: str = "a.txt") -> Draft:
    return draft_from_text(text, key=key, source=key, title="Harbour")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that every user may enter: pytest's own are for its user only."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    libraries = Libraries(path, SmallEmbedder)
    libraries.open("test").add(draft("The keeper counts gulls."))
    assert libraries.open("test").indexes()  # imports everything: `unwritable` may make Python's own files unreadable
    assert libraries.open("test").check() == []
    libraries.close()
    yield path
    shutil.rmtree(path)


def changes(library: Library) -> list[Callable[[], object]]:
    return [
        lambda: library.add(draft("The ferry leaves at seven.", "b.txt")),
        lambda: library.remove(1),
        lambda: library.reindex(lambda *_: None),
    ]


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Take away the right to write in a folder, also from root."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs file modes")
def test_a_read_only_folder(folder: Path) -> None:
    """Questions are answered from it, `check` finds nothing, and a change says what is needed."""
    with unwritable(folder):
        libraries = Libraries(folder, SmallEmbedder)
        library = libraries.open("test")
        indexes = library.indexes()
        assert indexes is not None
        assert indexes.lexical.search(["gull"], 5)[0].tolist() == library.passage_ids(1)
        assert library.check() == []
        for change in changes(library):
            with pytest.raises(StorageError, match="a folder in which this user may write"):
                change()
        libraries.close()
    libraries = Libraries(folder, SmallEmbedder)
    assert [row.id for row in libraries.open("test").articles()] == [1]
    libraries.open("test").add(draft("The ferry leaves at seven.", "b.txt"))
    assert libraries.open("test").check() == []
    libraries.close()


def test_a_full_disk(folder: Path) -> None:
    """A change that does not fit says so; the articles from before are there, and it works once there is space."""
    libraries = Libraries(folder, SmallEmbedder)
    library = libraries.open("test")
    engine = library.catalog._engine  # type: ignore[union-attr]

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(engine, "connect", limit)
    engine.dispose()
    long = " ".join(f"Room {number} is painted." for number in range(3000))
    with pytest.raises(StorageError, match=r"The disk is full: catalog\.db"):
        library.add(draft(long, "b.txt"))
    assert [row.id for row in library.articles()] == [1]
    sa.event.remove(engine, "connect", limit)
    engine.dispose()

    assert library.add(draft(long, "b.txt")).status == "added"
    assert library.check() == []
    libraries.close()


def test_a_damaged_catalogue_is_never_replaced(folder: Path) -> None:
    """Damage of the catalogue is said in one sentence at each use, and the file stays for whoever repairs it."""
    path = folder / "libraries" / "test" / "catalog.db"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    before = path.read_bytes()
    library = Libraries(folder, SmallEmbedder).open("test")

    for use in (library.articles, library.indexes, library.check, *changes(library)):
        with pytest.raises(DamagedError, match=r"catalog\.db cannot be read: it is damaged"):
            use()
    assert path.read_bytes() == before
