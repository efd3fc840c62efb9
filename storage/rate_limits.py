"""Counts questions for the rate limits of members, channels and servers."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from storage.models import RateLimit
from storage.schema import answers

if TYPE_CHECKING:
    from storage.database import Database

_MAX_PERIOD: Final = 3600  # seconds; the longest period of any limit
_MOST_LEARNT: Final = 5000  # questions of a server, the newest
_PRUNE_ABOVE: Final = 1000  # keys; beyond that, and twice what was kept last, keys without recent events are deleted


class RateLimiter:
    """A sliding-window counter by key. Kept in memory, so a restart clears it."""

    def __init__(self) -> None:
        """Start with no events."""
        self._times: defaultdict[Hashable, deque[float]] = defaultdict(deque)
        self._prune_above = _PRUNE_ABOVE

    def wait(self, key: Hashable, quota: RateLimit) -> float:
        """Return the seconds until `key` is below its limit, 0 if it is now. Counts nothing."""
        if not quota.count or key not in self._times:
            return 0.0
        now, times = time.monotonic(), self._times[key]
        while times and times[0] <= now - quota.seconds:
            times.popleft()
        return times[-quota.count] + quota.seconds - now if len(times) >= quota.count else 0.0

    def count(self, *events: tuple[Hashable, RateLimit]) -> None:
        """Count one event for each key whose limit is not 0."""
        now = time.monotonic()
        for key, quota in events:
            if quota.count:
                self._times[key].append(now)
        if len(self._times) > self._prune_above:
            self._prune(now)
            self._prune_above = max(_PRUNE_ABOVE, 2 * len(self._times))

    def learn(self, events: Iterable[tuple[Hashable, float]]) -> None:
        """Count events of the past as (key, seconds ago), the oldest first."""
        now = time.monotonic()
        for key, ago in events:
            self._times[key].append(now - max(0.0, ago))

    def forget(self, concerns: Callable[[Hashable], bool]) -> None:
        """Forget the events of the keys for which `concerns` is true."""
        for key in [key for key in self._times if concerns(key)]:
            del self._times[key]

    def _prune(self, now: float) -> None:
        for key in [key for key, times in self._times.items() if not times or times[-1] <= now - _MAX_PERIOD]:
            del self._times[key]


def asked_lately(database: Database, guild_id: int | None) -> list[tuple[int, int, float]]:
    """Return the stored questions of a server within the longest period: the member's id, the channel's, seconds ago.

    The oldest come first; None stands for direct messages.
    """
    now, of_server = time.time(), answers.c.guild_id == guild_id  # `== None` is IS NULL
    query = select(answers.c.asker_id, answers.c.channel_id, answers.c.asked_at)
    query = query.where(of_server, answers.c.asked_at > now - _MAX_PERIOD, answers.c.asked_at <= now + _MAX_PERIOD)
    with database.reading() as db:
        rows = db.execute(query.order_by(answers.c.asked_at.desc()).limit(_MOST_LEARNT)).all()
    return [(row.asker_id, row.channel_id, now - row.asked_at) for row in reversed(rows)]
