"""A catalogue that was emptied, deleted or exchanged is refused and left as it is; a library that is new is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.catalog.store import Catalog
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.registry import Libraries
from index.models import Draft
from index.sources.loader import draft_from_text
from index.sqlite_errors import DamagedError
from storage.database import Database
from tests.conftest import Run
from tests.small_embedder import SmallEmbedder


def draft(text: str, key: str = "a.txt") -> Draft:
    return draft_from_text(text, key=key, source=key, title="Harbour")


@pytest.fixture
def libraries(tmp_path: Path) -> Iterator[Libraries]:
    opened = Libraries(tmp_path, SmallEmbedder)
    for name in ("shared", "guild-1"):
        opened.open(name).add(draft(f"The keeper of {name} counts gulls."))
        assert opened.open(name).indexes()
    opened.close()
    yield opened
    opened.close()


def tables_only(path: Path, *statements: str) -> bytes:
    """Return an SQLite file in WAL mode, with these statements run in it."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        for statement in statements:
            db.execute(statement)
    db.close()
    return path.read_bytes()


def discord_database(folder: Path) -> bytes:
    Database(folder / "discord.db").close()
    return (folder / "discord.db").read_bytes()


CONTENTS: dict[str, Callable[[Path], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "less than a page": lambda _: b"SQLite",
    "no tables": lambda folder: tables_only(folder / "new.db"),
    "foreign": lambda folder: tables_only(folder / "foreign.db", "CREATE TABLE places (url TEXT)"),
    "discord.db": discord_database,
    "another schema": lambda folder: tables_only(
        folder / "other.db",
        "CREATE TABLE passages (id INTEGER)",
        "CREATE TABLE meta (key VARCHAR, value VARCHAR)",
        "INSERT INTO meta VALUES ('schema', 'zero')",
    ),
    "a picture": lambda _: b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40,
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_lost_catalogue(libraries: Libraries, tmp_path: Path, kind: str) -> None:
    """Every use says so in one sentence, and nothing is created or written; the other library goes on."""
    path = tmp_path / "libraries" / "guild-1" / "catalog.db"
    content = CONTENTS[kind](tmp_path)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    before = sorted(path.parent.iterdir())
    library, reading = libraries.open("guild-1"), ReadOnlyLibraries(tmp_path)
    uses: tuple[Callable[[], object], ...] = (
        library.articles,
        library.was_ever_used,
        library.indexes,
        library.check,
        lambda: library.add(draft("The ferry leaves at seven.", "b.txt")),
        lambda: library.remove(1),
        lambda: library.reindex(lambda *_: None),
        lambda: reading.titles(["guild-1"]),
    )
    for use in uses:
        with pytest.raises(DamagedError, match=r"guild-1/catalog\.db cannot be read: .* Restore a copy of it, or move"):
            use()
    assert sorted(path.parent.iterdir()) == before
    assert (path.read_bytes() if path.exists() else None) == content
    assert libraries.names() == ["guild-1", "shared"]
    assert [row.id for row in libraries.open("shared").articles()] == [1]
    assert reading.titles(["shared"])
    reading.close()


@pytest.mark.parametrize("kind", ["missing", "empty", "no tables"])
def test_a_new_library(tmp_path: Path, kind: str) -> None:
    """A process that was killed while it created a library leaves a folder in which articles can be stored."""
    folder = tmp_path / "libraries" / "guild-1"
    folder.mkdir(parents=True)
    content = CONTENTS[kind](tmp_path)
    if content is not None:
        (folder / "catalog.db").write_bytes(content)
    libraries = Libraries(tmp_path, SmallEmbedder)
    library = libraries.open("guild-1")

    assert library.articles() == []
    assert library.add(draft("The ferry leaves at seven.")).status == "added"
    assert library.check() == []
    libraries.close()


@pytest.mark.parametrize("content", [None, b""])
def test_the_log_of_a_lost_catalogue_is_kept(tmp_path: Path, content: bytes | None) -> None:
    """It may have the last articles; SQLite would delete it with the first connection."""
    path = tmp_path / "catalog.db"
    log = path.with_name("catalog.db-wal")
    log.write_bytes(b"\x37\x7f\x06\x82" + bytes(4096))
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DamagedError, match="missing or empty"):
        Catalog(path)

    assert log.stat().st_size == 4100


def test_tables_that_vanish(libraries: Libraries, tmp_path: Path) -> None:
    """A catalogue that lacks a table is called damaged, whatever is done."""
    with sqlite3.connect(tmp_path / "libraries" / "guild-1" / "catalog.db") as db:
        db.execute("DROP TABLE sources")
    db.close()

    with pytest.raises(DamagedError, match=r"it is damaged \(no such table: sources\)"):
        libraries.open("guild-1").articles()


def test_no_foreign_words_in_an_index(libraries: Libraries, tmp_path: Path) -> None:
    """Another database in the place of the lexical index is replaced, with everything that is in it."""
    folder = tmp_path / "libraries" / "guild-1"
    (folder / "lexical.db").write_bytes((tmp_path / "libraries" / "shared" / "catalog.db").read_bytes())
    library = libraries.open("guild-1")
    indexes = library.indexes()

    assert indexes is not None
    assert indexes.lexical.search(["gull"], 5)[0].tolist() == library.passage_ids(1)
    libraries.close()
    assert b"keeper of shared" not in (folder / "lexical.db").read_bytes()


def test_in_the_terminal(tmp_path: Path, command_line: Callable[..., Run]) -> None:
    """Each command says in one sentence what to do, with status 1; the other library is answered from."""
    (tmp_path / "a.txt").write_text("The ferry to Skarholm leaves at seven in the morning.")
    data = tmp_path / "data"
    for name in ("shared", "second"):
        assert command_line("--data-dir", data, "--library", name, "add", tmp_path / "a.txt").status == 0
        command_line("--data-dir", data, "--library", name, "ask", "When does the ferry leave?")
    (data / "libraries" / "shared" / "catalog.db").write_bytes(b"")

    for arguments in (["articles"], ["ask", "When?"], ["check"], ["add", tmp_path / "a.txt"], ["remove", "1"]):
        done = command_line("--data-dir", data, *arguments)
        assert (done.status, done.out) == (1, "")
        assert "shared/catalog.db cannot be read: it is missing or empty, though there were articles" in done.err
        assert "Traceback" not in done.err
    asked = command_line("--data-dir", data, "--library", "second", "ask", "When does the ferry leave?")
    assert "leaves at seven" in asked.out
