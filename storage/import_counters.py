"""Counters of what each server imports in a day (UTC): pages, files and texts."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.schema import read_days


class ImportCounters:
    """Daily import counters in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def read_today(self, guild_id: int) -> int:
        """Return how many items a server has imported today (UTC)."""
        own = (read_days.c.guild_id == guild_id) & (read_days.c.day == _today())
        with self._engine.connect() as db:
            return int(db.execute(select(read_days.c.count).where(own)).scalar() or 0)

    def count_read(self, guild_id: int) -> None:
        """Count one imported item; counters of earlier days are deleted."""
        own, today = read_days.c.guild_id == guild_id, _today()
        with write_transaction(self._engine) as db:
            more = read_days.update().where(own, read_days.c.day == today).values(count=read_days.c.count + 1)
            if not db.execute(more).rowcount:
                db.execute(read_days.delete().where(own))
                db.execute(read_days.insert().values(guild_id=guild_id, day=today, count=1))

    def forget_server(self, guild_id: int) -> None:
        """Delete the counters of a server."""
        with write_transaction(self._engine) as db:
            db.execute(read_days.delete().where(read_days.c.guild_id == guild_id))


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
