"""Articles and files that were shown to a member and wait for *Add* or *Cancel*; held in memory."""

from __future__ import annotations

import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import discord

from i18n import texts
from index.libraries.export_file import Export
from index.memory import size_of
from index.models import Draft, UserError

V = TypeVar("V")

_ID_BITS: Final = 59  # at most 18 digits
_MAX_BYTES: Final = 128 * 1024 * 1024
_SHARES: Final = 4  # a server may have a quarter of the number and of the bytes
_KEPT_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Owner:
    """The member for whom a value is kept, and their server; only there they can use it."""

    server_id: int
    member_id: int

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Owner:
        """Return the member and server of an interaction."""
        return cls(interaction.guild_id or 0, interaction.user.id)


@dataclass(frozen=True, slots=True)
class Preview:
    """An article in a preview, and what was left out of it and who may see it."""

    draft: Draft
    missing: str = ""


@dataclass(slots=True)
class PendingImport:
    """A file that may be imported.

    `read` parses the file, in steps; `count` is its number of articles; `size` is what `read` keeps, in bytes; `done`
    counts imported articles by status; `stopped` is set to end the import after the present article.
    """

    read: Callable[[], Generator[None, None, Export]]
    count: int
    size: int = 0
    done: Counter[str] = field(default_factory=Counter)
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Kept(Generic[V]):
    """A value with its owner, its size in bytes and the time, of `time.perf_counter`, at which it is dropped."""

    value: V
    owner: Owner
    size: int
    until: float


class PendingStore(Generic[V]):
    """The newest values by id, in memory only, for an hour. For use on the event loop.

    At most `max_items` values and `max_bytes` bytes are kept, and of one server a quarter of each at most, so that
    nobody's previews displace those of others. Ids are random, so that a button from before a restart cannot refer to a
    different value; as they can be forged all the same, a value is returned to its owner only.
    """

    def __init__(self, max_items: int = 100, max_bytes: int = _MAX_BYTES) -> None:
        self._values: OrderedDict[int, Kept[V]] = OrderedDict()  # those that are dropped soonest first
        self._max_items = max_items
        self._max_bytes = max_bytes

    @property
    def bytes(self) -> int:
        """The size of all values."""
        return sum(kept.size for kept in self._values.values())

    def put(self, value: V, owner: Owner, size: int = 0) -> int:
        """Store a value and return its id; `size` is what the value refers to in bytes, if it cannot be measured."""
        key = secrets.randbits(_ID_BITS)
        self._store(key, value, owner, size)
        return key

    def replace(self, key: int, value: V) -> None:
        """Store a new value under an existing id. An unknown one is ignored."""
        known = self._values.pop(key, None)
        if known is not None:
            self._store(key, value, known.owner, 0)

    def __contains__(self, key: int) -> bool:
        """Whether a value is kept, whoever owns it."""
        self._drop_expired()
        return key in self._values

    def get(self, key: int, owner: Owner) -> V | None:
        """Return an owner's value, or None if it was dropped, the bot has restarted, or it is not theirs."""
        self._drop_expired()
        kept = self._values.get(key)
        return kept.value if kept and kept.owner == owner else None

    def own(self, key: int, owner: Owner) -> V:
        """Return an owner's value. Raises UserError if it was dropped, or belongs to another member or server."""
        self._drop_expired()
        kept = self._values.get(key)
        if kept is None or kept.owner.server_id != owner.server_id:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        if kept.owner != owner:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        return kept.value

    def take(self, key: int, owner: Owner) -> V:
        """Return an owner's value and drop it. Raises UserError as `own` does."""
        value = self.own(key, owner)
        self.discard(key)
        return value

    def discard(self, key: int) -> None:
        """Drop a value; unknown ids are ignored."""
        self._values.pop(key, None)

    def _store(self, key: int, value: V, owner: Owner, size: int) -> None:
        until = time.perf_counter() + _KEPT_SECONDS
        self._values[key] = Kept(value, owner, size + size_of(value), until)
        of_server = [one for one, kept in self._values.items() if kept.owner.server_id == owner.server_id]
        share = max(1, self._max_items // _SHARES), self._max_bytes // _SHARES
        self._drop_beyond(of_server, *share)
        self._drop_beyond(list(self._values), self._max_items, self._max_bytes)
        self._drop_expired()

    def _drop_beyond(self, keys: list[int], most: int, most_bytes: int) -> None:
        """Drop the oldest of some values until the rest fits; the newest one is kept whatever its size."""
        size = sum(self._values[key].size for key in keys)
        for position, key in enumerate(keys[:-1]):
            if len(keys) - position <= most and size <= most_bytes:
                return
            size -= self._values.pop(key).size

    def _drop_expired(self) -> None:
        """Drop what has expired; what nobody asks for again stays within the bounds of `_store` until then."""
        now = time.perf_counter()
        while self._values and next(iter(self._values.values())).until <= now:
            self._values.popitem(last=False)
