"""The channels that are sources, in memory and in discord.db: how far each was read, and what is still to be done."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from index.models import UserError
from storage.channel_sources import ChannelSource

_log = logging.getLogger(__name__)


class ChannelStates:
    """Keeps the state of each channel; every change is stored in discord.db.

    A channel is due if messages may exist that were neither stored nor refused for good; `due` is in memory only, as
    all channels are due after a start.
    """

    def __init__(self, store: AsyncStore) -> None:
        """Start without channels; `load` reads them."""
        self._store = store
        self._sources = store.database.channel_sources
        self._channels: dict[int, ChannelSource] = {}
        self._pending: defaultdict[int, dict[int, bool]] = defaultdict(dict)
        self.due: set[int] = set()

    async def load(self, in_server: Callable[[int], bool] = lambda _: True) -> None:
        """Read the channels from discord.db, in the servers chosen by their id, in place of what is known of them."""
        channels, pending = await self._store.run(lambda: (self._sources.all(), self._sources.pending()))
        self._forget(lambda channel: in_server(channel.guild_id))
        for channel in channels:
            if in_server(channel.guild_id):
                self._channels[channel.channel_id] = channel
                if channel.channel_id in pending:
                    self._pending[channel.channel_id] = pending[channel.channel_id]

    def get(self, channel_id: int) -> ChannelSource | None:
        """Return a channel that is a source or was offered as one, else None."""
        return self._channels.get(channel_id)

    def running(self, in_server: Callable[[int], bool]) -> list[int]:
        """Return the ids of the channels whose messages become articles, in the servers chosen by their id."""
        return [one.channel_id for one in self._channels.values() if one.running and in_server(one.guild_id)]

    def pending(self, channel_id: int) -> list[tuple[int, bool]]:
        """Return the pending messages of a channel, oldest first, and whether each was never stored."""
        return sorted(self._pending.get(channel_id, {}).items())

    async def save(self, channel: ChannelSource) -> None:
        """Store a channel, replacing its earlier state."""
        await self._store.run(lambda: self._sources.put(channel))
        self._channels[channel.channel_id] = channel

    async def postpone(self, channel_id: int, message_ids: Collection[int], *, new: bool, read_to: int = 0) -> None:
        """Make messages pending; they stay so in memory if discord.db cannot be written."""
        self._pending[channel_id] |= dict.fromkeys(message_ids, new)
        await self._store.run(lambda: self._sources.postpone(channel_id, message_ids, new=new, read_to=read_to))
        self._advance(channel_id, read_to)

    async def settle(self, channel_id: int, message_ids: Collection[int]) -> None:
        """Record that pending messages were stored or refused for good."""
        await self._store.run(lambda: self._sources.settle(channel_id, message_ids))
        for message_id in message_ids:
            self._pending[channel_id].pop(message_id, None)
        if not self._pending[channel_id]:
            del self._pending[channel_id]

    async def advance(self, channel_id: int, read_to: int) -> None:
        """Record that every message of a channel up to an id was dealt with."""
        await self._store.run(lambda: self._sources.advance(channel_id, read_to))
        self._advance(channel_id, read_to)

    async def set_trouble(self, channel_id: int, trouble: str) -> None:
        """Record why messages cannot be stored, an empty string if they can; a failure to do so is only logged."""
        channel = self._channels.get(channel_id)
        if channel is None or channel.trouble == trouble:
            return
        self._channels[channel_id] = replace(channel, trouble=trouble)
        try:
            await self.save(self._channels[channel_id])
        except (UserError, SQLAlchemyError):
            _log.warning("The state of channel %s could not be stored", channel_id, exc_info=True)

    async def remove(self, channel_id: int) -> None:
        """Forget a channel; its articles stay."""
        self._forget(lambda channel: channel.channel_id == channel_id)
        await self._store.run(lambda: self._sources.drop(channel_id))

    def forget_server(self, guild_id: int) -> None:
        """Forget the channels of a server in memory; discord.db is changed elsewhere."""
        self._forget(lambda channel: channel.guild_id == guild_id)

    def _forget(self, condition: Callable[[ChannelSource], bool]) -> None:
        for channel_id in [key for key, channel in self._channels.items() if condition(channel)]:
            del self._channels[channel_id]
            self._pending.pop(channel_id, None)
            self.due.discard(channel_id)

    def _advance(self, channel_id: int, read_to: int) -> None:
        channel = self._channels.get(channel_id)
        if channel is not None and channel.read_to < read_to:
            self._channels[channel_id] = replace(channel, read_to=read_to)
