"""People write a question in several messages; they are gathered before it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

SECONDS = 4.0  # of silence after which somebody has finished
_MOST = 10  # messages of one burst; what comes after them is another one


@dataclass(slots=True, eq=False)
class _Burst(Generic[T]):
    """What was gathered so far, and how often that has changed."""

    items: list[T]
    changes: int = 1


class Debouncer(Generic[T]):
    """Gathers what comes in quick succession under one key."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._open: dict[Hashable, _Burst[T]] = {}
        self._waiting: list[_Burst[T]] = []

    async def gathered(self, key: Hashable, item: T) -> list[T]:
        """Return what is left of a burst to whoever brought the first item, after its end; nothing to the others."""
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
                await asyncio.sleep(SECONDS)
        finally:
            self._waiting.remove(burst)
            if self._open.get(key) is burst:
                del self._open[key]
        return burst.items

    def change(self, is_meant: Callable[[T], bool], item: T | None) -> None:
        """Put `item` in the place of one that is still being gathered, or None to drop it."""
        for burst in self._waiting:
            places = [at for at, held in enumerate(burst.items) if is_meant(held)]
            for at in reversed(places):
                burst.items[at : at + 1] = [] if item is None else [item]
                burst.changes += 1
