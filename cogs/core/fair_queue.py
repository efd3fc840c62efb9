"""A queue that serves servers in turn, and the members of each server in turn."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Turn:
    """For whom a job is done: a server, named like its library or by its id, and the member who waits for it."""

    server: str = ""
    member: int = 0


class FairQueue(Generic[T]):
    """Items of servers, taken round-robin; within a server those of its members round-robin. Not thread-safe."""

    def __init__(self) -> None:
        """Start empty."""
        # The server, and within it the member, whose turn is next comes first.
        self._servers: OrderedDict[str, OrderedDict[int, deque[T]]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """Return the number of items."""
        return self._count

    def push(self, turn: Turn, item: T, *, first: bool = False) -> None:
        """Add an item after those of the same member, or before them if `first`."""
        items = self._servers.setdefault(turn.server, OrderedDict()).setdefault(turn.member, deque())
        (items.appendleft if first else items.append)(item)
        self._count += 1

    def pop(self, skip: Collection[str] = ()) -> T | None:
        """Remove and return the next item of a server that is not in `skip`, or None."""
        server = next((name for name in self._servers if name not in skip), None)
        if server is None:
            return None
        members = self._servers[server]
        member, items = members.popitem(last=False)
        item = items.popleft()
        if items:
            members[member] = items
        if members:
            self._servers.move_to_end(server)
        else:
            del self._servers[server]
        self._count -= 1
        return item

    def count(self, server: str) -> int:
        """Return the number of items of a server."""
        return sum(map(len, self._servers.get(server, {}).values()))

    def ahead_of(self, turn: Turn) -> int:
        """Return how many items would be taken before one that is pushed now, if no other is pushed meanwhile."""
        own = self._servers.get(turn.server, OrderedDict[int, deque[T]]())
        mine = len(own.get(turn.member, ()))
        in_server = sum(min(len(items), mine + (member != turn.member)) for member, items in own.items())
        others = (name for name in self._servers if name != turn.server)
        return in_server + sum(min(self.count(name), in_server + 1) for name in others)

    def items(self) -> list[T]:
        """Return all items."""
        return [item for members in self._servers.values() for items in members.values() for item in items]
