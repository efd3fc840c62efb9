"""The ids that a database gives next: none that was given before the move is given again after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import func, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def last_ids(db: sa.Connection, tables: Sequence[sa.Table]) -> dict[str, int]:
    """Return the last id that was given in each table whose ids the database gives, by the table's name."""
    found = {}
    for table in tables:
        column = id_column(table)
        if column is not None:
            highest = db.execute(select(func.max(column))).scalar() or 0
            found[table.name] = max(highest, _last_given(db, table))
    return found


def raise_ids(db: sa.Connection, tables: Sequence[sa.Table], last: Mapping[str, int]) -> None:
    """Let the next ids of these tables be higher than `last`, in the caller's transaction; none is lowered."""
    for table in tables:
        if last.get(table.name, 0) > _last_given(db, table):
            _set_last_given(db, table, last[table.name])


def id_column(table: sa.Table) -> sa.Column[Any] | None:
    """Return the column for which the database gives numbers if a row is inserted without one, or None."""
    return table.autoincrement_column


def _last_given(db: sa.Connection, table: sa.Table) -> int:
    """Return the last id that was given, 0 if none was or the database does not keep it."""
    if db.dialect.name == "sqlite":
        if not table.dialect_options["sqlite"]["autoincrement"]:
            return 0
        query = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return int(db.execute(query, {"name": table.name}).scalar() or 0)
    raise NotImplementedError


def _set_last_given(db: sa.Connection, table: sa.Table, last: int) -> None:
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return
    own = {"name": table.name, "last": last}
    change = sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name")
    if not db.execute(change, own).rowcount:
        db.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), own)
