"""Turns errors of SQLite into sentences for users, and distinguishes a damaged file from one that is locked or full."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING, Final

from index.models import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_UNWRITABLE: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_INCOMPLETE: Final = ("no such table", "no such column")  # of SQLite's messages, which have no code of their own
_PRIMARY: Final = 0xFF  # the lower byte of an extended error code
_FULL_BYTES: Final = 1_000_000  # with less free space, SQLite's "disk I/O error" means a full disk


class StorageError(OperatorError):
    """A file of the data folder, or a database, cannot be read or written; nothing was changed.

    The message addresses the operator. `path` is the file, None if it is not known or if there is none.
    """

    def __init__(self, message: str, path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path


class LockedError(StorageError):
    """Another process has kept a file, or a library on PostgreSQL, locked for longer than a change waits."""


class UnreachableError(StorageError):
    """A database server cannot be reached, or did not answer in time. Later attempts may succeed."""


class TooSlowError(UnreachableError):
    """One statement took too long, or no connection was free: others may be answered at the same time."""


class SearchUnreachableError(UnreachableError):
    """A server of the indexes cannot be reached, or did not answer in time; the articles themselves can be read."""


class DamagedError(StorageError):
    """A file is no SQLite database, is another program's, was emptied, or parts of it were overwritten."""


def error_code(error: BaseException) -> int:
    """Return SQLite's primary result code, `SQLITE_ERROR` for an error of Python's own."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & _PRIMARY


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is damaged, or lacks tables, rather than locked, full or read-only."""
    return error_code(error) in _DAMAGED or str(error).startswith(_INCOMPLETE)


def storage_error(error: BaseException, path: Path) -> StorageError | None:
    """Return the sentence for an error of SQLite about a file; None if the error is not about the file."""
    code, name = error_code(error), path.name
    if code in _LOCKED:
        return LockedError(
            f"{name} is in use by another process, so nothing was changed; try again when that is done.", path
        )
    if code == sqlite3.SQLITE_FULL or (code in _UNWRITABLE | {sqlite3.SQLITE_IOERR} and _is_full(path)):
        return StorageError(
            f"The disk is full: {name} cannot be written, so nothing was changed. Free some space and try again.", path
        )
    if code in _UNWRITABLE:
        return StorageError(
            f"{name} cannot be opened for writing ({error}). DATA_DIR must be a folder in which this user may write.",
            path,
        )
    if code == sqlite3.SQLITE_IOERR:
        return StorageError(f"The disk reports an error for {name} ({error}). Check the disk, then try again.", path)
    if isinstance(error, sqlite3.Error) and is_damage(error):
        return damaged_library(path, f"it is damaged ({error})")
    return None


def damaged_library(path: Path, reason: str) -> DamagedError:
    """Return the error for the file of a library that must not be used, with a `reason` and what to do."""
    return DamagedError(
        f"The library file {path.parent.name}/{path.name} cannot be read: {reason}. "
        "Restore a copy of it, or move its folder away and add the articles again.",
        path,
    )


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _FULL_BYTES
    except OSError:
        return False
