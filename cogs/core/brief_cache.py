"""A cache of what Discord was asked, for seconds."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from weakref import WeakValueDictionary

_REFUSED_SECONDS: Final = 300.0

K = TypeVar("K")
V = TypeVar("V")


@dataclass(eq=False)
class _Entry(Generic[V]):
    """A value that is known, or being loaded, until a monotonic time; how many wait for it, and whether it is begun."""

    until: float
    task: asyncio.Task[V]
    waiting: int = 0
    begun: bool = False


class BriefCache(Generic[K, V]):
    """Remembers values for `seconds`; those who ask for the same at once share one request. For the event loop.

    A value whose turn has not come when nobody waits for it any more is not loaded, unless values are `loaded_anyway`:
    then it is known to those who ask later, if it is still among the newest.
    """

    def __init__(
        self,
        seconds: float,
        *,
        most: int = 2000,
        at_once: int = 4,
        loaded_anyway: bool = False,
        refusals: tuple[type[Exception], ...] = (),
    ) -> None:
        """Keep the newest `most` values, and load `at_once` of each turn at the same time.

        Errors of the kinds of `refusals` are remembered, too, for five minutes at most.
        """
        self._seconds = seconds
        self._most = most
        self._at_once = at_once
        self._loaded_anyway = loaded_anyway
        self._refusals = refusals
        self._loading: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()

    async def get(self, key: K, load: Callable[[], Awaitable[V]], turn: Hashable = None) -> V:
        """Return the value of `key`, from `load` if it is not known. Raises what `load` raises.

        `turn` is for whom it is loaded, such as a server: others are not held up by its requests.
        """
        now = time.monotonic()
        entry = self._entries.get(key)
        if entry is None or entry.until < now:
            entry = self._begin(key, load, turn, now + self._seconds)
        entry.waiting += 1
        try:
            return await asyncio.shield(entry.task)
        finally:
            entry.waiting -= 1
            if not (self._loaded_anyway and self._entries.get(key) is entry):
                self._leave(key, entry)

    def known(self, key: K) -> V | None:
        """Return the value of `key` if it is remembered, without loading it."""
        entry = self._entries.get(key)
        if entry is None or entry.until < time.monotonic() or _has_failed(entry.task):
            return None
        return entry.task.result()

    def forget(self, key: K) -> None:
        """Ask for the value of `key` again when it is needed next."""
        if (entry := self._entries.pop(key, None)) is not None:
            self._leave(key, entry)

    def clear(self) -> None:
        """Ask for all values again."""
        for key in list(self._entries):
            self.forget(key)

    def _begin(self, key: K, load: Callable[[], Awaitable[V]], turn: Hashable, until: float) -> _Entry[V]:
        async def loaded() -> V:
            semaphore = self._loading.setdefault(turn, asyncio.Semaphore(self._at_once))
            async with semaphore:
                entry.begun = True
                return await load()

        entry = _Entry(until, asyncio.create_task(loaded()))
        entry.task.add_done_callback(lambda _: self._drop_failed(key, entry))
        self._entries[key] = entry
        self._entries.move_to_end(key)
        while len(self._entries) > self._most:
            self._leave(*self._entries.popitem(last=False))
        return entry

    def _leave(self, key: K, entry: _Entry[V]) -> None:
        """Do not load a value for which nobody waits, and whose turn has not come."""
        if not (entry.waiting or entry.begun):
            self._drop(key, entry)  # at once: who asks now must not wait for what is being cancelled
            entry.task.cancel()

    def _drop_failed(self, key: K, entry: _Entry[V]) -> None:
        if not _has_failed(entry.task):
            return
        if not entry.task.cancelled() and isinstance(entry.task.exception(), self._refusals):
            entry.until = min(entry.until, time.monotonic() + _REFUSED_SECONDS)
        else:
            self._drop(key, entry)

    def _drop(self, key: K, entry: _Entry[V]) -> None:
        if self._entries.get(key) is entry:
            del self._entries[key]


def _has_failed(task: asyncio.Task[V]) -> bool:
    """Whether a task has no result, or none yet."""
    return not task.done() or task.cancelled() or task.exception() is not None
