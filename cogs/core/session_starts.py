"""Paces the starts of gateway sessions (IDENTIFY) as Discord asks, and never starts more than it allows in a day."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import discord

from cogs.core.backoff import CONNECTION_ERRORS, is_temporary
from cogs.core.keyed_locks import KeyedLocks
from i18n import texts
from storage.cluster_models import StartClaim

_log = logging.getLogger(__name__)

_SPACING: Final = 5.0  # seconds between two starts with one rate limit key
_KNOWN_SECONDS: Final = 600.0  # for which Discord's answer counts; other programs may use the same token
_RESERVE: Final = 10  # starts that several processes leave: each may not know of the latest ones of the others
_FRESH_SECONDS: Final = 10.0  # for which Discord's answer may be told to the other processes
_ASKED_AGAIN: Final = 1.0  # seconds at most until it is asked again whether another process has had its turn
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


class SharedStarts(Protocol):
    """The turns of all processes of the bot, by rate limit key."""

    async def claim_start(self, key: int) -> StartClaim:
        """Claim the next start for a key; say how long to wait if it is not free."""
        ...

    def end_start(self, key: int, *, started: bool) -> None:
        """Let the next process have its turn; `started` says whether a session has begun."""
        ...

    async def record_remaining(self, remaining: int) -> bool:
        """Tell the others how many starts of the day are left; return whether that was possible."""
        ...


class SessionStarts:
    """Gives each start of a session its turn. For use on the event loop."""

    def __init__(self, ask: Callable[[], Awaitable[GatewayInfo]], shared: SharedStarts | None = None) -> None:
        """Take what asks Discord, and the turns that are shared with other processes if there may be any."""
        self._ask = ask
        self._shared = shared
        self._info = GatewayInfo(shards=1)
        self._asked_at = -_KNOWN_SECONDS
        self._remaining = 0
        self._last: dict[int, float] = {}  # monotonic seconds of the last start, by rate limit key
        self._last_of: dict[int, float] = {}  # the same by shard
        self._promised: set[int] = set()  # shards whose session may start but has not yet
        self._locks = KeyedLocks()
        self._waiting = False
        self._recorded = False  # whether the other processes know how many starts are left

    async def recommended_shards(self) -> int:
        """Ask Discord how many shards the bot is to have. Raises what the request raises."""
        await self._refresh()
        return self._info.shards

    @asynccontextmanager
    async def turn(self, shard_id: int) -> AsyncIterator[None]:
        """Wait until a session of a shard may start; others with its rate limit key wait until the block ends.

        Once less than half of the day's starts are left, a shard waits for its share of them, so that one outage in
        which sessions start and end at once does not leave the bot without any until the next day.
        """
        key = self._key(shard_id)
        await asyncio.sleep(self._until_share(shard_id))
        async with self._locks.lock(key):
            await self._wait_for_remaining()
            self._promised.add(shard_id)
            try:
                await asyncio.sleep(max(0.0, self._last.get(key, -_SPACING) + _SPACING - time.monotonic()))
                async with self._turn_of_all(key, shard_id):
                    yield
            finally:
                self._promised.discard(shard_id)

    def count(self, shard_id: int) -> None:
        """Record that a session of a shard starts now."""
        self._promised.discard(shard_id)
        self._remaining -= 1
        self._last[self._key(shard_id)] = self._last_of[shard_id] = time.monotonic()

    @asynccontextmanager
    async def _turn_of_all(self, key: int, shard_id: int) -> AsyncIterator[None]:
        """Wait until no other process starts a session with this key; none does until the block ends."""
        if self._shared is None:
            yield
            return
        while True:
            if not self._recorded:
                await self._record_remaining(self._shared)
            claim = await self._shared.claim_start(key)
            if claim.is_used_up:  # by all processes together
                self._remaining = 0
                await self._wait_for_remaining()
            elif claim.wait <= 0:
                break
            await asyncio.sleep(min(claim.wait, _ASKED_AGAIN))
        try:
            yield
        finally:
            self._shared.end_start(key, started=shard_id not in self._promised)

    async def _record_remaining(self, shared: SharedStarts) -> None:
        """Tell the other processes how many starts are left, by an answer of Discord that knows of theirs."""
        if time.monotonic() - self._asked_at > _FRESH_SECONDS:
            self._asked_at = -_KNOWN_SECONDS
            await self._wait_for_remaining()
        if time.monotonic() - self._asked_at <= _FRESH_SECONDS:
            self._recorded = await shared.record_remaining(self._remaining)

    def _until_share(self, shard_id: int) -> float:
        """Return the seconds until a shard may use another of the starts that are left."""
        last, info = self._last_of.get(shard_id), self._info
        if last is None or self._remaining >= info.total / 2:
            return 0.0
        share = info.reset_after * info.shards / max(self._remaining, 1)
        return max(0.0, last + share - time.monotonic())

    def _key(self, shard_id: int) -> int:
        return shard_id % self._info.max_concurrency

    async def _refresh(self) -> None:
        self._info = await self._ask()
        self._remaining, self._asked_at = self._info.remaining, time.monotonic()
        if self._shared is not None:
            self._remaining -= _RESERVE
            self._recorded = False

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
            if self._remaining > len(self._promised):
                self._waiting = False
                return
            if self._remaining > 0:  # for others, unless they cannot connect
                await asyncio.sleep(_SPACING)
                continue
            self._say_once()
            await asyncio.sleep(min(max(self._info.reset_after, 1.0), _LONGEST_WAIT))

    def _say_once(self) -> None:
        if not self._waiting:
            until = datetime.now(UTC) + timedelta(seconds=self._info.reset_after)
            _log.error("%s", texts.SESSIONS_USED_UP.format(total=self._info.total, until=f"{until:%Y-%m-%d %H:%M}"))
        self._waiting = True
