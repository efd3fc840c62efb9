"""Restoring a backup: what is refused, and what becomes of the data folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.models import UserError
from storage.backups import staging
from storage.backups.archive import MANIFEST
from storage.backups.restoring import restore_backup
from storage.backups.staging import is_half_restored
from storage.process_lock import sole_process
from tests.conftest import ROOT
from tests.storage.backups.test_backups import backup as backup  # noqa: PLC0414 - a fixture
from tests.storage.backups.test_backups import data as data  # noqa: PLC0414 - a fixture


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
