"""Good manners in a channel: typing is shown once for all who wait there, and answers are sent one after another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final
from weakref import WeakValueDictionary

import aiohttp
import discord

# Discord shows typing for ten seconds.
_TYPING_SECONDS: Final = 8.0


class SendQueue:
    """What the bot is doing in which channel; without it, many questions at once run into Discord's rate limits."""

    def __init__(self) -> None:
        """Begin with nothing going on."""
        self._waiting: Counter[int] = Counter()
        self._typing: dict[int, asyncio.Task[None]] = {}
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def typing(self, channel: discord.abc.MessageableChannel) -> AsyncIterator[None]:
        """Show typing inside the block, with one call for all blocks in a channel; that it fails stops nothing."""
        self._waiting[channel.id] += 1
        if channel.id not in self._typing:
            self._typing[channel.id] = asyncio.create_task(_type(channel))
        try:
            yield
        finally:
            self._waiting[channel.id] -= 1
            if not self._waiting[channel.id]:
                del self._waiting[channel.id]
                self._typing.pop(channel.id).cancel()

    def turn(self, channel: discord.abc.MessageableChannel) -> asyncio.Lock:
        """Return what is held while a message is sent to the channel.

        discord.py sends what has piled up behind a rate limit all at once when it ends, and is refused again.
        """
        return self._turns.setdefault(channel.id, asyncio.Lock())


async def _type(channel: discord.abc.MessageableChannel) -> None:
    with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
        while True:
            await channel.typing()
            await asyncio.sleep(_TYPING_SECONDS)
