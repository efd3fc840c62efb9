"""The channels whose messages become articles: who may write them, and how far each was read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.schema import writing
from storage.schema import watched


@dataclass(frozen=True, slots=True)
class ChannelSource:
    """A channel that is a source, once `running`. `role_id` is None where those may write who manage messages.

    `read_to` is the newest message that was judged; `trouble` says what keeps messages from being stored.
    """

    channel_id: int
    guild_id: int
    role_id: int | None
    running: bool = False
    read_to: int = 0
    trouble: str = ""


class ChannelSources:
    """The channels in the bot's memory; every change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[ChannelSource]:
        """Return every channel that is a source, or was offered as one."""
        with self._engine.connect() as db:
            rows = db.execute(select(watched).order_by(watched.c.channel_id))
            return [
                ChannelSource(**{one.name: getattr(row, one.name) for one in fields(ChannelSource)}) for row in rows
            ]

    def put(self, channel: ChannelSource) -> None:
        """Remember a channel, in place of what was known of it."""
        with writing(self._engine) as db:
            db.execute(watched.delete().where(watched.c.channel_id == channel.channel_id))
            db.execute(watched.insert().values(asdict(channel)))

    def drop(self, channel_id: int) -> None:
        """Forget a channel."""
        with writing(self._engine) as db:
            db.execute(watched.delete().where(watched.c.channel_id == channel_id))

    def forget_server(self, guild_id: int) -> None:
        """Forget the channels of a server."""
        with writing(self._engine) as db:
            db.execute(watched.delete().where(watched.c.guild_id == guild_id))
