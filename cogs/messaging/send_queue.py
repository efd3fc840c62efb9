"""Per-channel typing indicator and send lock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import aiohttp
import discord

from cogs.core.keyed_locks import KeyedLocks

# Discord shows typing for ten seconds.
_TYPING_SECONDS: Final = 8.0


class SendQueue:
    """Shares one typing indicator and one send lock per channel, to stay within Discord's rate limits."""

    def __init__(self) -> None:
        """Start with no channel."""
        self._waiting: Counter[int] = Counter()
        self._typing: dict[int, asyncio.Task[None]] = {}
        self._locks = KeyedLocks()

    @asynccontextmanager
    async def typing(self, channel: discord.abc.MessageableChannel) -> AsyncIterator[None]:
        """Show the typing indicator inside the block, once for all blocks in a channel; its failures are ignored."""
        self._waiting[channel.id] += 1
        if channel.id not in self._typing:
            self._typing[channel.id] = asyncio.create_task(_keep_typing(channel))
        try:
            yield
        finally:
            self._waiting[channel.id] -= 1
            if not self._waiting[channel.id]:
                del self._waiting[channel.id]
                self._typing.pop(channel.id).cancel()

    def lock(self, channel: discord.abc.MessageableChannel) -> asyncio.Lock:
        """Return the lock to hold while sending a message to the channel.

        Without it, discord.py sends everything queued behind a rate limit at once and is rate limited again.
        """
        return self._locks.lock(channel.id)


async def _keep_typing(channel: discord.abc.MessageableChannel) -> None:
    with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
        while True:
            await channel.typing()
            await asyncio.sleep(_TYPING_SECONDS)
