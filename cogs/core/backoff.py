"""Growing, bounded and randomised pauses between attempts to reach Discord."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Mapping
from typing import Final

import aiohttp
import discord

from i18n import texts

_log = logging.getLogger(__name__)

# Lost connections, and names that cannot be resolved.
CONNECTION_ERRORS: Final = (aiohttp.ClientError, OSError, TimeoutError)
_LONGEST: Final = 60.0  # seconds of one pause, so that the end of an outage is noticed soon
_AT_ONCE: Final = 3  # attempts in `_PERIOD` that follow each other without a pause
_PERIOD: Final = 600.0
_DOUBLINGS: Final = 8
_TOO_MANY: Final = 429


class Backoff:
    """Decides how long to wait before the next attempt: not at all for the first three in ten minutes.

    After those each attempt waits about twice as long as the one before, at most a minute, and a random part of that
    time, so that many clients do not return at the same moment.
    """

    def __init__(self) -> None:
        """Start without attempts."""
        self._attempts: deque[float] = deque(maxlen=_AT_ONCE + _DOUBLINGS)

    def pause(self, at_least: float = 0.0) -> float:
        """Count an attempt and return the seconds to wait before it."""
        now = time.monotonic()
        while self._attempts and self._attempts[0] < now - _PERIOD:
            self._attempts.popleft()
        excess = len(self._attempts) - _AT_ONCE
        seconds = 0.0 if excess < 0 else min(_LONGEST, 2.0**excess) * random.uniform(0.5, 1.0)  # noqa: S311
        seconds = max(seconds, at_least)
        self._attempts.append(now + seconds)
        return seconds


def is_temporary(error: BaseException) -> bool:
    """Whether an attempt to reach Discord may succeed later: lost connections, rate limits and server errors."""
    if isinstance(error, discord.GatewayNotFound):
        return True
    if isinstance(error, discord.HTTPException):
        return error.status == _TOO_MANY or error.status >= 500
    return isinstance(error, CONNECTION_ERRORS)


def retry_after(error: BaseException, most: float = _LONGEST) -> float:
    """Return the seconds that an error response asks to wait, at most `most`; 0 if it names none."""
    headers: Mapping[str, str] = error.response.headers if isinstance(error, discord.HTTPException) else {}
    try:
        return min(float(headers.get("Retry-After", 0)), most)
    except ValueError:
        return 0.0


async def wait_for_attempt(
    backoff: Backoff, error: BaseException | None, most: float = 60.0, *, name: str = ""
) -> None:
    """Wait for the next attempt to connect, and say so in the log if there was an error.

    `most` bounds what Discord asks for, in seconds; `name` says which shard it is about.
    """
    seconds = backoff.pause(retry_after(error, most) if error else 0.0)
    of_shard = f" of {name}" if name else ""
    if isinstance(error, discord.HTTPException):
        # Not its text: that of Cloudflare, before Discord, is a page.
        reason = texts.TOO_MANY_LOGINS if error.status == _TOO_MANY else f"it answers with status {error.status}"
        _log.warning("The next attempt%s to reach Discord is in %.1f s: %s", of_shard, seconds, reason)
    elif error is not None:
        reason = " ".join(str(error).split()) or repr(error)
        _log.warning("Discord cannot be reached; the next attempt%s is in %.1f s: %s", of_shard, seconds, reason)
    await asyncio.sleep(seconds)
