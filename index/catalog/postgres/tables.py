"""The tables of PostgreSQL, derived from those of one library's SQLite file.

Each has the id of its library as a first column, in its keys, indexes and references too, and row-level security that
shows a transaction the rows of the library that it has set, and none if it has set none. So the same statements run on
both engines: the column fills itself, and no statement can leave it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from index.catalog.postgres.engine import LIBRARY, SCHEMA
from index.catalog.text_columns import CleanText

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLLATION: Final = "C"  # by bytes, as SQLite compares
_CURRENT: Final = f"nullif(current_setting('{LIBRARY}', true), '')::bigint"  # NULL outside of a library
_REFERENCE: Final = "library_id"

directory = sa.MetaData(schema=SCHEMA)

libraries = sa.Table(
    "libraries",
    directory,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("name", sa.String(collation=_COLLATION), nullable=False, unique=True),
    sa.Column("token", sa.BigInteger, nullable=False),  # random: tells one of the same name in another database apart
    sa.Column("writes", sa.BigInteger, nullable=False, server_default="0"),  # write transactions that have committed
)


def with_library(tables: sa.MetaData, schema: str = SCHEMA) -> sa.MetaData:
    """Return the tables of all libraries for those of one; `libraries` is among them, since they refer to it."""
    derived = sa.MetaData(schema=schema)
    libraries.to_metadata(derived)
    for table in tables.sorted_tables:
        _with_library(table, derived)
    return derived


def create_directory(db: sa.Connection) -> None:
    """Create the list of libraries, in the caller's transaction."""
    directory.create_all(db)
    for statement in _directory_policies(libraries):
        db.exec_driver_sql(statement)


def create_tables(db: sa.Connection, tables: sa.MetaData) -> None:
    """Create tables that `with_library` returned, in the caller's transaction; `libraries` exists already."""
    own = _without_directory(tables)
    tables.create_all(db, own)
    for table in own:
        for statement in _policies(table):
            db.exec_driver_sql(statement)


def vacuum_at_once(name: str) -> str:
    """Return the statement that lets autovacuum free what was deleted from a table in its next round (60 s).

    By default that waits until a fifth of all rows, of all libraries together, were removed.
    """
    return f"ALTER TABLE {name} SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 0)"


def force_policies(db: sa.Connection, tables: sa.MetaData, *, forced: bool) -> None:
    """Subject the owner to row-level security too, as always, or free it for a migration, in its transaction."""
    for table in _without_directory(tables):
        db.exec_driver_sql(f"ALTER TABLE {table.fullname} {'' if forced else 'NO '}FORCE ROW LEVEL SECURITY")


def _without_directory(tables: sa.MetaData) -> list[sa.Table]:
    return [table for table in tables.sorted_tables if table.name != libraries.name]


def _with_library(table: sa.Table, derived: sa.MetaData) -> None:
    library = sa.Column(_REFERENCE, sa.BigInteger, nullable=False, server_default=sa.text(_CURRENT))
    keys = [column.name for column in table.primary_key]
    columns = [_column(column, numbered=column is table.autoincrement_column) for column in table.c]
    unique = [sa.UniqueConstraint(_REFERENCE, column.name) for column in table.c if column.unique]
    new = sa.Table(table.name, derived, library, *columns, sa.PrimaryKeyConstraint(_REFERENCE, *keys), *unique)
    if not table.foreign_keys:  # others refer to it through their tables
        new.append_constraint(sa.ForeignKeyConstraint([_REFERENCE], [libraries.fullname + ".id"], ondelete="CASCADE"))
    for key in table.foreign_keys:
        target = f"{derived.schema}.{key.column.table.name}"
        both = [f"{target}.{_REFERENCE}", f"{target}.{key.column.name}"]
        new.append_constraint(sa.ForeignKeyConstraint([_REFERENCE, key.parent.name], both, ondelete=key.ondelete))
    for index in table.indexes:
        sa.Index(index.name, new.c[_REFERENCE], *(new.c[column.name] for column in index.columns))


def _column(column: sa.Column[object], *, numbered: bool) -> sa.Column[object]:
    """Return a copy without its constraints; a `numbered` one gets its values from a sequence, which repeats none."""
    kind = sa.String(collation=_COLLATION) if isinstance(column.type, (CleanText, sa.String)) else column.type
    identity = [sa.Identity()] if numbered else []
    return sa.Column(column.name, kind, *identity, nullable=column.nullable)


def _policies(table: sa.Table) -> Iterator[str]:
    name = table.fullname
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    own = f"{_REFERENCE} = {_CURRENT}"
    yield f"CREATE POLICY own_library ON {name} USING ({own}) WITH CHECK ({own})"
    yield vacuum_at_once(name)


def _directory_policies(table: sa.Table) -> Iterator[str]:
    """Yield what protects the list of libraries: it can be read and extended, a library changed only from within."""
    name = table.fullname
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY listed ON {name} FOR SELECT USING (true)"
    yield f"CREATE POLICY created ON {name} FOR INSERT WITH CHECK (true)"
    yield f"CREATE POLICY own_library ON {name} FOR UPDATE USING (id = {_CURRENT})"
    yield f"CREATE POLICY own_deletion ON {name} FOR DELETE USING (id = {_CURRENT})"
    yield f"ALTER TABLE {name} SET (fillfactor = 50)"  # each write transaction updates a row in its page
