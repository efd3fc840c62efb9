"""Copies of SQLite databases, made while others use them: of their last committed state, and complete or not there."""

from __future__ import annotations

import io
import os
import secrets
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from index.durable_files import UNFINISHED, delete_abandoned, sync_file, sync_folder
from index.models import UserError
from index.sqlite_errors import error_code, storage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

_PAGES: Final = 2048  # copied at once: some 8 MB, between which `on_step` is called
_IN_MEMORY: Final = 8 << 20  # bytes of a database up to which a brief copy is in memory
_BUSY_SECONDS: Final = 30.0
_UNWRITABLE: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_KEPT: Final = 2  # copies of one database from before a migration
KEPT_DAYS: Final = 30.0
"""Days that a copy from before a migration is kept: it has what was deleted from the database since."""

Change: TypeAlias = "Callable[[sqlite3.Connection], object]"
"""What is done to a copy before anybody else can see it."""


def copy_database(
    source: Path, target: Path, on_step: Callable[[], object] = lambda: None, change: Change | None = None
) -> None:
    """Write the last committed state of a database to a new file, which only its owner may read.

    Others may read and write `source` meanwhile: the copy is that of one read transaction. `on_step` is called between
    parts of a few megabytes; what it raises stops the copy. `change` is called with a connection to the copy. Raises
    UserError if the source cannot be read or the disk is full. After an error the target does not exist.
    """
    _copy_to_file(source, target, on_step)
    try:
        if change is not None:
            with closing(sqlite3.connect(target, isolation_level=None)) as copy:
                change(copy)
        sync_file(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@contextmanager
def brief_copy(
    source: Path,
    folder: Path,
    on_step: Callable[[], object] = lambda: None,
    change: Change = lambda _: None,
) -> Iterator[tuple[sqlite3.Connection, BinaryIO]]:
    """Yield a connection to a copy of a database as `copy_database` makes it, and the bytes of its file.

    `change` is called with a connection to the copy before. The copy is gone afterwards. It is in memory if it is
    small, since to create, flush and delete a file takes many times as long as to copy it; else it is a file in
    `folder`, which is not flushed.
    """
    log = source.with_name(f"{source.name}-wal")
    if sum(one.stat().st_size for one in (source, log) if one.exists()) <= _IN_MEMORY:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            try:
                _transfer(source, copy, on_step)
            except sqlite3.Error as error:
                raise _trouble(error, source) from error
            change(copy)
            yield copy, io.BytesIO(copy.serialize())
        return
    path = folder / f".{os.getpid()}-{secrets.token_hex(8)}{UNFINISHED}"
    _copy_to_file(source, path, on_step)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            change(copy)
        with closing(connect_immutable(path)) as copy, path.open("rb") as stream:
            yield copy, stream
    finally:
        path.unlink(missing_ok=True)


def keep_before_migration(path: Path, version: int, change: Change | None = None) -> None:
    """Keep a copy of a database beside it, before it is migrated from this version of its schema.

    `change` is called with a connection to the copy. Older copies than the last two are deleted. Raises UserError if
    the copy cannot be made: without it, nothing is to be migrated.
    """
    unfinished = path.with_name(f".{os.getpid()}-{secrets.token_hex(8)}{UNFINISHED}")
    delete_abandoned(path.parent)
    copy_database(path, unfinished, change=change)
    unfinished.replace(path.with_name(f"{path.name}.schema-{version}"))
    sync_folder(path.parent)
    for old in copies_before_migrations(path)[_KEPT:]:
        with suppress(OSError):
            old.unlink()


def copies_before_migrations(path: Path) -> list[Path]:
    """Return the copies of a database from before its migrations, the newest first."""
    copies = [one for one in path.parent.glob(f"{path.name}.schema-*") if one.suffix.removeprefix(".schema-").isdigit()]
    return sorted(copies, key=lambda one: (one.stat().st_mtime_ns, one.name), reverse=True)


def delete_copies_before_migrations(path: Path, older_than_days: float = 0.0) -> None:
    """Delete the copies of a database from before its migrations, all or those of a certain age."""
    for copy in copies_before_migrations(path):
        with suppress(FileNotFoundError):
            if time.time() - copy.stat().st_mtime >= older_than_days * 86_400:
                copy.unlink()


def find_damage(db: sqlite3.Connection) -> str | None:
    """Return what SQLite's quick check reports of a database that nobody else uses, None if it is sound."""
    try:
        found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else " ".join(found.split())


def connect_immutable(path: Path) -> sqlite3.Connection:
    """Return a connection for reading a file that nobody changes; it takes no locks and creates no files."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def connect_reading(path: Path) -> sqlite3.Connection:
    """Return a connection for reading, on a read-only disk too if nothing is in the write-ahead log."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
    connection.isolation_level = None
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.Error as error:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if error_code(error) not in _UNWRITABLE or (log.exists() and log.stat().st_size):
            raise
        connection = connect_immutable(path)
        connection.isolation_level = None
    return connection


def _copy_to_file(source: Path, target: Path, on_step: Callable[[], object]) -> None:
    """Copy to a new file, which is not flushed yet, and which does not exist after an error."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            copy.execute("PRAGMA journal_mode = OFF")
            _transfer(source, copy, on_step)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise _trouble(error, source) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _transfer(source: Path, copy: sqlite3.Connection, on_step: Callable[[], object]) -> None:
    """Copy what one read transaction sees to an empty database."""
    with closing(connect_reading(source)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()  # begins the snapshot
        reading.backup(copy, pages=_PAGES, progress=lambda *_: on_step())


def _trouble(error: sqlite3.Error, source: Path) -> UserError:
    if error_code(error) == sqlite3.SQLITE_FULL:
        return UserError(
            f"The disk is full: there is no room for a copy of {source.name}. Free some space and try again."
        )
    return storage_error(error, source) or UserError(f"{source.name} cannot be copied ({error}).")
