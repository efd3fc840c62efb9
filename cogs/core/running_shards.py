"""The connections of this process's shards: shards can be added and removed while the client runs."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import discord

from cogs.core.session_starts import SessionStarts
from cogs.core.shard_connection import ShardConnection
from cogs.core.sharded_state import ShardedState


class RunningShards:
    """Runs each shard in a task of its own. For use on the event loop."""

    def __init__(self, client: discord.AutoShardedClient, state: ShardedState, starts: SessionStarts) -> None:
        """Start with no shard."""
        self._client = client
        self._state = state
        self._starts = starts
        # discord.py offers no public way to add a shard; `shards`, `latencies` and `close` read this mapping.
        self._connected: MutableMapping[int, Any] = vars(client)["_AutoShardedClient__shards"]
        self._connections: dict[int, ShardConnection] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, shard_id: int) -> None:
        """Connect a shard, unless it is there."""
        if shard_id in self._tasks:
            return
        connection = ShardConnection(self._client, self._state, shard_id, self._starts, self._connected)
        self._connections[shard_id] = connection
        self._tasks[shard_id] = task = asyncio.create_task(connection.run())
        task.add_done_callback(self._note_end)

    async def stop(self, shard_id: int) -> None:
        """Disconnect a shard, and end its session."""
        task, connection = self._tasks.pop(shard_id, None), self._connections.pop(shard_id, None)
        if task is not None and connection is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await connection.close()
            self._connected.pop(shard_id, None)

    async def suspend(self) -> None:
        """Disconnect all shards so that they can resume their sessions when this process may run them again."""
        await asyncio.gather(*(one.suspend() for one in self._connections.values()))

    async def until_refused(self) -> None:
        """Wait until the client is closed or Discord refuses a shard, which raises what that did."""
        await asyncio.shield(self._ended)

    def end(self) -> None:
        """Let `until_refused` return."""
        if not self._ended.done():
            self._ended.set_result(None)

    async def close(self) -> None:
        """Disconnect all shards."""
        self.end()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if not self._client.is_closed():
            await asyncio.gather(*(one.close() for one in list(self._connected.values())))
            self._connected.clear()

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self._ended.done():
            return
        error = task.exception()
        if error is not None:
            self._ended.set_exception(error)
        elif self._client.is_closed():
            self._ended.set_result(None)
