"""Channels whose messages become articles: who may write them, and how far each was read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.schema import watched


@dataclass(frozen=True, slots=True)
class ChannelSource:
    """A channel whose messages become articles while `running`.

    Members with the role `role_id` are authors; None means members who may manage messages. `read_to` is the id of the
    newest message processed. `trouble` says why messages cannot be stored, empty if they can.
    """

    channel_id: int
    guild_id: int
    role_id: int | None
    running: bool = False
    read_to: int = 0
    trouble: str = ""


class ChannelSources:
    """Channel sources in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[ChannelSource]:
        """Return all channel sources, those not yet running included."""
        with self._engine.connect() as db:
            rows = db.execute(select(watched).order_by(watched.c.channel_id))
            return [
                ChannelSource(**{one.name: getattr(row, one.name) for one in fields(ChannelSource)}) for row in rows
            ]

    def put(self, channel: ChannelSource) -> None:
        """Insert or replace a channel source."""
        with write_transaction(self._engine) as db:
            db.execute(watched.delete().where(watched.c.channel_id == channel.channel_id))
            db.execute(watched.insert().values(asdict(channel)))

    def drop(self, channel_id: int) -> None:
        """Delete a channel source."""
        with write_transaction(self._engine) as db:
            db.execute(watched.delete().where(watched.c.channel_id == channel_id))

    def forget_server(self, guild_id: int) -> None:
        """Delete the channel sources of a server."""
        with write_transaction(self._engine) as db:
            db.execute(watched.delete().where(watched.c.guild_id == guild_id))
