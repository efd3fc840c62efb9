"""Promises about copies of a database: consistent while others write, private, and one before each migration."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from index.catalog import migrations, snapshots
from index.catalog.engine import open_engine
from index.catalog.snapshots import (
    brief_copy,
    connect_immutable,
    copies_before_migrations,
    copy_database,
    delete_copies_before_migrations,
    find_damage,
    keep_before_migration,
)
from index.catalog.store import Catalog
from index.libraries.registry import Libraries
from index.models import UserError
from index.sources.loader import draft_from_text
from tests.small_embedder import SmallEmbedder


def database(path: Path, rows: int = 3) -> None:
    """Create a database in write-ahead mode whose two tables always have the same number of rows."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE one (text)")
        db.execute("CREATE TABLE two (text)")
        db.executemany("INSERT INTO one VALUES (?)", [("x" * 2000,)] * rows)
        db.executemany("INSERT INTO two VALUES (?)", [("y" * 2000,)] * rows)
        db.commit()


def counts(path: Path) -> list[int]:
    """Return the numbers of rows of both tables."""
    with closing(sqlite3.connect(path)) as db:
        return [db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("one", "two")]


def test_a_copy_is_one_state_while_another_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed between two parts of the copy is not in it, and does not begin it again."""
    monkeypatch.setattr(snapshots, "_PAGES", 10)
    source, target = tmp_path / "a.db", tmp_path / "b.db"
    database(source, 300)
    steps: list[int] = []
    with closing(sqlite3.connect(source)) as writer:

        def write() -> None:
            steps.append(1)
            for name in ("one", "two"):
                writer.execute(f"INSERT INTO {name} VALUES ('new')")
            writer.commit()

        copy_database(source, target, write)

    assert len(steps) > 10
    assert counts(target) == [300, 300]
    assert counts(source) == [300 + len(steps)] * 2
    with closing(connect_immutable(target)) as copy:
        assert find_damage(copy) is None
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_copy_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    """What `on_step` raises stops the copy, and deletes what there is of it."""
    database(tmp_path / "a.db")

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        copy_database(tmp_path / "a.db", tmp_path / "b.db", stop)
    assert not (tmp_path / "b.db").exists()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is one sentence, and no copy."""
    (tmp_path / "a.db").write_bytes(b"no database at all" * 100)

    with pytest.raises(UserError, match=r"a\.db cannot be read"):
        copy_database(tmp_path / "a.db", tmp_path / "b.db")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a.db"]
    with closing(connect_immutable(tmp_path / "a.db")) as copy:
        assert find_damage(copy)


@pytest.mark.parametrize("most", [0, 1 << 30], ids=["in a file", "in memory"])
def test_a_brief_copy(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is of one state while another writes, its bytes are those of a copy, and it leaves no file."""
    monkeypatch.setattr(snapshots, "_IN_MEMORY", most)
    monkeypatch.setattr(snapshots, "_PAGES", 10)
    source, folder = tmp_path / "a.db", tmp_path / "copies"
    folder.mkdir()
    database(source, 300)
    copy_database(source, tmp_path / "b.db")
    with closing(sqlite3.connect(source)) as writer:

        def write() -> None:
            writer.execute("INSERT INTO one VALUES ('new')")
            writer.commit()

        with brief_copy(source, folder, write) as (copy, stream):
            assert find_damage(copy) is None
            assert copy.execute("SELECT count(*) FROM one").fetchone() == (300,)
            assert stream.read()[100:] == (tmp_path / "b.db").read_bytes()[100:]  # but for the header
            assert len(list(folder.iterdir())) == (most == 0)
    assert not list(folder.iterdir())
    with pytest.raises(UserError, match=r"c\.db"), brief_copy(tmp_path / "c.db", folder):
        pass
    assert not list(folder.iterdir())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions stop")
def test_a_read_only_folder(tmp_path: Path) -> None:
    """A database in a folder without write permission is copied too."""
    folder = tmp_path / "data"
    folder.mkdir()
    database(folder / "a.db")
    folder.chmod(0o500)
    try:
        copy_database(folder / "a.db", tmp_path / "b.db")
    finally:
        folder.chmod(0o700)
    assert counts(tmp_path / "b.db") == [3, 3]


def test_migrating_keeps_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue as it was before a migration lies beside it, and can be put back."""
    path = tmp_path / "catalog.db"
    Catalog(path).close()
    assert copies_before_migrations(path) == []
    latest = migrations._NUMBERED.steps
    more = (*latest, ("CREATE TABLE later (x)",))
    object.__setattr__(migrations._NUMBERED, "steps", more)
    monkeypatch.setattr(migrations, "_MIGRATIONS", more)
    try:
        open_engine(path).dispose()
        assert [one.name for one in copies_before_migrations(path)] == [f"catalog.db.schema-{len(latest)}"]
    finally:
        object.__setattr__(migrations._NUMBERED, "steps", latest)
        monkeypatch.undo()

    with pytest.raises(UserError, match="newer version"):
        Catalog(path)
    path.unlink()
    copies_before_migrations(path)[0].rename(path)
    Catalog(path).close()


def test_a_migration_without_a_copy_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If there is no room for the copy, the database stays as it is, and the sentence says why."""
    path = tmp_path / "catalog.db"
    Catalog(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET value = '4' WHERE key = 'schema'")
        db.execute("ALTER TABLE articles DROP COLUMN links")
        db.commit()

    def full(*_: object, **__: object) -> None:
        raise UserError("The disk is full")

    monkeypatch.setattr(snapshots, "copy_database", full)
    with pytest.raises(UserError, match="The disk is full"):
        Catalog(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == ("4",)


def test_only_two_copies_are_kept_for_thirty_days(tmp_path: Path) -> None:
    """A third copy replaces the oldest; copies are deleted by age."""
    path = tmp_path / "discord.db"
    database(path)
    for version in (3, 4, 9, 10):
        keep_before_migration(path, version)
        time.sleep(0.01)

    kept = copies_before_migrations(path)
    assert [one.name for one in kept] == ["discord.db.schema-10", "discord.db.schema-9"]
    os.utime(kept[1], (time.time() - 31 * 86_400,) * 2)
    delete_copies_before_migrations(path, snapshots.KEPT_DAYS)
    assert [one.name for one in copies_before_migrations(path)] == ["discord.db.schema-10"]


def test_purging_deletes_the_copies(tmp_path: Path) -> None:
    """What was purged is in no copy of the catalogue."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    library = libraries.open("harbour")
    receipt = library.add(draft_from_text("The ferry leaves.", key="h", source="h", markdown=False, title="Harbour"))
    path = tmp_path / "libraries/harbour/catalog.db"
    keep_before_migration(path, 5)
    assert library.remove(receipt.article_id, purge=True)
    libraries.close()

    assert copies_before_migrations(path) == []


def test_many_writers(tmp_path: Path) -> None:
    """Copies that are made while threads write are all consistent."""
    source = tmp_path / "a.db"
    database(source, 50)
    done = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(source, timeout=30)) as db:
            while not done.is_set():
                with db:
                    db.execute("INSERT INTO one VALUES ('n')")
                    db.execute("INSERT INTO two VALUES ('n')")

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(5):
            copy_database(source, tmp_path / f"copy{number}.db")
            one, two = counts(tmp_path / f"copy{number}.db")
            assert one == two
    finally:
        done.set()
        for thread in threads:
            thread.join()
