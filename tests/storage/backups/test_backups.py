"""Promises about backups: consistent, private, complete or not there; restored whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index.libraries.registry import Libraries
from index.models import UserError
from index.sources.loader import draft_from_text
from storage.backups.archive import MANIFEST
from storage.backups.restoring import restore_backup
from storage.backups.writing import write_backup
from storage.database import Database
from storage.models import ServerSettings
from tests.small_embedder import SmallEmbedder

TEXTS = {"shared": "The ferry leaves at seven. Dogs travel free.", "guild-7": "The inn closes at nine."}
GUILD = 7


def draft(text: str, key: str = "h") -> Any:
    return draft_from_text(text, key=key, source=key, markdown=False, title="Harbour")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """Return a data folder with two libraries, discord.db and a calibration, which are open and in use."""
    folder = tmp_path / "data"
    libraries = Libraries(folder, SmallEmbedder)
    for name, text in TEXTS.items():
        libraries.open(name).add(draft(text))
    with closing(Database(folder / "discord.db")) as database:
        database.server_settings.change(GUILD, lambda _: ServerSettings(paused=True))
        (folder / "calibration.json").write_text("{}\n", encoding="utf-8")
        yield folder
    libraries.close()


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    """Return a backup of the data folder."""
    write_backup(data, tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


def texts_in(folder: Path) -> dict[str, list[str]]:
    """Return the texts of each library."""
    libraries = Libraries(folder, SmallEmbedder)
    try:
        found = {name: [libraries.article(name, row.id) for row in libraries.open(name).articles()] for name in TEXTS}
        return {name: [one.text for one in articles if one] for name, articles in found.items()}
    finally:
        libraries.close()


def test_everything_comes_back(data: Path, backup: Path, tmp_path: Path) -> None:
    """Articles, settings and the calibration are as they were; indexes are filled again, and `check` finds nothing."""
    restored = restore_backup(backup, tmp_path / "new")

    assert (restored.articles, restored.findings) == (2, {})
    assert texts_in(tmp_path / "new") == {name: [text] for name, text in TEXTS.items()}
    with closing(Database(tmp_path / "new/discord.db")) as database:
        assert database.server_settings.get(GUILD).paused
    assert (tmp_path / "new/calibration.json").read_bytes() == (data / "calibration.json").read_bytes()
    assert backup.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup.zip", "data", "new"]


def test_the_manifest_proves_the_files(backup: Path) -> None:
    """It gives version, date, schemas and the SHA-256 of every file; indexes, locks and digests are not in it."""
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        digests = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}

    assert manifest["format"] == "verbatim-backup"
    assert {one["name"]: one["sha256"] for one in manifest["members"]} | {MANIFEST: digests[MANIFEST]} == digests
    assert sorted(digests) == [
        "calibration.json", "discord.db", "libraries/guild-7/catalog.db", "libraries/shared/catalog.db", MANIFEST,
    ]  # fmt: skip
    assert all((one["schema"] or 0) > 0 for one in manifest["members"] if one["name"].endswith(".db"))
    assert manifest["created"].endswith("+00:00")
    assert manifest["verbatim"]


def test_ids_of_after_the_backup_are_not_given_again(data: Path, backup: Path, tmp_path: Path) -> None:
    """An article that is added after restoring has another id than one that was added after the backup."""
    libraries = Libraries(data, SmallEmbedder)
    late = libraries.open("shared").add(draft("The last boat is the red one.", "late")).article_id
    libraries.close()

    restore_backup(backup, tmp_path / "new")
    libraries = Libraries(tmp_path / "new", SmallEmbedder)
    new = libraries.open("shared").add(draft("A bridge was built.", "bridge")).article_id
    libraries.close()

    assert new > late


def test_it_is_written_while_others_write(data: Path, tmp_path: Path) -> None:
    """Articles are added all the time; each library in the backup is consistent, with whole articles."""
    done = threading.Event()

    def add() -> None:
        libraries = Libraries(data, SmallEmbedder)
        number = 0
        while not done.is_set():
            number += 1
            libraries.open("shared").add(draft(f"Boat number {number} is blue.", f"k{number}"))
        libraries.close()

    thread = threading.Thread(target=add)
    thread.start()
    try:
        for number in range(3):
            write_backup(data, tmp_path / f"{number}.zip")
    finally:
        done.set()
        thread.join()

    for number in range(3):
        restored = restore_backup(tmp_path / f"{number}.zip", tmp_path / f"new{number}")
        assert restored.findings == {}
        assert restored.articles >= 2


def test_a_library_that_is_created_meanwhile(data: Path, tmp_path: Path) -> None:
    """It is in the backup if it may be in the memory: its ids would else be given again."""

    def create() -> None:
        if not (data / "libraries" / "guild-9").exists():
            with closing(Libraries(data, SmallEmbedder)) as libraries:
                libraries.open("guild-9").add(draft("The pier is closed."))

    written = write_backup(data, tmp_path / "backup.zip", on_step=create)
    assert "guild-9" in written.manifest.libraries


def test_no_file_is_overwritten_unasked(data: Path, tmp_path: Path) -> None:
    """An existing file stays, a folder and a missing folder are refused; with `overwrite` the file is replaced."""
    path = tmp_path / "mine.zip"
    path.write_bytes(b"precious")
    with pytest.raises(UserError, match="exists already"):
        write_backup(data, path)
    with pytest.raises(UserError, match="is a folder"):
        write_backup(data, tmp_path)
    with pytest.raises(UserError, match="There is no folder"):
        write_backup(data, tmp_path / "nowhere/b.zip")
    assert path.read_bytes() == b"precious"

    write_backup(data, path, overwrite=True)
    assert restore_backup(path, tmp_path / "new").articles == 2


@pytest.mark.skipif(os.name == "nt", reason="devices of Unix")
def test_a_device_is_not_replaced(data: Path, tmp_path: Path) -> None:
    """Root could replace /dev/null by a backup; it is refused, as a pipe is, also with `overwrite`."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="is a device"):
        write_backup(data, tmp_path / "pipe", overwrite=True)


