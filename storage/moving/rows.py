"""Reads rows of a table in batches of bounded size, whatever the database: in the order of keys, or by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import select

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

Row = tuple[Any, ...]

STATE: Final = "moving"
"""Beginning of the keys in `meta` that belong to a move, and are not moved themselves."""

FIXED: Final = frozenset({"passages", "vectors", "bands", "twins", "versions"})
"""Tables whose rows are only inserted and deleted: those with the same key are the same."""

_SCHEMA: Final = "schema"  # key in `meta` of the number of migrations: each database has its own
_LAST: Final = frozenset({"changes"})  # an index that follows it then finds what it names
_ROWS: Final = 1000
_ROWS_WITH_TEXT: Final = 16  # a text may have some megabytes


def tables_in_order(schema: sa.MetaData, without: Collection[str] = ()) -> list[sa.Table]:
    """Return the tables, each after those that it refers to, and the log of changes last."""
    tables = [table for table in schema.sorted_tables if table.name not in without]
    return sorted(tables, key=lambda table: table.name in _LAST)


def names_of(columns: Sequence[sa.Column[Any]]) -> list[str]:
    """Return the names of columns."""
    return [column.name for column in columns]


def key_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns of the primary key."""
    return list(table.primary_key.columns)


def value_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the other columns."""
    return [column for column in table.columns if not column.primary_key]


def is_empty(db: sa.Connection, table: sa.Table) -> bool:
    """Whether a table has no rows, apart from what belongs to the database itself."""
    return db.execute(_moved(select(sa.literal(1)).select_from(table), table).limit(1)).first() is None


def batches(db: sa.Connection, table: sa.Table, columns: Sequence[sa.Column[Any]]) -> Iterator[list[Row]]:
    """Yield all rows in the order of the primary key; `columns` begin with its columns.

    The table may be changed meanwhile: each batch is a statement of its own, which begins after the last key.
    """
    keys, limit = key_columns(table), _limit(columns)
    query = _moved(select(*columns), table).order_by(*keys).limit(limit)
    found = [tuple(row) for row in db.execute(query)]
    while found:
        yield found
        if len(found) < limit:
            return
        found = [tuple(row) for row in db.execute(query.where(_after(keys, found[-1])))]


def with_keys(
    db: sa.Connection, table: sa.Table, columns: Sequence[sa.Column[Any]], keys: Sequence[Row]
) -> dict[Row, Row]:
    """Return the rows that have one of these keys, by their keys; the keys are in the order of the table.

    `columns` begin with those of the primary key. There may be rows with keys in between, too.
    """
    own = key_columns(table)
    query = _moved(select(*columns), table).where(_among(own, keys))
    return {tuple(row[: len(own)]): tuple(row) for row in db.execute(query)}


def parts(keys: Sequence[Row], columns: Sequence[sa.Column[Any]]) -> Iterator[Sequence[Row]]:
    """Yield keys in parts whose rows, with these columns, can be in memory together."""
    limit = _limit(columns)
    for first in range(0, len(keys), limit):
        yield keys[first : first + limit]


def _limit(columns: Sequence[sa.Column[Any]]) -> int:
    return _ROWS_WITH_TEXT if "text" in names_of(columns) else _ROWS


def _moved(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    """Leave out the rows that belong to the database itself."""
    if table.name != "meta":
        return query
    return query.where(table.c.key != _SCHEMA, ~table.c.key.startswith(STATE, autoescape=True))


def _after(keys: Sequence[sa.Column[Any]], last: Row) -> sa.ColumnElement[bool]:
    values = last[: len(keys)]
    return keys[0] > values[0] if len(keys) == 1 else sa.tuple_(*keys) > values


def _among(own: Sequence[sa.Column[Any]], keys: Sequence[Row]) -> sa.ColumnElement[bool]:
    """Return the condition for a batch of keys: a range of numbers; texts may be in another order elsewhere."""
    if all(isinstance(value, int) for value in (*keys[0], *keys[-1])):
        if len(own) == 1:
            return own[0].between(keys[0][0], keys[-1][0])
        return sa.and_(sa.tuple_(*own) >= keys[0], sa.tuple_(*own) <= keys[-1])
    if len(own) == 1:
        return own[0].in_([key[0] for key in keys])
    return sa.tuple_(*own).in_(keys)
