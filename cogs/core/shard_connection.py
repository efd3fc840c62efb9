"""The connection of one shard to Discord's gateway, at any time of an outage and without a storm of attempts.

discord.py's own loop handles shards one after the other, so that one that does not connect holds up the others, ends
the bot at an unexpected error of one shard, and connects again without a pause when each connection is closed at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final

import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from cogs.core.backoff import CONNECTION_ERRORS, Backoff, is_temporary, wait_for_attempt
from cogs.core.gateway_socket import GatewaySocket
from cogs.core.session_starts import SessionStarts
from cogs.core.sharded_state import ShardedState

_log = logging.getLogger(__name__)

_CONNECT_SECONDS: Final = 60.0
_READY_SECONDS: Final = 120.0  # from IDENTIFY to READY
_CLOSE_SECONDS: Final = 1.0  # for a gateway that does not answer when the connection is closed
_NORMAL_CLOSE: Final = 1000
_TO_RESUME: Final = 4000


class ShardConnection:
    """Keeps one shard connected. It stands among discord.py's shards, which finds the socket in `ws`."""

    ws: DiscordWebSocket

    def __init__(
        self,
        client: discord.AutoShardedClient,
        state: ShardedState,
        shard_id: int,
        starts: SessionStarts,
        connected: MutableMapping[int, Any],
    ) -> None:
        """Prepare; `run` connects, and puts the connection into `connected` once it has a socket."""
        self.id = shard_id
        self._client = client
        self._state = state
        self._starts = starts
        self._connected = connected
        self._avoids_gateway = False  # the one of the session, after it could not be reached

    async def run(self) -> None:
        """Stay connected until the client is closed, with sessions resumed where Discord allows it.

        While this process may not run the shard, no attempt to connect is made. Raises discord.ConnectionClosed if
        Discord refuses the shard, which no further attempt would change.
        """
        backoff = Backoff()
        session: dict[str, Any] = {}
        while not self._client.is_closed():
            reason: Exception | None = None
            try:
                await self._state.permit.until_held(self.id)
                await self._listen(session)
            except ReconnectWebSocket as request:
                session = self._session(resume=request.resume)
            except Exception as error:  # noqa: BLE001 - what is unexpected in one shard must not stop the others
                reason = self._checked(error)
                session = self._session(resume=reason is not None)
                await self.close(_TO_RESUME if session else _NORMAL_CLOSE)
            if not self._client.is_closed():
                self._client.dispatch("disconnect")
                self._client.dispatch("shard_disconnect", self.id)
                await wait_for_attempt(backoff, reason, name=self._name())

    async def close(self, code: int = _NORMAL_CLOSE) -> None:
        """Close the connection if it is open, by default with its session."""
        if self.id in self._connected:
            await _close(self.ws, code)

    async def suspend(self) -> None:
        """Close the connection so that the session can be resumed; `run` does so once this process may."""
        await self.close(_TO_RESUME)

    async def _listen(self, session: dict[str, Any]) -> None:
        """Connect and handle events until the connection ends, which raises unless the client was closed."""
        if session.get("resume"):
            try:
                self.ws = await self._connect(session)
            except CONNECTION_ERRORS:
                self._avoids_gateway = not self._avoids_gateway
                raise
        else:
            async with self._starts.turn(self.id):
                self.ws = await self._connect(session)
        self._connected[self.id] = self
        if self._client.is_closed():  # meanwhile
            return await self.close()
        async with asyncio.timeout(_READY_SECONDS):
            while self.ws.session_id is None:
                await self.ws.poll_event()
        while True:
            await self.ws.poll_event()
            await asyncio.sleep(0)  # hundreds of servers that come at once must not hold up everything else

    async def _connect(self, session: dict[str, Any]) -> DiscordWebSocket:
        self._state.opened.pop(self.id, None)
        connecting = GatewaySocket.from_client(self._client, shard_id=self.id, **session)
        try:
            return await asyncio.wait_for(connecting, _CONNECT_SECONDS)
        except BaseException:
            if (half_open := self._state.opened.pop(self.id, None)) is not None:
                await _close(half_open, _TO_RESUME if session else _NORMAL_CLOSE)
            raise

    def _session(self, *, resume: bool) -> dict[str, Any]:
        """Return what the next connection needs to know of the last session; nothing if there is none to resume."""
        last = self.ws if self.id in self._connected else None
        if not resume or last is None or not last.session_id:
            return {}
        kept = {"resume": True, "session": last.session_id, "sequence": last.sequence}
        # The address that Discord gave for the session may be gone for good; the usual one resumes sessions as well.
        return kept if self._avoids_gateway else {**kept, "gateway": last.gateway}

    def _checked(self, error: Exception) -> Exception | None:
        """Return an error of the connection, which may pass; log an unexpected one; raise a refusal."""
        if self._client.is_closed():
            return error
        if isinstance(error, discord.ConnectionClosed):
            if error.code != _NORMAL_CLOSE:
                raise error
            return error
        if is_temporary(error):
            return error
        if isinstance(error, discord.DiscordException):
            raise error
        _log.error("%s begins a new session after an unexpected error", self._name() or "The bot", exc_info=error)
        return None

    def _name(self) -> str:
        """Return how the log calls this shard; empty if it is the only one."""
        count = self._client.shard_count or 1
        return f"shard {self.id} of {count}" if count > 1 else ""


async def _close(socket: DiscordWebSocket, code: int) -> None:
    if socket.open:
        with suppress(*CONNECTION_ERRORS):
            await asyncio.wait_for(socket.close(code=code), _CLOSE_SECONDS)
