"""Promises about backups whatever the engine: the same file, which goes into either, whole or refused."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from index.catalog import snapshots
from index.models import UserError
from storage.backups.archive import MANIFEST
from storage.backups.into_database import restore_into_database
from storage.backups.restoring import restore_backup
from storage.backups.rotation import write_scheduled
from storage.backups.writing import write_backup
from storage.moving import copier
from storage.moving.move import Move
from storage.moving.state import refuse_unfinished
from storage.moving.targets import side
from storage.schema import schema
from storage.stores import Stores
from tests.small_embedder import SmallEmbedder
from tests.storage.moving.filled_stores import add, content, ids, populate
from tests.storage.moving.random_rows import fill


def test_a_backup_of_one_engine_is_restored_on_the_other(sqlite: Stores, on_postgres: Stores, tmp_path: Path) -> None:
    """From SQLite into PostgreSQL, and from there into SQLite again, all rows are equal, and no id is given again."""
    populate(sqlite)
    (sqlite.data_dir / "calibration.json").write_text("{}\n", encoding="utf-8")
    wanted, last = content(sqlite), ids(sqlite, "shared")
    write_backup(sqlite, tmp_path / "one.zip")

    into = restore_into_database(tmp_path / "one.zip", on_postgres)
    written = write_backup(on_postgres, tmp_path / "two.zip")
    back = restore_backup(tmp_path / "two.zip", tmp_path / "back")

    assert (into.articles, into.findings, back.findings, written.damaged) == (3, {}, {}, {})
    assert content(on_postgres) == wanted == content(Stores(tmp_path / "back"))
    assert (tmp_path / "back/calibration.json").exists()
    names = [sorted(one.name for one in each.manifest.members) for each in (into, back)]
    assert names[0] == names[1]
    assert all(ids(on_postgres, "shared")[table] > last[table] for table in ("articles", "passages", "events"))
    assert add(Stores(tmp_path / "back"), "shared", "New.", "new") > ids(on_postgres, "shared")["articles"]
    assert [one.name for one in on_postgres.data_dir.iterdir()] == ["calibration.json"]
    with closing(on_postgres.libraries(SmallEmbedder)) as libraries:
        assert libraries.open("shared").check() == []


def test_an_interrupted_restore(
    sqlite: Stores, on_postgres: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bots refuse the database, another backup does not go into it; the same one does, and then it is whole."""
    monkeypatch.setattr(copier, "_TRANSACTION", 2000)
    populate(sqlite)
    write_backup(sqlite, tmp_path / "one.zip")
    add(sqlite, "shared", "The ferry leaves at eight.")
    write_backup(sqlite, tmp_path / "other.zip")
    left = iter(range(60))

    def stop() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_into_database(tmp_path / "one.zip", on_postgres, stop)
    with pytest.raises(UserError, match="not whole"):
        refuse_unfinished(on_postgres)
    with pytest.raises(UserError, match="from other stores"):
        restore_into_database(tmp_path / "other.zip", on_postgres)
    assert restore_into_database(tmp_path / "one.zip", on_postgres).findings == {}
    refuse_unfinished(on_postgres)
    with pytest.raises(UserError, match="before"):
        restore_into_database(tmp_path / "one.zip", on_postgres)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.pop(MANIFEST),
        lambda files: files.update({"discord.db": files["discord.db"][:-1] + b"x"}),
        lambda files: files.update({"libraries/shared/catalog.db": b""}),
    ],
)  # fmt: skip
def test_a_changed_backup_is_refused(
    change: Callable[[dict[str, bytes]], object], sqlite: Stores, on_postgres: Stores, tmp_path: Path
) -> None:
    """Nothing of it comes into the database."""
    populate(sqlite)
    write_backup(sqlite, tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as archive:
        for name, bytes_ in files.items():
            archive.writestr(name, bytes_)
    before = content(on_postgres)
    with pytest.raises(UserError, match="damaged"):
        restore_into_database(tmp_path / "changed.zip", on_postgres)
    assert content(on_postgres) == before
    refuse_unfinished(on_postgres)


@pytest.mark.parametrize("in_memory", [True, False])
def test_waiting_questions_are_left_out(
    in_memory: bool, sqlite: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions that wait for an answer are in no backup, not even as deleted rows."""
    if not in_memory:
        monkeypatch.setattr(snapshots, "_IN_MEMORY", 0)
    with closing(sqlite.database()) as database, database.writing() as db:
        fill(db, [schema.tables["accepted_questions"]], random.Random(1), 50)
        waiting = list(db.execute(sa.select(schema.tables["accepted_questions"])))
    sealed = [value for row in waiting for value in row if isinstance(value, bytes) and len(value) > 8]
    assert sealed

    write_backup(sqlite, tmp_path / "one.zip")

    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        copy = archive.read("discord.db")
    assert not [value for value in sealed if value in copy]


def test_a_scheduled_backup_of_postgres(sqlite: Stores, on_postgres: Stores, tmp_path: Path) -> None:
    """It is a file like any other, and leaves nothing beside it."""
    populate(sqlite)
    Move(side(sqlite), side(on_postgres)).run()
    with suppress(FileExistsError):
        (tmp_path / "kept").mkdir()
    written = write_scheduled(on_postgres, tmp_path / "kept", 3)
    assert written.manifest.libraries == ["guild-7", "shared"]
    assert len(list((tmp_path / "kept").iterdir())) == 1
