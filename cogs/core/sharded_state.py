"""What discord.py remembers of the servers, corrected for shards that begin new sessions one by one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from discord.state import AutoShardedConnectionState

from cogs.core.shards import AllShards, ShardPermit, Shards

if TYPE_CHECKING:
    from discord.gateway import DiscordWebSocket
    from discord.types.gateway import ReadyEvent


class ShardedState(AutoShardedConnectionState[Any]):
    """discord.py's state of several shards, in which each READY replaces what was known of its shard.

    discord.py keeps the servers that removed the bot while a shard was away, and when a shard begins a new session
    before all others are ready it forgets to say that these became so. It cannot add or remove a shard, either.

    Attributes:
        permit: Says which shards this process may run.
        opened: The newest connection of each shard, which may not have a session yet.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Configure the state with discord.py's options."""
        super().__init__(*args, **kwargs)
        self.permit: ShardPermit = AllShards()
        self.opened: dict[int, DiscordWebSocket] = {}

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

    def add_shard(self, shard_id: int) -> None:
        """Prepare for the connection of one more shard."""
        self.shard_ids = sorted({*self.shard_ids, shard_id})

    def remove_shard(self, shard_id: int) -> None:
        """Wait no longer for a shard; its servers stay known until `forget_servers`."""
        self.shard_ids = [one for one in self.shard_ids if one != shard_id]
        self._ready_states.pop(shard_id, None)
        task = self._ready_tasks.pop(shard_id, None)
        if task is not None:
            task.cancel()
        if self._ready_task is None and self._ready_tasks and len(self._ready_tasks) == len(self.shard_ids):
            self._ready_task = asyncio.create_task(self._delay_ready())  # all others were waiting for this one

    def forget_servers(self, shard_id: int | None = None) -> None:
        """Forget the servers of a shard, or all: another process has them now."""
        for guild in list(self.guilds):
            if shard_id is None or guild.shard_id == shard_id:
                self._remove_guild(guild)

    def _update_references(self, ws: DiscordWebSocket) -> None:
        super()._update_references(ws)
        if ws.shard_id is not None:
            self.opened[ws.shard_id] = ws

    def parse_ready(self, data: ReadyEvent) -> None:
        """Handle the READY of one shard, which lists all of its servers."""
        shard_id, listed = data["shard"][0], {int(guild["id"]) for guild in data["guilds"]}
        for guild in list(self.guilds):
            if guild.shard_id == shard_id and guild.id not in listed:
                self._remove_guild(guild)
        self._ready_task = None  # discord.py would cancel it, and with it the tasks of the other shards
        super().parse_ready(data)
