"""Paces the starts of gateway sessions (IDENTIFY) as Discord asks, and never starts more than it allows in a day."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import discord

from cogs.core.backoff import CONNECTION_ERRORS, is_temporary
from cogs.core.keyed_locks import KeyedLocks
from i18n import texts

_log = logging.getLogger(__name__)

_SPACING: Final = 5.0  # seconds between two starts with one rate limit key
_KNOWN_SECONDS: Final = 600.0  # for which Discord's answer counts; other programs may use the same token
_LONGEST_WAIT: Final = 600.0  # until Discord is asked again while nothing is left


@dataclass(frozen=True, slots=True)
class GatewayInfo:
    """What Discord says of the bot's connections (`GET /gateway/bot`).

    Attributes:
        shards: How many it recommends.
        total: Session starts of a day.
        remaining: How many of them are left.
        reset_after: Seconds until all are there again.
        max_concurrency: Sessions that may start in the same five seconds: those whose shard differs modulo it.
    """

    shards: int
    total: int = 1000
    remaining: int = 1000
    reset_after: float = 0.0
    max_concurrency: int = 1


class SessionStarts:
    """Gives each start of a session its turn. For use on the event loop."""

    def __init__(self, ask: Callable[[], Awaitable[GatewayInfo]]) -> None:
        """Take what asks Discord."""
        self._ask = ask
        self._info = GatewayInfo(shards=1)
        self._asked_at = -_KNOWN_SECONDS
        self._remaining = 0
        self._last: dict[int, float] = {}  # monotonic seconds of the last start, by rate limit key
        self._locks = KeyedLocks()
        self._waiting = False

    async def recommended_shards(self) -> int:
        """Ask Discord how many shards the bot is to have. Raises what the request raises."""
        await self._refresh()
        return self._info.shards

    @asynccontextmanager
    async def turn(self, shard_id: int) -> AsyncIterator[None]:
        """Wait until a session of a shard may start; others with its rate limit key wait until the block ends."""
        key = self._key(shard_id)
        async with self._locks.lock(key):
            await self._wait_for_remaining()
            await asyncio.sleep(max(0.0, self._last.get(key, -_SPACING) + _SPACING - time.monotonic()))
            yield

    def count(self, shard_id: int) -> None:
        """Record that a session of a shard starts now."""
        self._remaining -= 1
        self._last[self._key(shard_id)] = time.monotonic()

    def _key(self, shard_id: int) -> int:
        return shard_id % self._info.max_concurrency

    async def _refresh(self) -> None:
        self._info = await self._ask()
        self._remaining, self._asked_at = self._info.remaining, time.monotonic()

    async def _wait_for_remaining(self) -> None:
        """Wait while the starts of the day are used up: one more, and Discord would reset the bot's token."""
        while True:
            if self._remaining <= 0 or time.monotonic() - self._asked_at >= _KNOWN_SECONDS:
                try:
                    await self._refresh()
                except (discord.DiscordException, *CONNECTION_ERRORS) as error:
                    if not is_temporary(error):
                        raise
                    _log.info("Discord does not say how many sessions may start: %s", error)
            if self._remaining > 0:
                self._waiting = False
                return
            self._say_once()
            await asyncio.sleep(min(max(self._info.reset_after, 1.0), _LONGEST_WAIT))

    def _say_once(self) -> None:
        if not self._waiting:
            until = datetime.now(UTC) + timedelta(seconds=self._info.reset_after)
            _log.error("%s", texts.SESSIONS_USED_UP.format(total=self._info.total, until=f"{until:%Y-%m-%d %H:%M}"))
        self._waiting = True
