"""Collects messages sent in quick succession, since people spread a question over several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

QUIET_SECONDS = 4.0  # without a message end a burst
_MOST = 10  # items of one burst; further ones start another


@dataclass(slots=True, eq=False)
class _Burst(Generic[T]):
    """The collected items, and the number of changes to them."""

    items: list[T]
    changes: int = 1


class Debouncer(Generic[T]):
    """Collects items that arrive in quick succession under one key."""

    def __init__(self) -> None:
        """Start without bursts."""
        self._open: dict[Hashable, _Burst[T]] = {}
        self._waiting: list[_Burst[T]] = []

    async def collect(self, key: Hashable, item: T) -> list[T]:
        """Add an item to the burst of `key`.

        The first caller gets the collected items when the burst ends, that is after 4 s without a change; later
        callers get [].
        """
        burst = self._open.get(key)
        if burst is not None and len(burst.items) < _MOST:
            burst.items.append(item)
            burst.changes += 1
            return []
        burst = self._open[key] = _Burst([item])
        self._waiting.append(burst)
        try:
            changes = 0
            while changes < burst.changes:
                changes = burst.changes
                await asyncio.sleep(QUIET_SECONDS)
        finally:
            self._waiting.remove(burst)
            if self._open.get(key) is burst:
                del self._open[key]
        return burst.items

    def replace(self, matches: Callable[[T], bool], item: T | None) -> None:
        """Replace the collected items that match with `item`; None removes them."""
        for burst in self._waiting:
            positions = [at for at, held in enumerate(burst.items) if matches(held)]
            for at in reversed(positions):
                burst.items[at : at + 1] = [] if item is None else [item]
                burst.changes += 1
