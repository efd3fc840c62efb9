"""Channels whose messages become articles: who may write them, how far each was read, and what is still to be done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import one_transaction_each, upsert
from storage.schema import pending_messages, watched


@dataclass(frozen=True, slots=True)
class ChannelSource:
    """A channel whose messages become articles while `running`.

    Members with the role `role_id` are authors; None means members who may manage messages. Every message up to the id
    `read_to` was stored, was refused for good, or is pending. `trouble` says why messages cannot be stored, empty if
    they can.
    """

    channel_id: int
    guild_id: int
    role_id: int | None
    running: bool = False
    read_to: int = 0
    trouble: str = ""


@one_transaction_each
class ChannelSources:
    """Channel sources in discord.db. Each change is one transaction.

    A message is pending from the moment its change is noticed until it is stored or refused for good.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[ChannelSource]:
        """Return all channel sources, those not yet running included."""
        with self._engine.connect() as db:
            rows = db.execute(select(watched).order_by(watched.c.channel_id))
            return [
                ChannelSource(**{one.name: getattr(row, one.name) for one in fields(ChannelSource)}) for row in rows
            ]

    def pending(self) -> dict[int, dict[int, bool]]:
        """Return the pending messages by channel; the value says whether the message was never stored."""
        found: defaultdict[int, dict[int, bool]] = defaultdict(dict)
        with self._engine.connect() as db:
            for row in db.execute(select(pending_messages)):
                found[row.channel_id][row.message_id] = row.new
        return dict(found)

    def put(self, channel: ChannelSource) -> None:
        """Insert or replace a channel source."""
        with write_transaction(self._engine) as db:
            upsert(db, watched, asdict(channel))

    def postpone(self, channel_id: int, message_ids: Iterable[int], *, new: bool, read_to: int = 0) -> None:
        """Store messages as pending, and with `read_to` that the channel was read up to there."""
        with write_transaction(self._engine) as db:
            rows = [{"channel_id": channel_id, "message_id": one, "new": new} for one in sorted(set(message_ids))]
            upsert(db, pending_messages, *rows)
            if read_to:
                _advance(db, channel_id, read_to)

    def settle(self, channel_id: int, message_ids: Iterable[int]) -> None:
        """Store that messages are not pending any more."""
        with write_transaction(self._engine) as db:
            for message_id in sorted(set(message_ids)):
                own = (pending_messages.c.channel_id == channel_id) & (pending_messages.c.message_id == message_id)
                db.execute(pending_messages.delete().where(own))

    def advance(self, channel_id: int, read_to: int) -> None:
        """Store that every message of a channel up to an id was dealt with."""
        with write_transaction(self._engine) as db:
            _advance(db, channel_id, read_to)

    def drop(self, channel_id: int) -> None:
        """Delete a channel source and its pending messages."""
        with write_transaction(self._engine) as db:
            db.execute(pending_messages.delete().where(pending_messages.c.channel_id == channel_id))
            db.execute(watched.delete().where(watched.c.channel_id == channel_id))

    def forget_server(self, guild_id: int) -> None:
        """Delete the channel sources of a server."""
        with write_transaction(self._engine) as db:
            own = select(watched.c.channel_id).where(watched.c.guild_id == guild_id)
            db.execute(pending_messages.delete().where(pending_messages.c.channel_id.in_(own)))
            db.execute(watched.delete().where(watched.c.guild_id == guild_id))


def _advance(db: sa.Connection, channel_id: int, read_to: int) -> None:
    behind = (watched.c.channel_id == channel_id) & (watched.c.read_to < read_to)
    db.execute(watched.update().where(behind).values(read_to=read_to))
