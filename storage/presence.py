"""When each shard of the bot was last connected to Discord, in discord.db."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import one_transaction_each, upsert
from storage.schema import meta

if TYPE_CHECKING:
    from collections.abc import Collection

    import sqlalchemy as sa

_KEY: Final = "connected_at"  # of versions before shards had times of their own; the others begin with it


@one_transaction_each
class Presence:
    """The last time at which each shard was connected, by whichever process.

    So the process that runs a shard next, after a restart or in place of one that is gone, knows how long it was away.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def last_connected(self, shard: int = 0, shards: int = 1) -> float | None:
        """Return the Unix time at which one of `shards` shards was last connected.

        With another number of shards than before, it is that of the shard that was connected last; None without any.
        """
        with self._engine.connect() as db:
            rows = db.execute(select(meta).where(meta.c.key.startswith(_KEY))).all()
        stored = {row.key: at for row in rows if (at := _time(row.value)) is not None}
        return stored.get(_key(shard, shards), max(stored.values(), default=None))

    def set_last_connected(self, at: float, own: Collection[int] = (0,), shards: int = 1) -> None:
        """Store a Unix time for these of `shards` shards."""
        rows = ({"key": _key(shard, shards), "value": repr(at)} for shard in sorted(own))
        with write_transaction(self._engine) as db:
            upsert(db, meta, *rows)


def _key(shard: int, shards: int) -> str:
    return f"{_KEY} {shard}/{shards}"


def _time(stored: str) -> float | None:
    try:
        return float(stored)
    except ValueError:
        return None
