"""Counters of what each server imports in a day (UTC): pages, files and texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import insert_missing, one_transaction_each
from storage.schema import read_days


@one_transaction_each
class ImportCounters:
    """Daily import counters in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def read_today(self, guild_id: int) -> int:
        """Return how many items a server has imported today (UTC)."""
        own = (read_days.c.guild_id == guild_id) & (read_days.c.day == _today())
        with self._engine.connect() as db:
            return int(db.execute(select(read_days.c.count).where(own)).scalar() or 0)

    def count_read(self, guild_id: int, limit: int | None = None) -> bool:
        """Count one imported item, unless `limit` were counted today already; return whether it was counted.

        Counters of earlier days are deleted.
        """
        own, today = read_days.c.guild_id == guild_id, _today()
        with write_transaction(self._engine) as db:
            insert_missing(db, read_days, [{"guild_id": guild_id, "day": today, "count": 0}])
            more = read_days.update().where(own, read_days.c.day == today)
            if limit is not None:
                more = more.where(read_days.c.count < limit)
            counted = db.execute(more.values(count=read_days.c.count + 1)).rowcount > 0
            # Another process may be in another day for a moment; days beyond were counted by a wrong clock.
            db.execute(read_days.delete().where(own, (read_days.c.day < today) | (read_days.c.day > _today(days=1))))
        return counted

    def forget_server(self, guild_id: int) -> None:
        """Delete the counters of a server."""
        with write_transaction(self._engine) as db:
            db.execute(read_days.delete().where(read_days.c.guild_id == guild_id))


def _today(days: int = 0) -> str:
    """Return the date, or that some days later."""
    return (datetime.now(UTC) + timedelta(days)).date().isoformat()
