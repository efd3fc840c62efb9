"""A clock that is ahead of the real one, for the whole process."""

from __future__ import annotations

import time
from typing import Self

_NAMES = ("time", "monotonic", "perf_counter")


class SimulatedClock:
    """Replaces `time.time`, `time.monotonic` and `time.perf_counter`; they never run backwards."""

    def __init__(self) -> None:
        """Start with the real time."""
        self._real = {name: getattr(time, name) for name in _NAMES}
        self._began = time.monotonic()
        self._ahead = 0.0

    def advance(self, elapsed: float) -> None:
        """Make at least `elapsed` seconds have passed since the start."""
        self._ahead = max(self._ahead, elapsed - (self._real["monotonic"]() - self._began))

    def __enter__(self) -> Self:
        """Put the clock in place."""
        for name in _NAMES:
            setattr(time, name, lambda real=self._real[name]: real() + self._ahead)
        return self

    def __exit__(self, *_: object) -> None:
        """Put the real clock back."""
        for name in _NAMES:
            setattr(time, name, self._real[name])
