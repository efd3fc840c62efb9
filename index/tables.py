"""The catalogue's tables and how its SQLite file is opened. SQLAlchemy Core, so that PostgreSQL can take its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, event

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

schema = MetaData()

meta = Table("meta", schema, Column("key", String, primary_key=True), Column("value", String, nullable=False))

articles = Table(
    "articles",
    schema,
    Column("id", Integer, primary_key=True),
    Column("title", String, nullable=False),
    Column("text", String, nullable=False),
    Column("published", String),
    Column("sections", String, nullable=False),  # JSON: [[start, end, heading], ...]
    Column("text_digest", LargeBinary, nullable=False, index=True),  # finds the same text under another name
    sqlite_autoincrement=True,
)

sources = Table(
    "sources",
    schema,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),  # private: may be a path of the machine
    Column("shown", String, nullable=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_autoincrement=True,
)

passages = Table(
    "passages",
    schema,
    Column("id", Integer, primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("heading", String, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # little-endian float32, unit length
    Column("digest", LargeBinary, nullable=False),  # of text and vector: proves that they belong together
    sqlite_autoincrement=True,
)


def open_engine(path: Path, tables: MetaData = schema, *, read_only: bool = False) -> sa.Engine:
    """Open a database file, making it and its tables where they are missing.

    A connection with the execution option `write=True` takes SQLite's write lock when its transaction
    begins, so that what it reads stays true until it commits. With `read_only` nothing can be changed, and
    the file has to be there. Raises sqlalchemy.exc.DatabaseError for a file that is no such database.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_reading if read_only else _prepare)
    event.listen(engine, "begin", _begin)
    try:
        missing = set(tables.tables) - set(sa.inspect(engine).get_table_names())
        if missing and not read_only:
            with engine.execution_options(write=True).begin() as db:
                tables.create_all(db)
    except sa.exc.DatabaseError:
        engine.dispose()
        raise
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin says so, not at the first change
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reading(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin(connection: sa.Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
