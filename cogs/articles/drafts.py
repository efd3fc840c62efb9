"""Articles and files that were shown to a member and wait for *Add* or *Cancel*; held in memory."""

from __future__ import annotations

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from i18n import texts
from index.libraries.export_file import Export
from index.models import Draft, UserError

V = TypeVar("V")


class Owned(Protocol):
    """A value that belongs to the member who asked for it."""

    @property
    def member_id(self) -> int:
        """The member's id."""
        ...


OwnedT = TypeVar("OwnedT", bound=Owned)

_ID_BITS: Final = 59  # at most 18 digits


@dataclass(frozen=True, slots=True)
class Preview:
    """An article in a preview, the member who may add it, and what was left out of it and who may see it."""

    draft: Draft
    member_id: int
    missing: str = ""


@dataclass(slots=True)
class PendingImport:
    """A file that the member who sent it may import.

    `read` parses the file, in steps; `count` is its number of articles; `done` counts imported articles by status;
    `stopped` is set to end the import after the present article.
    """

    read: Callable[[], Generator[None, None, Export]]
    count: int
    member_id: int
    done: Counter[str] = field(default_factory=Counter)
    stopped: bool = False


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


def own_pending(store: PendingStore[OwnedT], key: int, member_id: int) -> OwnedT:
    """Return a value that waits for its member. Raises UserError if it has expired or is another member's."""
    pending = store.get(key)
    if pending is None:
        raise UserError(texts.PREVIEW_FORGOTTEN)
    if pending.member_id != member_id:
        raise UserError(texts.PREVIEW_NOT_YOURS)
    return pending
