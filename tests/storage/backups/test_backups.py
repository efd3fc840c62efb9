"""Promises about backups: consistent, private, complete or not there; restored whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index.libraries.registry import Libraries
from index.models import UserError
from index.sources.loader import draft_from_text
from storage.backups import staging
from storage.backups.archive import MANIFEST
from storage.backups.restoring import restore_backup
from storage.backups.staging import is_half_restored
from storage.backups.writing import write_backup
from storage.database import Database
from storage.models import ServerSettings
from storage.process_lock import sole_process
from tests.conftest import ROOT
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


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Write a copy of a backup whose files, by name, were changed."""
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def with_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], None]:
    """Return a change of a backup's files that changes the manifest."""

    def apply(files: dict[str, bytes]) -> None:
        manifest = json.loads(files[MANIFEST])
        change(manifest)
        files[MANIFEST] = json.dumps(manifest).encode()

    return apply


def replace_database(name: str) -> Callable[[dict[str, bytes]], None]:
    """Return a change of a backup's files in which a database is none, although the manifest has its digest."""
    content = b"no database" * 1000

    def apply(files: dict[str, bytes]) -> None:
        manifest = json.loads(files[MANIFEST])
        member = next(one for one in manifest["members"] if one["name"] == name)
        member.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
        files.update({name: content, MANIFEST: json.dumps(manifest).encode()})

    return apply


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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda files: files.pop(MANIFEST), "lacks a file"),
        (lambda files: files.pop("calibration.json"), "not those of its manifest"),
        (lambda files: files.update({"libraries/x/lexical.db": b""}), "not those of its manifest"),
        (lambda files: files.update({"calibration.json": b"[]\n"}), "is not what was backed up"),
        (lambda files: files.update({"calibration.json": b"{}\n" * 9}), "longer than its manifest says"),
        (replace_database("discord.db"), "discord.db of the backup cannot be used as a database"),
        (replace_database("libraries/shared/catalog.db"), "catalog.db of the backup cannot be used as a database"),
        (lambda files: files.update({MANIFEST: b"[1]"}), "damaged"),
        (lambda files: files.update({MANIFEST: b"\xff"}), "damaged"),
        (with_manifest(lambda one: one.update(format="tar")), "another format"),
        (with_manifest(lambda one: one.update(format_version=2, verbatim="9.9")), r"newer version .*9\.9"),
        (with_manifest(lambda one: one["members"][0].update(schema=99)), "discord.db has schema 99"),
        (with_manifest(lambda one: one["members"][0].update(schema=1)), "another schema than its manifest"),
        (with_manifest(lambda one: one["members"][0].update(name="../discord.db")), "it holds '../discord.db'"),
        (with_manifest(lambda one: one["members"][0].update(name="/etc/passwd")), "it holds '/etc/passwd'"),
        (with_manifest(lambda one: one["members"].append(one["members"][0])), "names a file twice"),
        (with_manifest(lambda one: one.pop("left_out")), "damaged"),
    ],
)  # fmt: skip
def test_a_damaged_or_newer_backup_is_refused(
    change: Callable[[dict[str, bytes]], object], sentence: str, backup: Path, tmp_path: Path
) -> None:
    """It is one sentence, and nothing is restored."""
    changed = rewritten(backup, tmp_path / "changed.zip", change)

    with pytest.raises(UserError, match=sentence):
        restore_backup(changed, tmp_path / "new")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup.zip", "changed.zip", "data"]


