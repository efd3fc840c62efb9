"""Articles and files that were shown to a member and wait for *Add* or *Cancel*; held in memory."""

from __future__ import annotations

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from index.libraries.export_file import ExportedSite, ImportedArticle
from index.models import Draft

V = TypeVar("V")

_ID_BITS: Final = 59  # at most 18 digits


@dataclass(frozen=True, slots=True)
class Preview:
    """An article in a preview, the member who may add it, and a sentence on what was left out of it."""

    draft: Draft
    member_id: int
    missing: str = ""


@dataclass(slots=True)
class PendingImport:
    """A file that the member who sent it may import.

    `read` parses the file; `count` is its number of articles; `done` counts imported articles by their status.
    """

    read: Callable[[], tuple[list[ExportedSite], Iterator[ImportedArticle]]]
    count: int
    member_id: int
    done: Counter[str] = field(default_factory=Counter)


class PendingStore(Generic[V]):
    """The newest `max_items` values by id, in memory only. For use on the event loop.

    Ids are random, so that a button from before a restart cannot refer to a different value.
    """

    def __init__(self, max_items: int = 100) -> None:
        self._values: OrderedDict[int, V] = OrderedDict()
        self._max_items = max_items

    def put(self, value: V) -> int:
        """Store a value and return its id."""
        key = secrets.randbits(_ID_BITS)
        self._values[key] = value
        while len(self._values) > self._max_items:
            self._values.popitem(last=False)
        return key

    def replace(self, key: int, value: V) -> None:
        """Store a new value under an existing id."""
        self._values[key] = value

    def get(self, key: int) -> V | None:
        """Return a value, or None if it was dropped or the bot has restarted."""
        return self._values.get(key)

    def discard(self, key: int) -> None:
        """Drop a value; unknown ids are ignored."""
        self._values.pop(key, None)
