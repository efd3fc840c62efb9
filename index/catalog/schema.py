"""The catalogue's tables and how its SQLite file is opened. SQLAlchemy Core, so that PostgreSQL can take its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table, event

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractContextManager
    from pathlib import Path

schema = MetaData()

_SCHEMA = "schema"  # the key in `meta` of how many migrations a catalogue has seen

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
    Column("author", String),
    Column("language", String),
    # JSON: the offsets at which pages begin, of a recording [offset, second] of each cue; NULL for a source without
    Column("pages", String),
    sqlite_autoincrement=True,
)

sources = Table(
    "sources",
    schema,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),  # private: may be a path of the machine
    Column("shown", String, nullable=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("origin", String),  # key of the folder or site that led to it
    Column("version", String),  # the loader's note on the state that was read
    Column("missing", String),  # when a refresh first found it gone, ISO 8601
    Column("titled", String),  # the title that somebody gave its article, whatever the source says
    Column("every", Float),  # hours between two looks at it; NULL where the setting says it
    Column("looked", String),  # when it was last looked at, ISO 8601
    sqlite_autoincrement=True,
)

origins = Table(
    "origins",
    schema,
    Column("key", String, primary_key=True),  # private: may be a path of the machine
    Column("pages", Integer),  # how many pages of a site may be added
    Column("depth", Integer),  # how many links away from its first page they may be
    Column("every", Float),  # as in `sources`
    Column("looked", String),
)

# By which articles are found that may be near duplicates, and those that are (`index.passages.near_duplicates`).
bands = Table(
    "bands",
    schema,
    Column("band", Integer, primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

near_duplicates = Table(
    "twins",
    schema,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),  # the later one
    Column("other_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# What could not be read at the last look, until it can; also of sources that never brought an article.
failures = Table(
    "failures",
    schema,
    Column("key", String, primary_key=True),  # private: may be a path of the machine
    Column("shown", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", String, nullable=False),  # ISO 8601
    Column("origin", String),  # key of the folder or site that led to it
)

# Sources of an origin whose articles were removed by hand: a refresh does not bring them back.
dismissed = Table("dismissed", schema, Column("key", String, primary_key=True))

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

# The history of the articles. A chain is what one article and the versions that took its place have in common.
events = Table(
    "events",
    schema,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),  # ISO 8601, UTC
    Column("by", String, nullable=False),  # who did it, as the caller names them; empty where nobody knows
    Column("what", String, nullable=False),
    Column("chain", Integer, nullable=False, index=True),
    Column("article_id", Integer, nullable=False, index=True),  # may be gone
    Column("title", String, nullable=False),
    Column("was", String),  # the title before
    Column("characters", Integer),  # how many came or went
    Column("passages", Integer),  # how many are new
    sqlite_autoincrement=True,
)

# What an article was before an event, for as long as it can be brought back.
versions = Table(
    "versions",
    schema,
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("title", String, nullable=False),
    Column("text", String, nullable=False),
    Column("published", String),
    Column("sections", String, nullable=False),
    Column("author", String),
    Column("language", String),
    Column("pages", String),
    Column("sources", String, nullable=False),  # JSON: an object for each
)

# What has changed since the first release, step by step; only ever appended to.
_MIGRATIONS = (
    (
        "ALTER TABLE articles ADD COLUMN author VARCHAR",
        "ALTER TABLE articles ADD COLUMN language VARCHAR",
        "ALTER TABLE articles ADD COLUMN pages VARCHAR",
        "ALTER TABLE sources ADD COLUMN origin VARCHAR",
        "ALTER TABLE sources ADD COLUMN version VARCHAR",
        "ALTER TABLE sources ADD COLUMN missing VARCHAR",
        "CREATE TABLE origins (key VARCHAR NOT NULL PRIMARY KEY, pages INTEGER)",
        "CREATE TABLE dismissed (key VARCHAR NOT NULL PRIMARY KEY)",
    ),
    (
        "ALTER TABLE sources ADD COLUMN titled VARCHAR",
        (
            "CREATE TABLE events (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at VARCHAR NOT NULL, "
            '"by" VARCHAR NOT NULL, what VARCHAR NOT NULL, chain INTEGER NOT NULL, article_id INTEGER NOT NULL, '
            "title VARCHAR NOT NULL, was VARCHAR, characters INTEGER, passages INTEGER)"
        ),
        "CREATE INDEX ix_events_chain ON events (chain)",
        "CREATE INDEX ix_events_article_id ON events (article_id)",
        (
            "CREATE TABLE versions (event_id INTEGER NOT NULL PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE, "
            "title VARCHAR NOT NULL, text VARCHAR NOT NULL, published VARCHAR, sections VARCHAR NOT NULL, "
            "author VARCHAR, language VARCHAR, pages VARCHAR, sources VARCHAR NOT NULL)"
        ),
    ),
    (
        "ALTER TABLE sources ADD COLUMN every FLOAT",
        "ALTER TABLE sources ADD COLUMN looked VARCHAR",
        "ALTER TABLE origins ADD COLUMN depth INTEGER",
        "ALTER TABLE origins ADD COLUMN every FLOAT",
        "ALTER TABLE origins ADD COLUMN looked VARCHAR",
        (
            "CREATE TABLE failures (key VARCHAR NOT NULL PRIMARY KEY, shown VARCHAR NOT NULL, "
            "reason VARCHAR NOT NULL, at VARCHAR NOT NULL, origin VARCHAR)"
        ),
    ),
    (
        (
            "CREATE TABLE bands (band INTEGER NOT NULL, article_id INTEGER NOT NULL REFERENCES articles (id) "
            "ON DELETE CASCADE, PRIMARY KEY (band, article_id)) WITHOUT ROWID"
        ),
        "CREATE INDEX ix_bands_article_id ON bands (article_id)",
        (
            "CREATE TABLE twins (article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, "
            "other_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, "
            "PRIMARY KEY (article_id, other_id)) WITHOUT ROWID"
        ),
        "CREATE INDEX ix_twins_other_id ON twins (other_id)",
    ),
)


def open_engine(path: Path, tables: MetaData = schema, *, read_only: bool = False) -> sa.Engine:
    """Open a database file, making its tables where they are missing; an older catalogue is brought up to date.

    Changes go through `writing`. With `read_only` nothing else can be changed, and the file has to be there. Raises
    sqlalchemy.exc.DatabaseError for a file that is no such database.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": 30}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_reading if read_only else _prepare)
    event.listen(engine, "begin", _begin)
    try:
        if _outdated(engine, tables):
            if read_only:
                open_engine(path, tables).dispose()
                return engine
            with writing(engine) as db:
                if tables is schema:
                    _update(db)
                else:
                    _complete(db, tables)
    except sa.exc.DatabaseError:
        engine.dispose()
        raise
    return engine


