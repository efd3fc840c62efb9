"""Threads that are left to the people in them: the bot answers there only what addresses it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cogs.core.async_store import AsyncStore

_MOST_REMEMBERED: Final = 1000


class QuietThreads:
    """Stores such threads, and remembers the latest of this process. Lives on the event loop.

    They are read on another thread than the one that stores them: without the memory, one whose change is held up would
    be answered once more.
    """

    def __init__(self, store: AsyncStore) -> None:
        """Remember none."""
        self._store = store
        self._latest: OrderedDict[int, int] = OrderedDict()  # the id of its server by that of a thread

    async def add(self, thread_id: int, guild_id: int) -> None:
        """Leave a thread to people: from now on for this process, for others once it is stored. Raises as `run`."""
        self._latest[thread_id] = guild_id
        while len(self._latest) > _MOST_REMEMBERED:
            self._latest.popitem(last=False)
        await self._store.run(lambda: self._store.database.silence_thread(thread_id, guild_id))

    async def has(self, thread_id: int) -> bool:
        """Whether a thread is left to people. Raises as `read_sources` does."""
        if thread_id in self._latest:
            return True
        return await self._store.read_sources(lambda: self._store.database.is_silenced(thread_id))

    def forget(self, guild_id: int) -> None:
        """Remember no thread of a server."""
        for thread_id in [key for key, server in self._latest.items() if server == guild_id]:
            del self._latest[thread_id]
