"""What discord.py remembers of the servers, corrected for shards that begin new sessions one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord.state import AutoShardedConnectionState

from cogs.core.shards import Shards

if TYPE_CHECKING:
    from discord.types.gateway import ReadyEvent


class ShardedState(AutoShardedConnectionState[Any]):
    """discord.py's state of several shards, in which each READY replaces what was known of its shard.

    discord.py keeps the servers that removed the bot while a shard was away, and when a shard begins a new session
    before all others are ready it forgets to say that these became so.
    """

    def begin(self, shards: Shards) -> None:
        """Prepare for connections of these shards; servers stay known until the READY of their shard."""
        for task in (self._ready_task, *self._ready_tasks.values()):
            if task is not None:
                task.cancel()
        self._ready_task = None
        self._ready_tasks = {}
        self._ready_states = {}
        self.shard_count = shards.count
        self.shard_ids = list(shards.ids)

    def parse_ready(self, data: ReadyEvent) -> None:
        """Handle the READY of one shard, which lists all of its servers."""
        shard_id, listed = data["shard"][0], {int(guild["id"]) for guild in data["guilds"]}
        for guild in list(self.guilds):
            if guild.shard_id == shard_id and guild.id not in listed:
                self._remove_guild(guild)
        self._ready_task = None  # discord.py would cancel it, and with it the tasks of the other shards
        super().parse_ready(data)
