"""Which shards of the bot's connection to Discord are run by this process, and which servers these have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
