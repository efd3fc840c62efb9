"""The turns of several processes to start sessions with Discord (IDENTIFY), in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from index.catalog.engine import write_transaction
from storage.cluster_models import StartClaim
from storage.shard_leases import NOW, SPACING, cluster, cluster_processes, identify_slots

if TYPE_CHECKING:
    from storage.shard_leases import ShardLeases

_CLAIMED_SECONDS: Final = 90.0  # that a process may take to connect; the slot of one that is gone is free earlier


class IdentifySlots:
    """One session start of the whole cluster at a time for each rate limit key. Used on the thread of the leases."""

    def __init__(self, leases: ShardLeases) -> None:
        self._process = leases.process
        self._engine = leases.engine

    def claim(self, key: int) -> StartClaim:
        """Claim the next start for a key, and count it; say how long to wait if it is not free."""
        with write_transaction(self._engine) as db:
            db.execute(insert(identify_slots).values(key=key, free_at=0.0).on_conflict_do_nothing())
            slot = identify_slots.c.key == key
            lives = (
                select(cluster_processes.c.process)
                .where(cluster_processes.c.process == identify_slots.c.process, cluster_processes.c.expires_at > NOW)
                .exists()
            )
            wait = sa.case(
                ((identify_slots.c.process == self._process) | (identify_slots.c.process.is_not(None) & ~lives), 0.0),
                else_=identify_slots.c.free_at - NOW,
            )
            seconds = db.execute(select(wait).where(slot).with_for_update(of=identify_slots)).scalar_one()
            if seconds > 0:
                return StartClaim(wait=float(seconds))
            left = cluster.update().where(cluster.c.remaining > 0)
            if db.execute(left.values(remaining=cluster.c.remaining - 1)).rowcount == 0:
                return StartClaim(is_used_up=True)
            claimed = identify_slots.update().where(slot)
            db.execute(claimed.values(process=self._process, free_at=NOW + _CLAIMED_SECONDS))
            return StartClaim()

    def end(self, key: int, *, started: bool) -> None:
        """Let others start a session: five seconds from now if one has started, else at once."""
        free_at = NOW + (SPACING if started else 0.0)
        own = (identify_slots.c.key == key) & (identify_slots.c.process == self._process)
        with write_transaction(self._engine) as db:
            db.execute(identify_slots.update().where(own).values(process=None, free_at=free_at))

    def record_remaining(self, remaining: int) -> int:
        """Store and return how many session starts are left."""
        with write_transaction(self._engine) as db:
            db.execute(cluster.update().values(remaining=remaining))
        return remaining
