"""Retries for calls to Discord, in cases that discord.py does not retry: lost connections and edge errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import aiohttp
import discord

T = TypeVar("T")

# Seconds between attempts. An acknowledgement must arrive within three seconds; anything else has minutes.
_QUICK: Final = (0.1, 0.3, 0.6)
_PATIENT: Final = (0.3, 1.0, 3.0, 8.0)

_ALREADY_ACKNOWLEDGED: Final = 40060
CONNECTION_ERRORS: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, ConnectionError, TimeoutError)


async def with_retries(call: Callable[[], Awaitable[T]], delays: Sequence[float] = _PATIENT) -> T:
    """Await `call()`, and again after each delay (seconds) while it fails with a temporary error.

    Temporary are lost connections, rate limits and server errors; others are raised at once, and the last attempt
    raises any error. Only for calls that may safely take effect twice: after a lost connection it is unknown whether
    the call took effect.
    """
    for delay in delays:
        try:
            return await call()
        except CONNECTION_ERRORS:
            await asyncio.sleep(delay)
        except discord.HTTPException as error:
            if error.status != 429 and error.status < 500:
                raise
            await asyncio.sleep(max(delay, _retry_after(error)))
    return await call()


async def acknowledge(call: Callable[[], Awaitable[object]]) -> None:
    """Await the first response to an interaction, with retries that fit Discord's limit of three seconds.

    If only the reply to an attempt was lost, the next one fails with "already acknowledged", which counts as success.
    """
    try:
        await with_retries(call, _QUICK)
    except discord.HTTPException as error:
        if error.code != _ALREADY_ACKNOWLEDGED:
            raise


def _retry_after(error: discord.HTTPException) -> float:
    """Return the seconds that the error response asks to wait, at most 60; 0 if it names none."""
    try:
        return min(float(error.response.headers.get("Retry-After", 0)), 60.0)
    except ValueError:
        return 0.0
