"""Opens the SQLite file of a catalogue with SQLAlchemy."""

from __future__ import annotations

import sqlite3
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.util import LRUCache

from index.catalog.migrations import is_current, migrate
from index.catalog.numbered_migrations import ForeignFileError
from index.models import UserError
from index.sqlite_errors import LockedError, damaged_library, is_damage, storage_error

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy.pool import ConnectionPoolEntry

# Deleted rows are overwritten: what was removed, or what a member had deleted, must not remain readable in the file.
_WRITING: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")
_READ_ONLY: Final = ("query_only = ON",)
_SMALLEST_PAGE: Final = 512  # bytes
_TIMEOUT: Final = 30.0  # seconds that a locked file is waited for
# A host of many servers has many catalogues open, each with a few connections, and opens and closes them all the time.
# All use the same statements, so that these are compiled once, and not again for each library that is asked.
_PREPARED: Final = 32  # statements that a connection keeps; 128 by default
_COMPILED: Final = LRUCache[Any, Any](400)  # statements of all catalogues


def open_engine(path: Path, *, read_only: bool = False, may_be_new: bool = True) -> sa.Engine:
    """Open a catalogue, which is created if it is missing and migrated if an earlier version wrote it.

    Writes go through `write_transaction`. With `read_only` the connections refuse to write and the file must exist.
    Raises StorageError if the file cannot be read, as do later statements, NewerSchemaError if a newer version wrote
    it, and DamagedError if another program did, or if it is missing or empty although it may not be new.
    """
    if is_lost(path, may_be_new=may_be_new):
        raise damaged_library(path, "it is missing or empty, though there were articles")
    connect = partial(_connect, path, read_only=read_only)
    address = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(address, creator=connect, hide_parameters=True)
    engine.dialect = _shared_dialect()  # compiled statements belong to a dialect
    engine.update_execution_options(compiled_cache=_COMPILED)
    event.listen(engine, "checkin", _on_checkin)
    event.listen(engine, "begin", begin)
    try:
        if not is_current(engine):
            if read_only:
                open_engine(path, may_be_new=may_be_new).dispose()
                return engine
            with write_transaction(engine) as db:
                if not (may_be_new or sa.inspect(db).get_table_names()):
                    raise damaged_library(path, "it has no tables, though there were articles")
                migrate(db)
            truncate_log(engine)  # of a migration it may be as large as the file
    except ForeignFileError as error:
        engine.dispose()
        raise damaged_library(path, "it is a database of another kind") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


@cache
def _shared_dialect() -> sa.Dialect:
    """Return the dialect of all catalogues, which has learnt the version of SQLite from a first connection.

    It has the listener for errors, too: SQLAlchemy calls that of the dialect.
    """
    engine = sa.create_engine("sqlite://")
    engine.connect().close()
    engine.dispose()
    event.listen(engine, "handle_error", _raise_storage_error)
    return engine.dialect


def is_lost(path: Path, *, may_be_new: bool) -> bool:
    """Whether a database is missing or empty although it must not be: SQLite would create it, and delete its log.

    SQLite takes a file of less than a page for an empty one, too.
    """
    size = path.stat().st_size if path.exists() else 0
    if size >= _SMALLEST_PAGE:
        return False
    log = path.with_name(f"{path.name}-wal")
    return size > 0 or not may_be_new or (log.exists() and log.stat().st_size > 0)


def write_transaction(engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
    """Return a context manager for one write transaction, which yields its connection.

    The transaction takes SQLite's write lock when it begins, so that what it reads cannot change before it commits.
    """
    return engine.execution_options(write=True).begin()


def truncate_log(engine: sa.Engine) -> None:
    """Move what is in the write-ahead log to the file, and empty the log, as far as nobody is reading it."""
    connection = engine.raw_connection()  # a checkpoint cannot run in a transaction
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def configure(connection: sqlite3.Connection, *, read_only: bool) -> None:
    """Prepare a new connection for `begin`; with `read_only` it refuses to write."""
    connection.isolation_level = None  # `begin` starts transactions, not sqlite3 at the first change
    for pragma in _READ_ONLY if read_only else _WRITING:
        connection.execute(f"PRAGMA {pragma}")


def begin(connection: sa.Connection) -> None:
    """Begin a transaction as `write_transaction` asks for it: the listener for an engine's event "begin"."""
    mode = "IMMEDIATE" if connection.get_execution_options().get("write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Return a new connection, or one that can only read if the file cannot be written, as on a full disk.

    Raises StorageError, which names the file.
    """
    try:
        made = sqlite3.connect(path, timeout=_TIMEOUT, check_same_thread=False, cached_statements=_PREPARED)
        return _set_up(made, read_only=read_only)
    except sqlite3.Error as error:
        trouble = storage_error(error, path)
        if trouble is None or is_damage(error) or isinstance(trouble, LockedError) or not _is_complete(path):
            raise trouble or error from error
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return _set_up(sqlite3.connect(uri, uri=True, check_same_thread=False, factory=_FallbackConnection), read_only=True)


def _set_up(connection: sqlite3.Connection, *, read_only: bool) -> sqlite3.Connection:
    try:
        configure(connection, read_only=read_only)
        connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone()  # opens the log, which may fail
    except BaseException:
        connection.close()
        raise
    return connection


def _is_complete(path: Path) -> bool:
    """Whether a file has all its data, none of it in a write-ahead log, so that it can be read without the log."""
    log = path.with_name(f"{path.name}-wal")
    return path.exists() and not (log.exists() and log.stat().st_size)


class _FallbackConnection(sqlite3.Connection):
    """A connection to a file that cannot be written: used once, since the next one may be able to write again."""


def _on_checkin(connection: object, record: ConnectionPoolEntry) -> None:
    if isinstance(connection, _FallbackConnection):
        record.invalidate(soft=True)


def _raise_storage_error(context: sa.engine.ExceptionContext) -> None:
    error, engine = context.original_exception, context.engine
    if isinstance(error, UserError):  # of a column's type: SQLAlchemy would wrap it
        raise error
    if isinstance(error, sqlite3.Error) and engine is not None and engine.url.database:
        path = Path(engine.url.database)
        if trouble := storage_error(error, path):
            raise trouble from error
