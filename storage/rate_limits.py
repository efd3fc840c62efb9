"""How often may be asked: the one place that counts."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Hashable
from typing import Final

from storage.models import RateLimit

_LONGEST: Final = 3600  # seconds that any quota looks back at most
_MANY: Final = 10_000  # keys beyond which those that count nothing any more are dropped


class RateLimiter:
    """Counts what was done lately, by any number of keys at once. Not remembered over a restart."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._times: defaultdict[Hashable, deque[float]] = defaultdict(deque)

    def wait(self, key: Hashable, quota: RateLimit) -> float:
        """Return the seconds until `key` may do it once more, 0 where it may now. Counts nothing."""
        if not quota.count or key not in self._times:
            return 0.0
        now, times = time.monotonic(), self._times[key]
        while times and times[0] <= now - quota.seconds:
            times.popleft()
        return times[-quota.count] + quota.seconds - now if len(times) >= quota.count else 0.0

    def count(self, *done: tuple[Hashable, RateLimit]) -> None:
        """Count that it was done once, for each key that has a limit."""
        now = time.monotonic()
        for key, quota in done:
            if quota.count:
                self._times[key].append(now)
        if len(self._times) > _MANY:
            self._tidy(now)

    def _tidy(self, now: float) -> None:
        for key in [key for key, times in self._times.items() if not times or times[-1] <= now - _LONGEST]:
            del self._times[key]
