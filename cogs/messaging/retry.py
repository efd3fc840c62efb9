"""Calls to Discord that are tried again where discord.py does not: lost connections and refusals at the edge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import aiohttp
import discord

T = TypeVar("T")

# Seconds between tries. An acknowledgement must arrive within three seconds; anything else has minutes.
QUICK: Final = (0.1, 0.3, 0.6)
PATIENT: Final = (0.3, 1.0, 3.0, 8.0)

_ALREADY_ACKNOWLEDGED: Final = 40060
_LOST: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, ConnectionError, TimeoutError)


async def persistently(call: Callable[[], Awaitable[T]], delays: Sequence[float] = PATIENT) -> T:
    """Await `call()` until it succeeds, waiting `delays` between tries; what Discord refuses for good is raised.

    Only for calls that may take effect twice without harm: discord.py has retried what it knows how to,
    and after a lost connection nobody can tell whether the call took effect.
    """
    for delay in delays:
        try:
            return await call()
        except _LOST:
            await asyncio.sleep(delay)
        except discord.HTTPException as error:
            if error.status != 429 and error.status < 500:
                raise
            await asyncio.sleep(max(delay, _asked_to_wait(error)))
    return await call()


async def acknowledge(call: Callable[[], Awaitable[object]]) -> None:
    """Await the first answer to an interaction, in time for Discord's three seconds.

    When the answer to an acknowledgement was lost, the next try is told that it has been acknowledged
    already, which is all that was wanted.
    """
    try:
        await persistently(call, QUICK)
    except discord.HTTPException as error:
        if error.code != _ALREADY_ACKNOWLEDGED:
            raise


def _asked_to_wait(error: discord.HTTPException) -> float:
    """Return the seconds that a refusal asks to wait (at most a minute), 0 where it names none."""
    try:
        return min(float(error.response.headers.get("Retry-After", 0)), 60.0)
    except ValueError:
        return 0.0
