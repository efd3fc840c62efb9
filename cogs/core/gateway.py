"""Logs in and stays connected to Discord's gateway, at any time of an outage and without a storm of attempts.

discord.py's own loop fails if the gateway is down at the first connection, reconnects without a pause when the gateway
closes each connection at once, and after an outage of an hour waits up to 17 minutes.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from cogs.core.backoff import Backoff, is_temporary, retry_after
from i18n import texts

_log = logging.getLogger(__name__)

_CONNECT_SECONDS: Final = 60.0
_NORMAL_CLOSE: Final = 1000
_INTENTS_REFUSED: Final = 4014
_TOO_MANY: Final = 429
_MOST_LOGIN_SECONDS: Final = 3600.0  # that Cloudflare's refusal of an address is obeyed: attempts meanwhile prolong it


class SteadyClient(discord.Client):
    """A client whose `login` and `connect` survive every outage; errors that the operator can fix are raised."""

    @property
    def is_connected(self) -> bool:
        """Whether the gateway has sent the servers, and the connection is open."""
        socket: DiscordWebSocket | None = self.ws
        return self.is_ready() and socket is not None and bool(socket.open)

    async def login(self, token: str) -> None:
        """Log in, as often as it takes while Discord cannot be reached. Raises discord.LoginFailure."""
        backoff = Backoff()
        while True:
            try:
                await super().login(token)
            except Exception as error:
                if not is_temporary(error) or self.is_closed():
                    raise
                await self._forget_session()
                await _wait(backoff, error, _MOST_LOGIN_SECONDS)
            else:
                return

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected until `close`, with sessions resumed where Discord allows it.

        Raises discord.ConnectionClosed and discord.PrivilegedIntentsRequired if Discord refuses the client. With
        `reconnect=False` it is discord.py's method, which raises the first error.
        """
        if not reconnect:
            return await super().connect(reconnect=False)
        backoff = Backoff()
        session: dict[str, Any] = {"initial": True}
        while not self.is_closed():
            backoff_reason: BaseException | None = None
            try:
                await self._listen(session)
            except ReconnectWebSocket as request:
                session = self._session(resume=request.resume)
            except Exception as error:  # noqa: BLE001 - raised again unless it may pass
                backoff_reason = await self._checked(error)
                session = self._session(resume=True)
            if not self.is_closed():
                self.dispatch("disconnect")
                await _wait(backoff, backoff_reason)
        return None

    async def _listen(self, session: dict[str, Any]) -> None:
        """Connect and handle events until the connection ends, which raises."""
        connecting = DiscordWebSocket.from_client(self, shard_id=self.shard_id, **session)
        self.ws = await asyncio.wait_for(connecting, _CONNECT_SECONDS)
        while True:
            await self.ws.poll_event()

    def _session(self, *, resume: bool) -> dict[str, Any]:
        """Return what the next connection needs to know of the last one; nothing if there was none."""
        last: DiscordWebSocket | None = self.ws
        if last is None:
            return {"initial": True}
        kept = {"sequence": last.sequence, "session": last.session_id, "resume": resume and bool(last.session_id)}
        return {**kept, "gateway": last.gateway} if kept["resume"] else kept

    async def _checked(self, error: Exception) -> Exception:
        """Return the error if it may pass, else close the client and raise it."""
        if self.is_closed():
            return error
        code = error.code if isinstance(error, discord.ConnectionClosed) else None
        if code == _NORMAL_CLOSE or (code is None and is_temporary(error)):
            return error
        await self.close()
        if code == _INTENTS_REFUSED:
            raise discord.PrivilegedIntentsRequired(self.shard_id) from None
        raise error

    async def _forget_session(self) -> None:
        """Close the HTTP session of a failed login; the next one creates its own."""
        await self.http.close()
        self.http.clear()
        self.http.connector = discord.utils.MISSING


async def _wait(backoff: Backoff, error: BaseException | None, most: float = 60.0) -> None:
    """Wait for the next attempt, and say so in the log if there was an error; `most` bounds what Discord asks for."""
    seconds = backoff.pause(retry_after(error, most) if error else 0.0)
    if isinstance(error, discord.HTTPException):
        # Not its text: that of Cloudflare, before Discord, is a page.
        reason = texts.TOO_MANY_LOGINS if error.status == _TOO_MANY else f"it answers with status {error.status}"
        _log.warning("The next attempt to reach Discord is in %.1f s: %s", seconds, reason)
    elif error is not None:
        reason = " ".join(str(error).split()) or repr(error)
        _log.warning("Discord cannot be reached; the next attempt is in %.1f s: %s", seconds, reason)
    await asyncio.sleep(seconds)
