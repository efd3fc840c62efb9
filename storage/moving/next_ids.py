"""The ids that a database gives next: none that was given before the move is given again after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import func, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def last_ids(db: sa.Connection, tables: Sequence[sa.Table]) -> dict[str, int]:
    """Return the last id that was given in each table whose ids the database gives, by the table's name."""
    found = {}
    for table in tables:
        if gives_ids(table):
            highest = db.execute(select(func.max(table.c.id))).scalar() or 0
            found[table.name] = max(highest, _last_given(db, table))
    return found


def gives_ids(table: sa.Table) -> bool:
    """Whether the database gives an id to each new row of a table."""
    return [column.name for column in table.primary_key] == ["id"]


def raise_ids(db: sa.Connection, tables: Sequence[sa.Table], last: Mapping[str, int]) -> None:
    """Let the next ids of these tables be higher than `last`, in the caller's transaction; none is lowered."""
    for table in tables:
        if table.name in last and last[table.name] > _last_given(db, table):
            _set_last_given(db, table, last[table.name])


def _last_given(db: sa.Connection, table: sa.Table) -> int:
    """Return the last id that was given, 0 if none was or the database does not keep it."""
    if db.dialect.name != "sqlite":
        found = db.execute(sa.text(f"SELECT last_value, is_called FROM {_sequence(db, table)}")).one()  # noqa: S608
        return int(found.last_value) if found.is_called else 0
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return 0
    query = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return int(db.execute(query, {"name": table.name}).scalar() or 0)


def _set_last_given(db: sa.Connection, table: sa.Table, last: int) -> None:
    if db.dialect.name != "sqlite":
        db.execute(sa.text("SELECT setval(:sequence, :last)"), {"sequence": _sequence(db, table), "last": last})
        return
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return
    own = {"name": table.name, "last": last}
    change = sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name")
    if not db.execute(change, own).rowcount:
        db.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), own)


def _sequence(db: sa.Connection, table: sa.Table) -> str:
    """Return the name of the sequence of a table in PostgreSQL, as it stands in a statement."""
    query = sa.text("SELECT pg_get_serial_sequence(:table, 'id')")
    return str(db.execute(query, {"table": table.name}).scalar_one())
