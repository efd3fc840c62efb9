"""Opens SQLite files with SQLAlchemy: the catalogue, and other databases whose tables are given."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, event

from index.catalog.migrations import is_current, migrate
from index.catalog.schema import schema
from index.sqlite_errors import LockedError, is_damage, storage_error

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy.pool import ConnectionPoolEntry

# Deleted rows are overwritten: a removed article must not remain readable in the file.
_WRITING: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")
_READ_ONLY: Final = ("query_only = ON",)
_TIMEOUT: Final = 30.0  # seconds that a locked file is waited for


def open_engine(path: Path, tables: MetaData = schema, *, read_only: bool = False) -> sa.Engine:
    """Open a database file; missing tables are created, and an older catalogue is migrated.

    Writes go through `write_transaction`. With `read_only` the connections refuse to write and the file must exist.
    Raises sqlalchemy.exc.DatabaseError if the file is not such a database; for a catalogue this and later errors of the
    file are StorageErrors, and one that a newer version wrote raises NewerSchemaError.
    """
    connect = partial(_connect, path, read_only=read_only, is_catalog=tables is schema)
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), creator=connect, hide_parameters=True)
    if tables is schema:
        event.listen(engine, "handle_error", partial(_raise_storage_error, path))
        event.listen(engine, "checkin", _on_checkin)
    event.listen(engine, "begin", _begin)
    try:
        if _is_outdated(engine, tables):
            if read_only:
                open_engine(path, tables).dispose()
                return engine
            with write_transaction(engine) as db:
                if tables is schema:
                    migrate(db)
                else:
                    _add_missing(db, tables)
    except BaseException:
        engine.dispose()
        raise
    return engine


def write_transaction(engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
    """Return a context manager for one write transaction, which yields its connection.

    The transaction takes SQLite's write lock when it begins, so that what it reads cannot change before it commits.
    """
    return engine.execution_options(write=True).begin()


def _is_outdated(engine: sa.Engine, tables: MetaData) -> bool:
    if tables is schema:
        return not is_current(engine)
    return bool(set(tables.tables) - set(sa.inspect(engine).get_table_names()) or _missing_columns(engine, tables))


def _missing_columns(bind: sa.Engine | sa.Connection, tables: MetaData) -> list[Column[Any]]:
    """Return the columns that existing tables, made by an earlier version, do not have."""
    inspector = sa.inspect(bind)
    existing = {
        name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()
    }
    known = [table for table in tables.sorted_tables if table.name in existing]
    return [column for table in known for column in table.columns if column.name not in existing[table.name]]


def _add_missing(db: sa.Connection, tables: MetaData) -> None:
    """Create missing tables and columns: this schema only ever grows, by tables and by columns with a default."""
    for column in _missing_columns(db, tables):
        described = sa.schema.CreateColumn(column).compile(db.engine)
        db.exec_driver_sql(f"ALTER TABLE {column.table.name} ADD COLUMN {described}")
    tables.create_all(db)


def _connect(path: Path, *, read_only: bool, is_catalog: bool) -> sqlite3.Connection:
    """Return a new connection; one that can only read if a catalogue cannot be written, as on a full disk.

    Errors of a catalogue are StorageErrors, which name the file.
    """
    try:
        return _set_up(sqlite3.connect(path, timeout=_TIMEOUT, check_same_thread=False), read_only=read_only)
    except sqlite3.Error as error:
        trouble = storage_error(error, path) if is_catalog else None
        if trouble is None or is_damage(error) or isinstance(trouble, LockedError) or not _is_complete(path):
            raise trouble or error from error
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return _set_up(sqlite3.connect(uri, uri=True, check_same_thread=False, factory=_FallbackConnection), read_only=True)


def _set_up(connection: sqlite3.Connection, *, read_only: bool) -> sqlite3.Connection:
    connection.isolation_level = None  # `_begin` starts transactions, not sqlite3 at the first change
    try:
        for pragma in _READ_ONLY if read_only else _WRITING:
            connection.execute(f"PRAGMA {pragma}")
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


def _raise_storage_error(path: Path, context: sa.engine.ExceptionContext) -> None:
    error = context.original_exception
    if isinstance(error, sqlite3.Error) and (trouble := storage_error(error, path)):
        raise trouble from error


def _begin(connection: sa.Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
