"""Threads that are left to the people in them: the bot answers there only what addresses it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from index.models import UserError

if TYPE_CHECKING:
    from cogs.core.async_store import AsyncStore

_log = logging.getLogger(__name__)

_MOST_REMEMBERED: Final = 1000
_AGAIN_SECONDS: Final = 30.0  # after which what could not be stored is stored again


class QuietThreads:
    """Stores such threads, and remembers the latest of this process. Lives on the event loop.

    They are read on another thread than the one that stores them: without the memory, one whose change is held up would
    be answered once more.
    """

    def __init__(self, store: AsyncStore) -> None:
        """Remember none."""
        self._store = store
        self._latest: OrderedDict[int, int] = OrderedDict()  # the id of its server by that of a thread
        self._unstored: set[int] = set()  # some of these
        self._storing: asyncio.Task[None] | None = None

    def add(self, thread_id: int, guild_id: int) -> None:
        """Leave a thread to people: from now on for this process, for others once it is stored, which is soon."""
        self._latest[thread_id] = guild_id
        self._unstored.add(thread_id)
        while len(self._latest) > _MOST_REMEMBERED:
            self._unstored.discard(self._latest.popitem(last=False)[0])
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all())

    async def _store_all(self) -> None:
        """Store what is not stored yet, again after a while if that fails."""
        try:
            while self._unstored:
                threads = {thread_id: self._latest[thread_id] for thread_id in self._unstored}
                try:
                    await self._store.run(partial(self._store.database.silence_threads, threads))
                    self._unstored -= threads.keys()
                except (UserError, SQLAlchemyError):
                    _log.warning("Which threads are left to people could not be stored yet", exc_info=True)
                    await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            self._storing = None

    async def has(self, thread_id: int) -> bool:
        """Whether a thread is left to people. Raises as `read_sources` does."""
        if thread_id in self._latest:
            return True
        return await self._store.read_sources(lambda: self._store.database.is_silenced(thread_id))

    def forget(self, guild_id: int) -> None:
        """Remember no thread of a server."""
        for thread_id in [key for key, server in self._latest.items() if server == guild_id]:
            del self._latest[thread_id]
            self._unstored.discard(thread_id)
