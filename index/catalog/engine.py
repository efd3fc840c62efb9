"""Opens SQLite files with SQLAlchemy: the catalogue, and other databases whose tables are given."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, event

from index.catalog.migrations import is_current, migrate
from index.catalog.schema import schema
from index.sqlite_errors import storage_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

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
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": _TIMEOUT}, hide_parameters=True
    )
    if tables is schema:
        event.listen(engine, "handle_error", partial(_raise_storage_error, path))
    event.listen(engine, "connect", partial(_on_connect, path, _READ_ONLY if read_only else _WRITING, tables is schema))
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


def _on_connect(
    path: Path, pragmas: Sequence[str], named: bool, connection: sqlite3.Connection, _record: object
) -> None:
    """Set up a connection; with `named`, errors are StorageErrors, which name the file."""
    connection.isolation_level = None  # `_begin` starts transactions, not sqlite3 at the first change
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error as error:
        connection.close()
        raise (storage_error(error, path) if named else None) or error from error


def _raise_storage_error(path: Path, context: sa.engine.ExceptionContext) -> None:
    error = context.original_exception
    if isinstance(error, sqlite3.Error) and (trouble := storage_error(error, path)):
        raise trouble from error


def _begin(connection: sa.Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