def test_nothing_to_back_up(tmp_path: Path) -> None:
    """An empty data folder is one sentence, and no file."""
    with pytest.raises(UserError, match="holds nothing to back up"):
        write_backup(tmp_path / "data", tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_nothing(data: Path, tmp_path: Path) -> None:
    """What stops a backup leaves neither the file nor parts of it."""

    def stop() -> None:
        raise InterruptedError("stopped")

    with pytest.raises(UserError, match=r"b\.zip cannot be written"):
        write_backup(data, tmp_path / "b.zip", on_step=stop)
    assert list(tmp_path.iterdir()) == [data]


def test_a_damaged_library_is_named_and_left_out(data: Path, tmp_path: Path) -> None:
    """The others are backed up; who restores is told what is missing."""
    (data / "libraries/broken").mkdir()
    (data / "libraries/broken/catalog.db").write_bytes(b"no database" * 1000)
    path = data / "libraries/pages/catalog.db"
    shutil.copytree(data / "libraries/guild-7", path.parent)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\x55" * (len(content) - 4096 * 2)
    path.write_bytes(content)

    written = write_backup(data, tmp_path / "b.zip")
    restored = restore_backup(tmp_path / "b.zip", tmp_path / "new")

    assert set(written.damaged) == {"libraries/broken/catalog.db", "libraries/pages/catalog.db"}
    assert set(restored.manifest.left_out) == set(written.damaged)
    assert texts_in(tmp_path / "new") == {name: [text] for name, text in TEXTS.items()}


@pytest.mark.parametrize("loss", ["missing", "empty", "foreign"])
def test_a_lost_library_is_named(loss: str, data: Path, tmp_path: Path) -> None:
    """A catalogue that is gone, empty or another program's does not take the place of a good copy."""
    path = data / "libraries/guild-7/catalog.db"
    libraries = Libraries(data, SmallEmbedder)
    libraries.open("guild-7").check()  # makes the indexes
    libraries.close()
    for name in ("catalog.db", "catalog.db-wal", "catalog.db-shm"):
        path.with_name(name).unlink(missing_ok=True)
    if loss == "empty":
        path.touch()
    if loss == "foreign":
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE theirs (x)")
            db.commit()

    written = write_backup(data, tmp_path / "b.zip")
    assert list(written.damaged) == ["libraries/guild-7/catalog.db"]


def test_a_lost_discord_db_is_named(data: Path, tmp_path: Path) -> None:
    """If servers have libraries, discord.db was there: a backup without it says so, and displaces no older one."""
    for path in data.glob("discord.db*"):
        path.unlink()

    assert write_backup(data, tmp_path / "b.zip").damaged == {"discord.db": "it is missing or empty"}


def test_the_archive_is_a_plain_zip(backup: Path) -> None:
    """Other programs can read it and test it."""
    with zipfile.ZipFile(io.BytesIO(backup.read_bytes())) as archive:
        assert archive.testzip() is None
