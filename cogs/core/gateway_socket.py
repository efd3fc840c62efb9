"""A connection to Discord's gateway that handles no event while this process may not run its shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord.gateway import DiscordWebSocket

if TYPE_CHECKING:
    from cogs.core.sharded_state import ShardedState


class GatewaySocket(DiscordWebSocket):
    """discord.py's connection; what it has received waits as long as the lease of the shard is not certain.

    A process that was frozen finds events in its sockets when it goes on; by then another one may run the shard.
    """

    _connection: ShardedState
    shard_id: int

    async def received_message(self, msg: Any, /) -> None:
        """Handle a message of the gateway once this process may."""
        permit = self._connection.permit
        if not permit.holds(self.shard_id):
            await permit.until_held(self.shard_id)
        await super().received_message(msg)
