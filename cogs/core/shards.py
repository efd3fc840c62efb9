"""Which shards of the bot's connection to Discord are run by this process, and which servers these have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

DIRECT_MESSAGES: Final = 0
"""The shard that gets direct messages."""


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of this process: `ids` of `count`. Every server is on exactly one of the `count` shards."""

    count: int
    ids: tuple[int, ...]

    @classmethod
    def all_of(cls, count: int) -> Shards:
        """Return all shards: the bot is one process."""
        return cls(count, tuple(range(count)))

    def of(self, guild_id: int | None) -> int:
        """Return the shard of a server; None stands for direct messages."""
        return DIRECT_MESSAGES if guild_id is None else (guild_id >> 22) % self.count


class ShardPermit(Protocol):
    """Says whether this process may run a shard at this moment."""

    def holds(self, shard_id: int) -> bool:
        """Whether it may."""
        ...

    async def until_held(self, shard_id: int) -> None:
        """Wait until it may."""
        ...


class AllShards:
    """The permit of a process that is the only one."""

    def holds(self, shard_id: int) -> bool:
        """Return True."""
        del shard_id
        return True

    async def until_held(self, shard_id: int) -> None:
        """Return at once."""
