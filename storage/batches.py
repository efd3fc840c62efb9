"""Changes or deletes many rows in short transactions, so that noting an answer never waits long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import retried

if TYPE_CHECKING:
    from collections.abc import Generator

    import sqlalchemy as sa

BATCH: Final = 200
"""Rows that are written in one transaction."""


def delete_in_steps(
    engine: sa.Engine, table: sa.Table, condition: sa.ColumnElement[bool]
) -> Generator[None, None, int]:
    """Delete the rows for which a condition holds, a few in each step; return their number.

    The table needs a column `id`, and an index for the condition.
    """
    return (yield from change_in_steps(engine, table, condition, table.delete()))


def change_in_steps(
    engine: sa.Engine, table: sa.Table, condition: sa.ColumnElement[bool], change: sa.Update | sa.Delete
) -> Generator[None, None, int]:
    """Change the rows for which a condition holds, and then no longer does, as `delete_in_steps` deletes them."""
    changed, some = 0, select(table.c.id).where(condition).limit(BATCH)
    if engine.dialect.name == "postgresql":
        # Locked in one order, and those that another process changes meanwhile are looked at again. SQLite would go
        # through the table in that order, instead of using an index for the condition.
        some = some.order_by(table.c.id).with_for_update()

    @retried
    def step() -> int:
        with write_transaction(engine) as db:
            return db.execute(change.where(table.c.id.in_(some))).rowcount

    while True:
        count = step()
        changed += count
        if count < BATCH:
            return changed
        yield
