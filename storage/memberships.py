"""Which application is in which servers, and since when a server has been missing from its list."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from index.catalog.engine import write_transaction
from index.trusted_clock import ClockReading, is_future
from storage.concurrency import insert_missing, one_transaction_each, serialised, upsert
from storage.schema import memberships

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import sqlalchemy as sa

GRACE_SECONDS: Final = 7 * 86400.0
"""How long a server must have been missing before it is forgotten."""


@one_transaction_each
class Memberships:
    """Servers of Discord applications in discord.db. Each change is one transaction.

    A data folder may be used by several applications, one after the other or in parts. A server is forgotten only when
    it is missing for every application that was in it.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def join(self, application_id: int, guild_id: int) -> None:
        """Record that an application is in a server."""
        with write_transaction(self._engine) as db:
            upsert(db, memberships, {"guild_id": guild_id, "application_id": application_id, "missing_since": None})

    def compare(
        self,
        application_id: int,
        present: Collection[int],
        is_ours: Callable[[int], bool] = lambda _: True,
        now: float | None = None,
        clock: ClockReading | None = None,
    ) -> list[int]:
        """Record the servers that an application is in; return those that have been missing for GRACE_SECONDS.

        `present` must be complete for the servers for which `is_ours` is true, those that this process would see.
        `now` is Unix time, by default the present one; how long a server has been missing is judged by `clock`, by
        default the same. Returned servers are missing for every application.
        """
        at = time.time() if now is None else now
        clock = clock or ClockReading(at)
        own = memberships.c.application_id == application_id
        with write_transaction(self._engine) as db:
            serialised(db, "memberships of application", application_id)
            recorded = {row.guild_id: row.missing_since for row in db.execute(select(memberships).where(own))}
            new = set(present) - set(recorded)
            rows = [{"guild_id": guild_id, "application_id": application_id} for guild_id in sorted(new)]
            insert_missing(db, memberships, rows)
            for guild_id, since in sorted(recorded.items()):
                if guild_id in present:
                    if since is not None:
                        _set_missing(db, application_id, guild_id, None)
                elif (since is None or is_future(since, clock)) and is_ours(guild_id):
                    _set_missing(db, application_id, guild_id, at)
            return [guild_id for guild_id in _gone(db, application_id, clock.trusted) if is_ours(guild_id)]

    def leave(self, application_id: int, guild_id: int) -> bool:
        """Record that an application was removed from a server; return whether no application is in it any more."""
        own = (memberships.c.application_id == application_id) & (memberships.c.guild_id == guild_id)
        with write_transaction(self._engine) as db:
            serialised(db, "memberships of server", guild_id)  # of two that leave at once, the second finds nobody
            db.execute(memberships.delete().where(own))
            there = (memberships.c.guild_id == guild_id) & memberships.c.missing_since.is_(None)
            return db.execute(select(memberships.c.guild_id).where(there)).first() is None

    def forget_server(self, guild_id: int) -> None:
        """Delete what is recorded about a server."""
        with write_transaction(self._engine) as db:
            db.execute(memberships.delete().where(memberships.c.guild_id == guild_id))


def _set_missing(db: sa.Connection, application_id: int, guild_id: int, since: float | None) -> None:
    one = (memberships.c.application_id == application_id) & (memberships.c.guild_id == guild_id)
    db.execute(memberships.update().where(one).values(missing_since=since))


def _gone(db: sa.Connection, application_id: int, now: float) -> list[int]:
    """Return the servers that this application has missed long enough, and that no other one is in."""
    long_ago = memberships.c.missing_since <= now - GRACE_SECONDS
    others = memberships.alias()
    elsewhere = select(others.c.guild_id).where(
        others.c.application_id != application_id, others.c.missing_since.is_(None)
    )
    query = select(memberships.c.guild_id).where(
        memberships.c.application_id == application_id, long_ago, memberships.c.guild_id.not_in(elsewhere)
    )
    return sorted(db.execute(query).scalars())
