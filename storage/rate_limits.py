"""Counts questions for the rate limits of members, channels and servers."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Hashable
from typing import Final

from storage.models import RateLimit

_MAX_PERIOD: Final = 3600  # seconds; the longest period of any limit
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

    def _prune(self, now: float) -> None:
        for key in [key for key, times in self._times.items() if not times or times[-1] <= now - _MAX_PERIOD]:
            del self._times[key]
