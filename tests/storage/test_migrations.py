"""A discord.db of any earlier version is updated and keeps its rows; one of a newer version is left as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalog.snapshots import copies_before_migrations
from index.models import UserError
from storage import migrations
from storage.accepted_questions import AcceptedQuestion
from storage.database import Database
from storage.models import Mode
from tests.conftest import ROOT

# The discord.db of data-folder-1a82e27, before its schema was numbered; up to d7fe65b no commit changed the tables.
DUMP = ROOT / "tests/data/discord-1a82e27.sql"
GUILD = 42


def restore(path: Path, steps: int = 0) -> None:
    """Create a database from the dump, and apply the first migrations to it."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(DUMP.read_text(encoding="utf-8"))
        for statement in (line for step in migrations._MIGRATIONS[:steps] for line in step):
            db.execute(statement)
        if steps:
            db.execute("INSERT INTO meta VALUES ('schema', ?)", (str(steps),))
        db.commit()


def columns(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Return the name, type, nullability, default and key of each column, by table."""
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: {row[1:] for row in db.execute(f"PRAGMA table_info({name})")} for name in tables}


def indexes(path: Path) -> set[str]:
    """Return the names of the indexes."""
    with closing(sqlite3.connect(path)) as db:
        return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}


def version(path: Path) -> str:
    """Return the stored schema version."""
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0])


@pytest.mark.parametrize("steps", range(migrations.LATEST + 1))
def test_earlier_versions_are_updated(steps: int, tmp_path: Path) -> None:
    """Each earlier schema becomes the current one, and everything in it can still be read."""
    path, fresh = tmp_path / "discord.db", tmp_path / "fresh.db"
    restore(path, steps)
    Database(fresh).close()

    with closing(Database(path)) as database:
        answer = database.answer(1)
        assert answer is not None
        assert answer.question == "When does the ferry leave?"
        assert database.server_settings.get(GUILD).mode_of(8) is Mode.QUESTIONS
        assert len(database.pins.of(GUILD)) == 1
        assert database.channel_sources.all()[0].read_to == 15
        assert database.site_imports.pages.tally(1).total == 3
        assert database.is_silenced(16)

    assert columns(path) == columns(fresh)
    assert indexes(path) == indexes(fresh)
    assert version(path) == version(fresh) == str(migrations.LATEST)


def test_columns_of_the_first_versions(tmp_path: Path) -> None:
    """A file from before answers had a language gets the column, with its default in existing rows."""
    path = tmp_path / "discord.db"
    restore(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE answers DROP COLUMN language")
        db.execute("ALTER TABLE loads DROP COLUMN language")
        db.commit()

    with closing(Database(path)) as database:
        answer = database.answer(1)

    assert answer is not None
    assert answer.language == "en"


def test_the_copy_has_no_questions_that_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored for minutes is not kept for a month in the copy from before a migration, nor are its bytes."""
    path, sealed = tmp_path / "discord.db", b"sealed words " * 40
    with closing(Database(path)) as database:
        question = AcceptedQuestion(1, "message", 2, 3, 4, 5, 6.0, 7, sealed)
        database.accepted_questions.write([question], [], "process", {"process"})
        database.server_settings.change(GUILD, lambda now: now.with_mode(8, Mode.QUESTIONS))
    later = (*migrations._MIGRATIONS, ("CREATE TABLE later (x)",))
    monkeypatch.setattr(migrations, "MIGRATIONS", replace(migrations.MIGRATIONS, steps=later))
    monkeypatch.setattr("storage.engine.MIGRATIONS", migrations.MIGRATIONS)
    monkeypatch.setattr("storage.engine.LATEST", len(later))
    Database(path).close()
    (copy,) = copies_before_migrations(path)

    assert sealed not in copy.read_bytes()
    assert sealed in path.read_bytes()
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*) FROM accepted_questions").fetchone() == (0,)
        assert db.execute("SELECT guild_id FROM servers").fetchall() == [(GUILD,)]


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """A current file is opened without a write."""
    path = tmp_path / "discord.db"
    Database(path).close()
    before = path.read_bytes()

    Database(path).close()

    assert path.read_bytes() == before


def test_a_newer_version_is_refused_and_not_written_to(tmp_path: Path) -> None:
    """The sentence names both versions, and the file keeps its bytes."""
    path, newer = tmp_path / "discord.db", migrations.LATEST + 1
    Database(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(newer),))
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()

    with pytest.raises(UserError, match=f"schema {newer}; this version reads up to {migrations.LATEST}"):
        Database(path)

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["discord.db"]


def test_a_failed_migration_changes_nothing(tmp_path: Path) -> None:
    """A file that lacks a table of the first release is refused, and no migration remains applied to it."""
    path = tmp_path / "discord.db"
    restore(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE watched")
        db.commit()
    before = columns(path)

    with pytest.raises(UserError, match=r"it lacks watched\."):
        Database(path)

    assert columns(path) == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The sentence says what to do, and the file keeps its bytes."""
    path = tmp_path / "discord.db"
    path.write_bytes(b"no database" * 1000)

    with pytest.raises(UserError, match="Restore a copy"):
        Database(path)

    assert path.read_bytes() == b"no database" * 1000


def test_a_locked_file_is_named_as_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told to move away a file that another process is only writing to."""
    path = tmp_path / "discord.db"
    restore(path)
    monkeypatch.setattr("storage.engine._BUSY_SECONDS", 0)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError, match="locked by another process"):
            Database(path)
