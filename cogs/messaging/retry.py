"""Retries for calls to Discord, in cases that discord.py does not retry: lost connections, edge errors and outages."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import discord

from cogs.core.backoff import is_temporary, retry_after
from observability.metrics import DISCORD_RETRIES

T = TypeVar("T")

# Seconds between attempts. An acknowledgement must arrive within three seconds; anything else has minutes.
_QUICK: Final = (0.1, 0.3, 0.6)
PATIENT: Final = (0.3, 1.0, 3.0, 8.0)
# For answers: a question that was accepted is answered after an outage, too, of more than an hour.
OUTAGE: Final = (*PATIENT, 15.0, *(30.0,) * 150)
_MOST_WAITING: Final = 1000  # calls that wait for the end of an outage; they hold their messages in memory

_ALREADY_ACKNOWLEDGED: Final = 40060


async def with_retries(call: Callable[[], Awaitable[T]], delays: Sequence[float] = PATIENT) -> T:
    """Await `call()`, and again after each delay (seconds) while it fails with a temporary error.

    Temporary are lost connections, rate limits and server errors; others are raised at once, and the last attempt
    raises any error. Only for calls that may safely take effect twice: after a lost connection it is unknown whether
    the call took effect.
    """
    for attempt, delay in enumerate(delays):
        try:
            return await call()
        except Exception as error:
            if not is_temporary(error):
                raise
            failure = error
        DISCORD_RETRIES.inc()
        if attempt < len(PATIENT):
            await asyncio.sleep(max(delay, retry_after(failure)))
            continue
        if len(_waiting) >= _MOST_WAITING:
            raise failure
        with _long_wait():
            await asyncio.sleep(max(delay * random.uniform(0.5, 1.0), retry_after(failure)))  # noqa: S311
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


def waiting_calls() -> int:
    """Return the number of calls that wait for the end of an outage."""
    return len(_waiting)


@contextmanager
def _long_wait() -> Iterator[None]:
    token = object()
    _waiting.add(token)
    try:
        yield
    finally:
        _waiting.discard(token)


_waiting: Final[set[object]] = set()
