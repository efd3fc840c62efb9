"""Bounds in bytes for what is kept in memory: the size of values, and a cache of limited size."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def size_of(*values: object) -> int:
    """Return the bytes of values with everything in them: texts, collections and dataclasses, each object once.

    Functions and foreign objects count without what they refer to.
    """
    met: set[int] = set()
    waiting, total = list(values), 0
    while waiting:
        value = waiting.pop()
        if id(value) in met:
            continue
        met.add(id(value))
        total += sys.getsizeof(value)
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, tuple | list | set | frozenset):
            waiting += value
        elif is_dataclass(value) and not isinstance(value, type):
            waiting += [getattr(value, field.name) for field in fields(value)]
    return total


def sized_cache(most_bytes: int, most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that keeps the `most` results used last, with their arguments, in at most `most_bytes` bytes.

    Like `functools.lru_cache`, which bounds the number of results but not their sizes. A result that is larger by
    itself is not kept. Arguments must be hashable and positional. May be used on any thread.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        cache = SizedCache[tuple[Any, ...], R](most_bytes, most)

        @wraps(function)
        def cached(*args: P.args, **kwargs: P.kwargs) -> R:
            found = cache.get(args)
            if found is None:
                found = function(*args, **kwargs)
                cache.put(args, found)
            return found

        cached.cache = cache  # type: ignore[attr-defined]
        return cached

    return decorate


class SizedCache(Generic[K, V]):
    """The `most` values used last, in at most `most_bytes` bytes with their keys. No value is None. Thread-safe."""

    def __init__(self, most_bytes: int, most: int = sys.maxsize) -> None:
        """Start empty."""
        self._most_bytes = most_bytes
        self._most = most
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """The size of what is kept."""
        return self._bytes

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """Return a value, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V) -> None:
        """Keep a value, and drop those used longest ago until the size fits."""
        size = size_of(key, value)
        with self._lock:
            self._drop(key)
            if size > self._most_bytes:
                return
            self._kept[key] = value, size
            self._bytes += size
            while self._bytes > self._most_bytes or len(self._kept) > self._most:
                self._drop(next(iter(self._kept)))

    def pop(self, key: K) -> None:
        """Drop a value; an unknown key is ignored."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _drop(self, key: K) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._bytes -= dropped[1]
