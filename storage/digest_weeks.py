"""The weeks of which servers got their digest, so that each digest is sent once."""

from __future__ import annotations

import time
from typing import Final

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from index.trusted_clock import CLOCK_ERROR
from storage.concurrency import one_transaction_each, serialised
from storage.schema import digests

RETRY_SECONDS: Final = 900.0
"""How long after a failure a digest is tried again."""

_MAX_TRIES: Final = 5


@one_transaction_each
class DigestWeeks:
    """The last week of each server in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def claim_week(self, guild_id: int, week: str, *, settled: bool = True) -> int:
        """Claim the digest of the week before a Monday (ISO 8601), to be sent now; return the number of the try.

        It is 0 if nothing is due: it was sent, or another caller or an earlier process tried to within `RETRY_SECONDS`,
        or it failed five times. A server that never had one begins with the next week. A week in the future was claimed
        while the clock was ahead; it counts as this one if the clock is `settled`.
        """
        own, now = digests.c.guild_id == guild_id, time.time()
        with write_transaction(self._engine) as db:
            serialised(db, "digests", guild_id)
            row = db.execute(select(digests).where(own)).first()
            if row is not None and row.week > week and not settled:
                return 0
            if row is None or row.week > week:
                db.execute(digests.delete().where(own))
                db.execute(digests.insert().values(guild_id=guild_id, week=week, sent=True, tries=0, tried_at=now))
                return 0
            tries = row.tries + 1 if row.week == week else 1
            # By another process, whose clock may be ahead; or while this one waited.
            tried = -CLOCK_ERROR <= now - row.tried_at < RETRY_SECONDS
            if tries > 1 and (row.sent or tries > _MAX_TRIES or tried):
                return 0
            if row.week == week and row.sent:
                return 0
            db.execute(digests.update().where(own).values(week=week, sent=False, tries=tries, tried_at=now))
            return int(tries)

    def week_sent(self, guild_id: int, week: str) -> bool:
        """Store that the digest of a week was sent, or is given up; return whether it was not stored before."""
        own = (digests.c.guild_id == guild_id) & (digests.c.week == week) & digests.c.sent.is_(False)
        with write_transaction(self._engine) as db:
            return db.execute(digests.update().where(own).values(sent=True)).rowcount > 0

    def weeks(self) -> dict[int, tuple[str, bool]]:
        """Return for each server the Monday of its last digest, and whether that was sent."""
        with self._engine.connect() as db:
            return {row.guild_id: (row.week, row.sent) for row in db.execute(select(digests))}

    def forget_server(self, guild_id: int) -> None:
        """Delete what is stored about a server."""
        with write_transaction(self._engine) as db:
            db.execute(digests.delete().where(digests.c.guild_id == guild_id))