def test_truncated_and_foreign_files(backup: Path, tmp_path: Path) -> None:
    """Half a backup, a text, a missing file and a folder are one sentence each."""
    content = backup.read_bytes()
    (tmp_path / "half.zip").write_bytes(content[: len(content) // 2])
    flipped = bytearray(content)
    flipped[len(content) // 3] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(flipped)
    (tmp_path / "text.zip").write_text("hello", encoding="utf-8")
    for name in ("half.zip", "flipped.zip", "text.zip", "none.zip", "data"):
        with pytest.raises(UserError):
            restore_backup(tmp_path / name, tmp_path / "new")
        assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method: int, backup: Path, tmp_path: Path) -> None:
    """Their modules raise errors of their own for damaged data, and a backup never uses them."""
    with zipfile.ZipFile(backup) as read, zipfile.ZipFile(tmp_path / "x.zip", "w", method) as written:
        for name in read.namelist():
            written.writestr(name, read.read(name))

    with pytest.raises(UserError, match="compressed otherwise"):
        restore_backup(tmp_path / "x.zip", tmp_path / "new")


def test_a_data_folder_that_is_used_stays(data: Path, backup: Path, tmp_path: Path) -> None:
    """A folder with anything in it, a file, and one in which a bot runs are refused and unchanged."""
    before = sorted(one.name for one in data.rglob("*"))
    with pytest.raises(UserError, match="is not empty"):
        restore_backup(backup, data)
    with pytest.raises(UserError, match="is a file"):
        restore_backup(backup, backup)
    with sole_process(tmp_path / "running"), pytest.raises(UserError, match=f"bot is running .* process {os.getpid()}"):
        restore_backup(backup, tmp_path / "running")
    assert sorted(one.name for one in data.rglob("*")) == before


def test_a_folder_that_is_used_meanwhile(backup: Path, tmp_path: Path) -> None:
    """If anything appears in the data folder while the backup is read, it stays, and nothing is restored."""
    new = tmp_path / "new"

    def use() -> None:
        new.mkdir(exist_ok=True)
        (new / "discord.db").write_bytes(b"mine")

    with pytest.raises(UserError, match="cannot be replaced"):
        restore_backup(backup, new, use)
    assert [one.read_bytes() for one in new.iterdir()] == [b"mine"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup.zip", "data", "new"]


def test_an_empty_folder_is_replaced(backup: Path, tmp_path: Path) -> None:
    """An existing empty folder, also one behind a link, takes what is restored, and keeps its permissions."""
    (tmp_path / "real").mkdir(mode=0o750)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    restore_backup(backup, tmp_path / "link")

    assert (tmp_path / "real/discord.db").exists()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o750


def test_a_mounted_volume(backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be replaced is filled from a folder in it; it counts as half restored until it is whole."""
    volume = tmp_path / "volume"
    (volume / "lost+found").mkdir(parents=True)
    monkeypatch.setattr(Path, "is_mount", lambda self: self == volume)
    moved: list[bool] = []
    rename = Path.rename

    def recording(self: Path, target: Path) -> Path:
        moved.append(is_half_restored(volume))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", recording)
    assert restore_backup(backup, volume).findings == {}

    assert sorted(one.name for one in volume.iterdir()) == ["calibration.json", "discord.db", "libraries", "lost+found"]
    assert len(moved) >= 3
    assert all(moved)
    assert not is_half_restored(volume)


def test_a_mounted_volume_after_a_failure(backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the middle leaves it empty; after a kill it is half restored, and restoring again makes it whole."""
    volume = tmp_path / "volume"
    volume.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda self: self == volume)
    rename = Path.rename
    done: list[Path] = []

    def failing(self: Path, target: Path) -> Path:
        if done:
            raise OSError("no more")
        done.append(self)
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", failing)
        with pytest.raises(UserError, match="no more"):
            restore_backup(backup, volume)
    assert list(volume.iterdir()) == []

    (volume / staging._INSIDE).mkdir()
    (volume / "discord.db").write_bytes(b"half")
    assert is_half_restored(volume)
    assert restore_backup(backup, volume).findings == {}
    assert not is_half_restored(volume)


RESTORE = """
import os, signal, sys
from pathlib import Path
from storage.backups import restoring
seen = 0
def step():
    pass
names = ("extract_all", "_check", "_leave_gap", "_flush")
limit = int(sys.argv[3])
def counting(function):
    def call(*arguments):
        global seen
        seen += 1
        if seen > limit:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)
    return call
for name in names:
    setattr(restoring, name, counting(getattr(restoring, name)))
restoring.restore_backup(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.parametrize("steps", [0, 3, 5])
def test_a_killed_restore_leaves_no_data_folder(steps: int, backup: Path, tmp_path: Path) -> None:
    """However far it came, the data folder is missing or whole, and restoring again works."""
    command = [sys.executable, "-c", RESTORE, str(backup), str(tmp_path / "new"), str(steps)]
    killed = subprocess.run(command, cwd=ROOT, check=False)

    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "new").exists()
    assert restore_backup(backup, tmp_path / "new").findings == {}


def test_too_little_room(backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with less room than the backup needs is named before anything is written."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(UserError, match="The disk is full: the backup needs"):
        restore_backup(backup, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_archive_is_a_plain_zip(backup: Path) -> None:
    """Other programs can read it and test it."""
    with zipfile.ZipFile(io.BytesIO(backup.read_bytes())) as archive:
        assert archive.testzip() is None
