"""A cache of what Discord was asked, for seconds."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BriefCache(Generic[K, V]):
    """Remembers values for `seconds`; those who ask for the same at once share one request. For the event loop."""

    def __init__(self, seconds: float, *, most: int = 2000, at_once: int = 4) -> None:
        """Keep the newest `most` values, and load `at_once` of them at the same time."""
        self._seconds = seconds
        self._most = most
        self._loading = asyncio.Semaphore(at_once)
        self._tasks: OrderedDict[K, tuple[float, asyncio.Task[V]]] = OrderedDict()

    async def get(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """Return the value of `key`, from `load` if it is not known. Raises what `load` raises, which is not kept."""
        now = time.monotonic()
        until, task = self._tasks.get(key, (0.0, None))
        if task is None or until < now:
            task = asyncio.create_task(self._load(load))
            task.add_done_callback(lambda done: self._drop_failed(key, done))
            self._tasks[key] = now + self._seconds, task
            self._tasks.move_to_end(key)
            while len(self._tasks) > self._most:
                self._tasks.popitem(last=False)
        return await asyncio.shield(task)

    def known(self, key: K) -> V | None:
        """Return the value of `key` if it is remembered, without loading it."""
        until, task = self._tasks.get(key, (0.0, None))
        if task is None or until < time.monotonic() or not task.done() or task.cancelled() or task.exception():
            return None
        return task.result()

    def forget(self, key: K) -> None:
        """Ask for the value of `key` again when it is needed next."""
        self._tasks.pop(key, None)

    async def _load(self, load: Callable[[], Awaitable[V]]) -> V:
        async with self._loading:
            return await load()

    def _drop_failed(self, key: K, task: asyncio.Task[V]) -> None:
        if task.cancelled() or task.exception() is not None:
            _, kept = self._tasks.get(key, (0.0, None))
            if kept is task:
                del self._tasks[key]
