"""When the bot was last connected to Discord, in discord.db."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.schema import meta

if TYPE_CHECKING:
    import sqlalchemy as sa

_KEY: Final = "connected_at"


class Presence:
    """The last time at which the bot was connected, so that it knows after a restart how long it was away."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def last_connected(self) -> float | None:
        """Return the Unix time, None if the bot was never connected."""
        with self._engine.connect() as db:
            stored = db.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar()
        with suppress(ValueError):
            return None if stored is None else float(stored)
        return None

    def set_last_connected(self, at: float) -> None:
        """Store the Unix time."""
        with write_transaction(self._engine) as db:
            db.execute(meta.delete().where(meta.c.key == _KEY))
            db.execute(meta.insert().values(key=_KEY, value=repr(at)))
