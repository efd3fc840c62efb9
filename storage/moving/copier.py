"""Makes the tables of one database equal to those of another, in batches, and again after either was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import sqlalchemy as sa

from storage.moving.rows import FIXED, batches, is_empty, key_columns, names_of, parts, value_columns, with_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storage.moving.rows import Row

_TRANSACTION: Final = 8_000_000  # bytes, about, that are written in one

_IDLE: Final = 3600.0  # seconds


@dataclass(slots=True)
class Written:
    """The numbers of rows that were inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)


class Writer:
    """Writes rows in transactions of some megabytes, each of which is durable when the next begins.

    `on_step` is called after each. Use it as a context manager: after an error the last transaction is undone, earlier
    ones are not.
    """

    def __init__(self, engine: sa.Engine, on_step: Callable[[], object] = lambda: None) -> None:
        self.written = Written()
        # What is read between two statements may take longer than a bot may idle in a transaction.
        self.db = engine.execution_options(write=True, idle=_IDLE).connect()
        self._on_step = on_step
        self._bytes = 0

    def __enter__(self) -> Self:
        self.db.begin()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        with self.db:
            if error is None:
                self.db.commit()

    def insert(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Insert rows with the values of all columns: those of the key, then the others."""
        names = names_of([*key_columns(table), *value_columns(table)])
        self.db.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])
        self.written.inserted += len(rows)
        self._wrote(rows)

    def update(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Update the rows that have these keys to these values."""
        keys = key_columns(table)
        own = [column == sa.bindparam(f"key_{column.name}") for column in keys]
        values: dict[str, sa.BindParameter[Any]] = {
            column.name: sa.bindparam(f"new_{column.name}") for column in value_columns(table)
        }
        names = [*(f"key_{column.name}" for column in keys), *(f"new_{name}" for name in values)]
        change = table.update().where(*own).values(values)
        self.db.execute(change, [dict(zip(names, row, strict=True)) for row in rows])
        self.written.updated += len(rows)
        self._wrote(rows)

    def delete(self, table: sa.Table, keys: Sequence[Row]) -> None:
        """Delete the rows that have these keys, and those that refer to them."""
        own = [column == sa.bindparam(f"key_{column.name}") for column in key_columns(table)]
        names = [f"key_{column.name}" for column in key_columns(table)]
        self.db.execute(table.delete().where(*own), [dict(zip(names, key, strict=True)) for key in keys])
        self.written.deleted += len(keys)
        self._wrote(keys)

    def _wrote(self, rows: Iterable[Row]) -> None:
        self._bytes += sum(_size(row) for row in rows)
        if self._bytes > _TRANSACTION:
            self._bytes = 0
            self.db.commit()
            self._on_step()
            self.db.begin()


def synchronise(source: sa.Connection, target: Writer, tables: Sequence[sa.Table]) -> Written:
    """Make tables of the target equal to those of the source, which is read in one transaction; return what it took.

    `tables` are in the order of `tables_in_order`. Where nothing is yet, everything is copied; after an interruption,
    or a change of the source, what differs is. At every moment each row of the target refers to rows that are there.
    """
    for table in reversed(tables):
        _delete_what_is_gone(source, target, table)
    for table in tables:
        _copy(source, target, table)
    return target.written


def clear(target: Writer, tables: Sequence[sa.Table]) -> None:
    """Delete all rows of tables, which are in the order of `tables_in_order`."""
    for table in reversed(tables):
        for keys in batches(target.db, table, key_columns(table)):
            target.delete(table, keys)


def _delete_what_is_gone(source: sa.Connection, target: Writer, table: sa.Table) -> None:
    own = key_columns(table)
    for keys in batches(target.db, table, own):
        there = with_keys(source, table, own, keys)
        gone = [key for key in keys if key not in there]
        if gone:
            target.delete(table, gone)


def _copy(source: sa.Connection, target: Writer, table: sa.Table) -> None:
    columns = [*key_columns(table), *value_columns(table)]
    if is_empty(target.db, table):
        for rows in batches(source, table, columns):
            target.insert(table, rows)
    elif table.name in FIXED:
        _copy_missing(source, target, table)
    else:
        _copy_different(source, target, table)


def _copy_missing(source: sa.Connection, target: Writer, table: sa.Table) -> None:
    own = key_columns(table)
    columns = [*own, *value_columns(table)]
    for keys in batches(source, table, own):
        there = with_keys(target.db, table, own, keys)
        missing = [key for key in keys if key not in there]
        for some in parts(missing, columns):
            found = with_keys(source, table, columns, some)
            target.insert(table, [found[key] for key in some])


def _copy_different(source: sa.Connection, target: Writer, table: sa.Table) -> None:
    columns, width = [*key_columns(table), *value_columns(table)], len(key_columns(table))
    for rows in batches(source, table, columns):
        there = with_keys(target.db, table, columns, [row[:width] for row in rows])
        missing = [row for row in rows if row[:width] not in there]
        if missing:
            target.insert(table, missing)
        changed = [row for row in rows if there.get(row[:width], row) != row]
        if changed:
            target.update(table, changed)


def _size(row: Row) -> int:
    return 8 * len(row) + sum(len(value) for value in row if isinstance(value, str | bytes))
