"""People write a question in several messages; they are gathered before it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

SECONDS = 4.0  # of silence after which somebody has finished
_MOST = 10  # messages of one burst; what comes after them is another one


class Bursts(Generic[T]):
    """Gathers what comes in quick succession under one key."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._open: dict[Hashable, list[T]] = {}

    async def gathered(self, key: Hashable, item: T) -> list[T]:
        """Return all items of a burst to whoever brought the first one, after its end; nothing to the others."""
        burst = self._open.get(key)
        if burst is not None and len(burst) < _MOST:
            burst.append(item)
            return []
        burst = self._open[key] = [item]
        count = 0
        while count < len(burst):
            count = len(burst)
            await asyncio.sleep(SECONDS)
        if self._open.get(key) is burst:
            del self._open[key]
        return burst