def writing(engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
    """Return a connection for one transaction that changes something; use it as a context.

    It takes SQLite's write lock as it begins, so that what it reads stays true until it commits.
    """
    return engine.execution_options(write=True).begin()


def _outdated(engine: sa.Engine, tables: MetaData) -> bool:
    if tables is schema:
        return _version(engine) != len(_MIGRATIONS)
    return bool(set(tables.tables) - set(sa.inspect(engine).get_table_names()) or _missing_columns(engine, tables))


def _missing_columns(bind: sa.Engine | sa.Connection, tables: MetaData) -> list[Column[Any]]:
    """Return the columns of tables that are there already but were made by an earlier version."""
    inspector = sa.inspect(bind)
    there = {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}
    known = [table for table in tables.sorted_tables if table.name in there]
    return [column for table in known for column in table.columns if column.name not in there[table.name]]


def _complete(db: sa.Connection, tables: MetaData) -> None:
    """Make what is missing of tables that only ever grow, by tables and by columns with a default."""
    for column in _missing_columns(db, tables):
        described = sa.schema.CreateColumn(column).compile(db.engine)
        db.exec_driver_sql(f"ALTER TABLE {column.table.name} ADD COLUMN {described}")
    tables.create_all(db)


def _version(bind: sa.Engine | sa.Connection) -> int | None:
    """Return how many migrations a catalogue has seen, None where it has no tables yet."""
    if not sa.inspect(bind).has_table("passages"):
        return None
    query = sa.select(meta.c.value).where(meta.c.key == _SCHEMA)
    if isinstance(bind, sa.Connection):
        return int(bind.execute(query).scalar() or 0)
    with bind.connect() as db:
        return int(db.execute(query).scalar() or 0)


def _update(db: sa.Connection) -> None:
    """Make the tables, or carry out the migrations that are still to come."""
    version = _version(db)  # once more, under the lock: another process may have been faster
    if version is None:
        schema.create_all(db)
        db.execute(meta.insert().values(key=_SCHEMA, value=str(len(_MIGRATIONS))))
        return
    for statement in (line for step in _MIGRATIONS[version:] for line in step):
        db.exec_driver_sql(statement)
    db.execute(meta.delete().where(meta.c.key == _SCHEMA))
    db.execute(meta.insert().values(key=_SCHEMA, value=str(max(version, len(_MIGRATIONS)))))


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin says so, not at the first change
    # What is deleted is overwritten: a removed article must not stay readable in the file.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reading(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin(connection: sa.Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
