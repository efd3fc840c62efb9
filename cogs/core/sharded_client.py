"""A client whose shards come and go: which ones this process has, and what it knows of their servers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Final

import discord

from cogs.core.running_shards import RunningShards
from cogs.core.shard_leases import LeasedShards
from cogs.core.sharded_state import ShardedState
from cogs.core.shards import Shards
from storage.cluster_models import new_process_name

_LAST_ANSWERS: Final = 60.0  # seconds, at most, that the servers of a lost shard are still known


class ShardedClient(discord.AutoShardedClient):
    """The shards of this process, which `cogs.core.gateway.SteadyClient` connects.

    Attributes:
        process_id: A name of this process that no other one of the bot has had.
    """

    _connection: ShardedState

    def __init__(self, *, shards: Shards | None = None, leases: LeasedShards | None = None, **options: Any) -> None:
        """Configure the client; with `shards` it runs these, whatever Discord recommends, with `leases` its share."""
        if shards is not None:
            options |= {"shard_count": shards.count, "shard_ids": list(shards.ids)}
        super().__init__(**options)
        self._given_shards = shards
        self._leases = leases
        self.process_id = leases.cluster.process if leases else new_process_name()
        self._ready_shards: set[int] = set()
        self._running: RunningShards | None = None
        self._forgetting: set[asyncio.Task[None]] = set()
        if leases is not None:
            self._connection.permit = leases

    @property
    def own_shards(self) -> Shards:
        """The shards of this process. Until `connect` has asked Discord, one is assumed, or none with `leases`."""
        if self._leases is not None:
            return Shards(self.shard_count or 1, self._leases.held)
        return self._given_shards or Shards.all_of(self.shard_count or 1)

    @property
    def ready_shards(self) -> Collection[int]:
        """The shards of this process whose servers are known."""
        return frozenset(self._ready_shards)

    @property
    def disconnected_shards(self) -> list[int]:
        """The shards of this process that are not connected, or whose servers are not known yet."""
        shards = self.shards
        return [
            one
            for one in self.own_shards.ids
            if one not in self._ready_shards or one not in shards or shards[one].is_closed()
        ]

    @property
    def is_connected(self) -> bool:
        """Whether all shards are connected, and their servers known."""
        return not self.disconnected_shards

    @property
    def leads(self) -> bool:
        """Whether this process does what must be done once however many processes there are: that with shard 0."""
        return self.holds(None)

    def holds(self, guild_id: int | None) -> bool:
        """Whether this process runs the shard of a server now; None stands for direct messages."""
        shards = self.own_shards
        shard = shards.of(guild_id)
        return shard in shards.ids and self._connection.permit.holds(shard)

    async def living(self) -> Collection[str]:
        """Return the ids of the processes of the bot that live. Raises StorageError if they cannot be looked up."""
        return {self.process_id} if self._leases is None else await self._leases.cluster.living()

    def knows_whether_in(self, guild_id: int) -> bool:
        """Whether a server that `guilds` lacks is one that the bot is not in: its shard has listed its servers."""
        return self.own_shards.of(guild_id) in self._ready_shards

    def add_shard(self, shard_id: int) -> None:
        """Connect one more shard."""
        self._connection.add_shard(shard_id)
        if self._running is not None:
            self._running.start(shard_id)

    async def remove_shard(self, shard_id: int) -> None:
        """Disconnect a shard, whose events are not handled any more; answers in progress are still finished."""
        self._connection.remove_shard(shard_id)
        self._ready_shards.discard(shard_id)
        if self._running is not None:
            await self._running.stop(shard_id)
        if not self.is_closed():
            self.dispatch("shard_lost", shard_id)
            forgetting = asyncio.create_task(self._forget_servers(shard_id))
            self._forgetting.add(forgetting)
            forgetting.add_done_callback(self._forgetting.discard)

    async def suspend_shards(self) -> None:
        """Disconnect all shards; they resume their sessions once this process may run them again."""
        if self._running is not None:
            await self._running.suspend()

    async def wait_until_idle(self, seconds: float) -> None:
        """Wait at most so long until nothing is being answered."""
        del seconds

    async def hand_over_shards(self) -> None:
        """Let the other processes of the bot, if there are any, take all shards of this one now, which is to end."""
        if self._leases is not None:
            await self._leases.stop(self)

    def _get_state(self, **options: Any) -> ShardedState:
        return ShardedState(
            dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options
        )

    async def _forget_servers(self, shard_id: int) -> None:
        """Forget the servers of a lost shard once the answers in progress, which may look at them, are finished."""
        await self.wait_until_idle(_LAST_ANSWERS)
        if shard_id not in self.own_shards.ids:
            self._connection.forget_servers(shard_id)
