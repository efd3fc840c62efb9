"""Random rows for every table of a schema, and random changes of them: what a program could ever have stored."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from storage.moving.next_ids import gives_ids
from storage.moving.rows import key_columns, value_columns

TEXTS = ("", "a", "Ümlaut", "日本", "\U0001f600", "line\nbreak", "A", "é", "e\u0301", "0", "%", "'")


def fill(db: sa.Connection, tables: Sequence[sa.Table], chance: random.Random, rows: int = 5) -> None:
    """Insert up to `rows` random rows into each table; what they refer to is there."""
    for table in tables:
        for _ in range(chance.randint(0, rows)):
            given = ["id"] if gives_ids(table) else []
            values = {column.name: _value(db, column, chance) for column in table.columns if column.name not in given}
            if all(value is not None for name, value in values.items() if not table.c[name].nullable):
                _insert_if_free(db, table, values)


def change(db: sa.Connection, tables: Sequence[sa.Table], chance: random.Random) -> None:
    """Delete some rows, update others, and insert some."""
    for table in tables:
        for row in db.execute(sa.select(table)).mappings().all():
            own = [column == row[column.name] for column in key_columns(table)]
            match chance.randint(0, 3):
                case 0 if table.name not in {"vectors", "versions"}:  # those go with their passages and events
                    db.execute(table.delete().where(*own))
                case 1 if free := [one for one in value_columns(table) if _is_free(one)]:
                    column = chance.choice(free)
                    value = _value(db, column, chance)
                    if value is not None or column.nullable:
                        db.execute(table.update().where(*own).values({column.name: value}))
    fill(db, tables, chance, 3)


def _is_free(column: sa.Column[Any]) -> bool:
    """Whether a column may be updated: not what is unique, and not what never changes."""
    fixed = {"passages", "vectors", "bands", "twins", "versions"}
    unique = any(
        column.name in constraint.columns
        for constraint in column.table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    )
    return not (column.unique or unique or column.foreign_keys or column.table.name in fixed)


def _value(db: sa.Connection, column: sa.Column[Any], chance: random.Random) -> Any:
    if column.foreign_keys:
        referred = next(iter(column.foreign_keys)).column
        there = list(db.execute(sa.select(referred)).scalars())
        return chance.choice([*there, *([None] if column.nullable else [])] or [None])
    if column.nullable and chance.random() < 0.3:
        return None
    kinds: tuple[tuple[type[Any], Callable[[], Any]], ...] = (
        (sa.Boolean, lambda: chance.random() < 0.5),
        (sa.Float, lambda: chance.choice([0.0, 0.1, 1e300, 1_700_000_000.123456, chance.random()])),
        (sa.Integer, lambda: chance.choice([0, 1, -1, (1 << 63) - 1, chance.getrandbits(40)])),
        (sa.LargeBinary, lambda: chance.randbytes(chance.randint(0, 40))),
        (object, lambda: "".join(chance.choices(TEXTS, k=chance.randint(0, 3)))),
    )
    return next(make() for kind, make in kinds if isinstance(column.type, kind))


def _insert_if_free(db: sa.Connection, table: sa.Table, values: dict[str, Any]) -> None:
    with db.begin_nested() as point:
        try:
            db.execute(table.insert().values(values))
        except sa.exc.IntegrityError:
            point.rollback()
