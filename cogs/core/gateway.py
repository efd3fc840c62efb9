"""Logs in and stays connected to Discord's gateway with as many shards as Discord recommends.

discord.py's own client fails if Discord is down at the first connection, and after an outage of an hour waits up to 17
minutes; with another number of shards than Discord requires it ends.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import discord

from cogs.core.backoff import CONNECTION_ERRORS, Backoff, is_temporary, wait_for_attempt
from cogs.core.running_shards import RunningShards
from cogs.core.session_starts import GatewayInfo, SessionStarts
from cogs.core.shard_leases import LeasedShards
from cogs.core.sharded_client import ShardedClient
from cogs.core.shards import Shards
from i18n import texts
from index.sqlite_errors import StorageError

_log = logging.getLogger(__name__)

_OTHER_SHARDS: Final = frozenset({4010, 4011})  # close codes: invalid shard, sharding required
_INTENTS_REFUSED: Final = 4014
_MOST_LOGIN_SECONDS: Final = 3600.0  # that Cloudflare's refusal of an address is obeyed: attempts meanwhile prolong it
_READY_WITHOUT_ALL: Final = 300.0  # seconds after the first shard for which the others are waited for


class SteadyClient(ShardedClient):
    """A client whose `login` and `connect` survive every outage; errors that the operator can fix are raised.

    Each shard has a connection of its own, whose loss the others do not notice. `shard_count` and `own_shards` are
    known once `connect` has asked Discord. "ready" is dispatched when all shards are, and after five minutes even if
    some of them still cannot be connected; "shard_ready" for each of them, after each new session.

    With `leases` the bot may be several processes: shards come and go, and "shard_lost" is dispatched for each that
    this process gives up or loses. Its servers are then no longer among `guilds`, without "guild_remove".
    """

    def __init__(self, *, shards: Shards | None = None, leases: LeasedShards | None = None, **options: Any) -> None:
        """Configure the client; with `shards` it runs these, whatever Discord recommends, with `leases` its share."""
        super().__init__(shards=shards, leases=leases, **options)
        self._starts = SessionStarts(self._ask_gateway, leases.cluster if leases else None)
        self._late: asyncio.Task[None] | None = None

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
                await wait_for_attempt(backoff, error, _MOST_LOGIN_SECONDS)
            else:
                return

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected until `close`; with another number of shards if Discord requires that.

        Raises discord.ConnectionClosed and discord.PrivilegedIntentsRequired if Discord refuses the client.
        `reconnect` is ignored: this client always connects again.
        """
        del reconnect
        backoff = Backoff()
        while not self.is_closed():
            try:
                await self._choose_shards()
                await self._run_shards()
            except discord.ConnectionClosed as error:
                if error.code not in _OTHER_SHARDS or self._given_shards or self.is_closed():
                    await self._refused(error)
                _log.warning("%s", texts.OTHER_SHARDS_REQUIRED.format(count=self.shard_count, code=error.code))
                if self._leases is not None:
                    await self._leases.ask_for_other_number()
                await wait_for_attempt(backoff, None)
            except Exception:
                await self.close()
                raise

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count the session that starts now; it has waited for its turn before it connected."""
        del initial
        self._starts.count(shard_id or 0)

    async def on_shard_ready(self, shard_id: int) -> None:
        """Note that the servers of a shard are known."""
        if shard_id not in self.own_shards.ids:
            return
        self._ready_shards.add(shard_id)
        if self._late is None and not self.is_ready() and len(self.own_shards.ids) > 1:
            self._late = asyncio.create_task(self._be_ready_without_all())

    async def close(self) -> None:
        """Disconnect all shards, and let other processes take them."""
        if self._late is not None:
            self._late.cancel()
        await super().close()
        if self._running is not None:
            self._running.end()
        if self._leases is not None:
            await self._leases.leave()

    async def _choose_shards(self) -> None:
        """Ask Discord how many shards there are to be, and the other processes if there may be any."""
        before, recommended = self.shard_count, await self._recommended_shards()
        self.shard_count = self._given_shards.count if self._given_shards else recommended
        if self._leases is not None:
            self.shard_count = await self._join(self._leases, recommended)
            self._connection.forget_servers()
        self._ready_shards.clear()
        self._connection.begin(self.own_shards)
        if before != self.shard_count and max(before or 1, self.shard_count) > 1:
            _log.info("The bot connects to Discord with %s shards", self.shard_count)

    async def _recommended_shards(self) -> int:
        backoff = Backoff()
        while True:
            try:
                return await self._starts.recommended_shards()
            except (discord.DiscordException, *CONNECTION_ERRORS) as error:
                if not is_temporary(error) or self.is_closed():
                    raise
                await wait_for_attempt(backoff, error)

    async def _join(self, leases: LeasedShards, recommended: int) -> int:
        """Agree on the number of shards with the other processes, as often as it takes while the database is down."""
        backoff = Backoff()
        while True:
            try:
                return await leases.join(self.application_id or 0, recommended)
            except StorageError as error:
                _log.warning("The other processes of the bot cannot be asked about its shards: %s", error)
                await wait_for_attempt(backoff, None)

    async def _run_shards(self) -> None:
        """Run the connections until the client is closed or one of them is refused, which raises.

        With leases, also until another number of shards is needed.
        """
        self._running = running = RunningShards(self, self._connection, self._starts)
        waiting = [asyncio.create_task(running.until_refused())]
        if self._leases is None:
            for one in self.own_shards.ids:
                running.start(one)
        else:
            waiting.append(asyncio.create_task(self._leases.run(self)))
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await running.close()
            self._running = None

    async def _refused(self, error: discord.ConnectionClosed) -> None:
        """Close the client and raise the error."""
        await self.close()
        if error.code == _INTENTS_REFUSED:
            raise discord.PrivilegedIntentsRequired(error.shard_id) from None
        raise error

    async def _be_ready_without_all(self) -> None:
        """Let the background jobs begin although some shards are not connected: the others have work."""
        await asyncio.sleep(_READY_WITHOUT_ALL)
        if not self.is_ready():
            missing = ", ".join(map(str, self.disconnected_shards))
            _log.warning("The bot begins its background jobs without the shards that are not connected: %s", missing)
            self._handle_ready()
            self.dispatch("ready")

    async def _ask_gateway(self) -> GatewayInfo:
        """Ask Discord for the recommended number of shards and what is left of the session starts."""
        try:
            shards, _, limit = await self.http.get_bot_gateway()
        except discord.GatewayNotFound as error:
            raise error.__cause__ or error from None  # the response: only its status tells whether it may pass
        return GatewayInfo(
            shards, limit["total"], limit["remaining"], limit["reset_after"] / 1000, limit["max_concurrency"]
        )

    async def _forget_session(self) -> None:
        """Close the HTTP session of a failed login; the next one creates its own."""
        await self.http.close()
        self.http.clear()
        self.http.connector = discord.utils.MISSING
