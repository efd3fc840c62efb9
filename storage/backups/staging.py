"""A hidden folder in which a data folder is put together, until it takes the place of an empty one."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from index.durable_files import make_folder, sync_folder
from index.models import UserError
from storage.process_lock import running_process

if TYPE_CHECKING:
    from pathlib import Path

_INSIDE: Final = ".restoring"  # where the data folder cannot be replaced: a mounted volume
_HARMLESS: Final = frozenset({"lost+found", _INSIDE})
_ABANDONED_SECONDS: Final = 86_400.0


def is_half_restored(data_dir: Path) -> bool:
    """Whether a restore into a data folder was interrupted while files were put into it, so that it is not whole."""
    return (data_dir / _INSIDE).is_dir()


class Staging:
    """An empty folder beside the data folder, or in it if that cannot be replaced. Use it as a context manager.

    Unless `put_in_place` was called, it is deleted at the end. Raises UserError if the data folder is not empty.
    """

    def __init__(self, data_dir: Path) -> None:
        self._target = data_dir.resolve()
        self._moved: list[Path] = []
        _require_empty(self._target)
        _delete_abandoned(self._target)
        try:
            make_folder(self._target.parent)
            self.folder = self._create()
        except OSError as error:
            reason = error.strerror or error
            raise UserError(
                f"Nothing can be written beside or into {data_dir}: {reason}. Nothing was restored."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder.exists():
            for entry in self._moved:
                _delete(entry)
            shutil.rmtree(self.folder, ignore_errors=True)

    def put_in_place(self) -> None:
        """Make what the folder holds the data folder. Raises UserError if it is not empty any more."""
        _sync_folders(self.folder)
        if self.folder.parent == self._target:
            self._move_into()
            return
        try:
            if self._target.exists():
                shutil.copymode(self._target, self.folder)
                if os.name == "nt":
                    self._target.rmdir()
            self.folder.rename(self._target)  # fails if somebody has put anything there meanwhile
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"{self._target} cannot be replaced ({reason}). Nothing was restored.") from error
        sync_folder(self._target.parent)

    def _create(self) -> Path:
        if not self._target.is_mount():
            beside = self._target.with_name(f".{self._target.name}.restoring-{secrets.token_hex(4)}")
            with suppress(OSError):
                beside.mkdir(mode=0o700)
                return beside
        inside = self._target / _INSIDE
        inside.mkdir(mode=0o700, parents=True)
        return inside

    def _move_into(self) -> None:
        """Move every entry out of the folder. While it exists, commands refuse the data folder as half restored."""
        for entry in self.folder.iterdir():
            self._moved.append(entry.rename(self._target / entry.name))
        sync_folder(self._target)
        self.folder.rmdir()
        sync_folder(self._target)


def _require_empty(target: Path) -> None:
    """Raise UserError unless a folder is missing or empty; what an interrupted restore has left in it is deleted."""
    if not target.exists():
        return
    if not target.is_dir():
        raise UserError(f"{target} is a file. Name a folder that is empty or does not exist.")
    if is_half_restored(target):
        # Nothing else uses it: every command refuses such a folder.
        for entry in [one for one in target.iterdir() if one.name not in _HARMLESS]:
            _delete(entry)
        _delete(target / _INSIDE)
        return
    holder = running_process(target)
    if holder is not None:
        raise UserError(
            f"A bot is running with the data folder {target}: {holder}. A backup is restored into an empty folder: "
            "name one with --data-dir."
        )
    if any(one.name not in _HARMLESS for one in target.iterdir()):
        raise UserError(
            f"The data folder {target} is not empty, and a backup is restored into an empty one: move it away, or name "
            "another one with --data-dir."
        )


def _delete(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def _delete_abandoned(target: Path) -> None:
    """Delete what restores that were killed have left beside the data folder."""
    for path in target.parent.glob(f".{target.name}.restoring-*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(path)


def _sync_folders(folder: Path) -> None:
    """Flush the entries of a folder, and of those in it, to the disk."""
    for place, _, _ in os.walk(folder):
        sync_folder(folder / place)
