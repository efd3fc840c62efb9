"""Locks by key, which exist only while somebody holds or awaits them."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class KeyedLocks:
    """One lock for each id, of a message or a channel for example. For use on the event loop."""

    def __init__(self) -> None:
        """Start without locks."""
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def lock(self, key: int) -> asyncio.Lock:
        """Return the lock of a key; all who hold or await it get the same one."""
        return self._locks.setdefault(key, asyncio.Lock())
