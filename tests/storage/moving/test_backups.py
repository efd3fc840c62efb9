"""Promises about backups whatever the engine: the same file, which goes into either, whole or refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

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
from storage.stores import Stores
from tests.small_embedder import SmallEmbedder
from tests.storage.moving.filled_stores import add, content, ids, populate


def test_a_backup_of_one_engine_is_restored_on_the_other(sqlite: Stores, postgres: Stores, tmp_path: Path) -> None:
    """From SQLite into PostgreSQL, and from there into SQLite again, all rows are equal, and no id is given again."""
    populate(sqlite)
    (sqlite.data_dir / "calibration.json").write_text("{}\n", encoding="utf-8")
    wanted, last = content(sqlite), ids(sqlite, "shared")
    write_backup(sqlite, tmp_path / "one.zip")

    into = restore_into_database(tmp_path / "one.zip", postgres)
    written = write_backup(postgres, tmp_path / "two.zip")
    back = restore_backup(tmp_path / "two.zip", tmp_path / "back")

    assert (into.articles, into.findings, back.findings, written.damaged) == (3, {}, {}, {})
    assert content(postgres) == wanted == content(Stores(tmp_path / "back"))
    assert (tmp_path / "back/calibration.json").exists()
    names = [sorted(one.name for one in each.manifest.members) for each in (into, back)]
    assert names[0] == names[1]
    assert all(ids(postgres, "shared")[table] > last[table] for table in ("articles", "passages", "events"))
    assert add(Stores(tmp_path / "back"), "shared", "New.", "new") > ids(postgres, "shared")["articles"]
    assert [one.name for one in postgres.data_dir.iterdir()] == ["calibration.json"]
    with closing(postgres.libraries(SmallEmbedder)) as libraries:
        assert libraries.open("shared").check() == []


def test_an_interrupted_restore(
    sqlite: Stores, postgres: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
        restore_into_database(tmp_path / "one.zip", postgres, stop)
    with pytest.raises(UserError, match="not whole"):
        refuse_unfinished(postgres)
    with pytest.raises(UserError, match="from other stores"):
        restore_into_database(tmp_path / "other.zip", postgres)
    assert restore_into_database(tmp_path / "one.zip", postgres).findings == {}
    refuse_unfinished(postgres)
    with pytest.raises(UserError, match="before"):
        restore_into_database(tmp_path / "one.zip", postgres)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.pop(MANIFEST),
        lambda files: files.update({"discord.db": files["discord.db"][:-1] + b"x"}),
        lambda files: files.update({"libraries/shared/catalog.db": b""}),
    ],
)  # fmt: skip
def test_a_changed_backup_is_refused(
    change: Callable[[dict[str, bytes]], object], sqlite: Stores, postgres: Stores, tmp_path: Path
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
    before = content(postgres)
    with pytest.raises(UserError, match="damaged"):
        restore_into_database(tmp_path / "changed.zip", postgres)
    assert content(postgres) == before
    refuse_unfinished(postgres)


def test_a_scheduled_backup_of_postgres(sqlite: Stores, postgres: Stores, tmp_path: Path) -> None:
    """It is a file like any other, and leaves nothing beside it."""
    populate(sqlite)
    Move(side(sqlite), side(postgres)).run()
    with suppress(FileExistsError):
        (tmp_path / "kept").mkdir()
    written = write_scheduled(postgres, tmp_path / "kept", 3)
    assert written.manifest.libraries == ["guild-7", "shared"]
    assert len(list((tmp_path / "kept").iterdir())) == 1
