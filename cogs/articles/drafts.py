"""What waits for a press: articles and files that were shown and not added yet."""

from __future__ import annotations

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from index.libraries.import_export import ExportedSite, ImportedArticle
from index.models import Draft

V = TypeVar("V")

_ID_BITS: Final = 59  # at most 18 digits


@dataclass(frozen=True, slots=True)
class Preview:
    """An article as it was shown, the member who may add it, and what was said to be missing."""

    draft: Draft
    member_id: int
    missing: str = ""


@dataclass(slots=True)
class Import:
    """A file that was shown and may be imported by the member who sent it; `read` returns what it holds."""

    read: Callable[[], tuple[list[ExportedSite], Iterator[ImportedArticle]]]
    count: int
    member_id: int
    done: Counter[str] = field(default_factory=Counter)


class PendingStore(Generic[V]):
    """The newest `most` values by id, held in memory until the bot ends. Lives on the event loop.

    Ids are random, so a button from before a restart never means another value.
    """

    def __init__(self, most: int = 100) -> None:
        self._values: OrderedDict[int, V] = OrderedDict()
        self._most = most

    def put(self, value: V) -> int:
        """Store a value and return its id."""
        key = secrets.randbits(_ID_BITS)
        self._values[key] = value
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return key

    def change(self, key: int, value: V) -> None:
        """Store another value under an id."""
        self._values[key] = value

    def get(self, key: int) -> V | None:
        """Return a value, or None if it is no longer known."""
        return self._values.get(key)

    def forget(self, key: int) -> None:
        """Drop a value."""
        self._values.pop(key, None)
