"""The Discord client: sets up the cogs, connects, and shuts down cleanly on a signal."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs import admin, answers, articles, ask, helpers, pins
from cogs.admin.help_buttons import help_buttons
from cogs.answers.controls import answer_controls
from cogs.ask.ask_service import AskService
from cogs.core.cluster import Cluster
from cogs.core.command_ids import COMMAND_IDS
from cogs.core.command_sync import SyncFile, learn_ids, sync_when_changed
from cogs.core.overrides import Overrides
from cogs.core.roles import RoleCheck
from cogs.core.shard_leases import LeasedShards
from cogs.core.shard_share import Part
from cogs.core.shards import Shards
from cogs.core.translator import CommandTranslator, use_member_language
from cogs.core.visibility import Visibility
from cogs.messaging.accepted import AcceptedQuestions
from cogs.messaging.command_check import may_use_command
from cogs.messaging.component_bot import ComponentBot
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.message_reply import MessageReplies
from cogs.messaging.replies import SILENT, report_errors
from cogs.monitoring.server import monitoring
from cogs.services import Resources, Services
from i18n import texts
from index.models import SettingsError, UserError
from observability.request_ids import begin_request
from storage.cluster_models import new_process_name

_log = logging.getLogger(__name__)

_FEATURES: Final = (articles, ask, helpers, answers, pins, admin)  # lower layers first
_CLOSED_FOR: Final = {  # reasons, by the code with which Discord closes a connection for good
    4004: texts.TOKEN_REFUSED,
    4010: texts.SHARDING_REQUIRED,
    4011: texts.SHARDING_REQUIRED,
    4013: texts.INTENTS_REFUSED,
    4014: texts.INTENTS_REFUSED,
}
_REFUSED_WITH: Final = {401: texts.TOKEN_REFUSED, 403: texts.LOGIN_FORBIDDEN, 429: texts.TOO_MANY_LOGINS}
# At the end, seconds for handing shards over to other processes, for the questions that were accepted, for telling the
# others, and for disconnecting.
_HANDING_OVER: Final = 1.0
_ANSWERING: Final = 4.0
_TELLING: Final = 2.0
_DISCONNECTING: Final = 1.5
_IDS_KNOWN: Final = 2.0  # seconds between two looks whether another process has synced the commands


class VerbatimTree(app_commands.CommandTree[commands.Bot]):
    """The command tree; checks who may use a command, and reports errors that occur before its own code runs."""

    async def interaction_check(self, interaction: discord.Interaction[commands.Bot], /) -> bool:
        """Begin a request in the member's language, and check the member's role.

        Runs in each task of a command, menu entry or autocompletion.
        """
        begin_request()
        use_member_language(interaction)
        return interaction.type is discord.InteractionType.autocomplete or await may_use_command(interaction)

    async def on_error(
        self, interaction: discord.Interaction[commands.Bot], error: app_commands.AppCommandError, /
    ) -> None:
        """Report the error to the member, privately."""
        async with report_errors(InteractionReply(interaction)):
            raise error


class VerbatimBot(ComponentBot):
    """The Discord client. Models and data belong to the workers in `resources`, which outlive it."""

    def __init__(self, resources: Resources, shards: Shards | None = None, leases: LeasedShards | None = None) -> None:
        """Configure the client; nothing is sent yet. `shards` are to run; by default all, or those of its `leases`."""
        # The bot does not use voice channels; discord.py would warn about missing voice packages at each start.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            help_command=None,
            tree_cls=VerbatimTree,
            intents=intents(message_content=resources.settings.message_content),
            allowed_mentions=SILENT,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            shards=shards,
            leases=leases,
        )
        self._resources = resources
        self._cluster = leases.cluster if leases else None
        self._sync: asyncio.Task[bool] | None = None
        self._watch: asyncio.Task[None] | None = None
        token = resources.settings.discord_token
        self.accepted = AcceptedQuestions(
            resources.store,
            token.get_secret_value() if token else "",
            self.process_id,
            self.living,
            lambda: self.application_id or 0,
        )

    async def setup_hook(self) -> None:
        """Add the cogs; sync changed commands in the background."""
        visibility = Visibility(self, self._resources.store)
        self.add_listener(visibility.readers.forget_thread, "on_raw_thread_delete")
        self.add_listener(visibility.readers.forget_threads, "on_shard_ready")
        replies = MessageReplies()
        ask_service = AskService(self._resources, answer_controls, visibility, replies.question_locks)

        async def count_again(shard_id: int) -> None:
            ask_service.forget_limits(lambda guild_id: self.own_shards.of(guild_id) == shard_id)

        self.add_listener(count_again, "on_shard_ready")
        services = Services(
            self._resources, ask_service, self.in_flight, replies, visibility, self.accepted, help_buttons
        )
        COMMAND_IDS.learn({})
        await self.add_cog(RoleCheck(self._resources.store, Overrides(COMMAND_IDS)))
        for package in _FEATURES:
            await package.setup(self, services)
        self.add_fallback()
        await self.tree.set_translator(CommandTranslator())
        if self._resources.store.is_shared:
            self._watch = asyncio.create_task(self._resources.store.watch(partial(self.dispatch, "store_change")))
        self._sync = asyncio.create_task(self._sync_commands())

    async def on_store_change(self, is_reachable: bool) -> None:
        """Show as a status whether the bot can reach its data."""
        with suppress(discord.DiscordException, aiohttp.ClientError, OSError):
            await self.change_presence(status=discord.Status.online if is_reachable else discord.Status.dnd)

    async def _sync_commands(self) -> bool:
        """Sync changed commands if this process leads, once it does; until then only learn their ids."""
        record = self._cluster or SyncFile(self._resources.settings.data_dir)
        known = False
        while self._cluster and not self.leads:
            known = known or await learn_ids(record, self.application_id, COMMAND_IDS)
            await asyncio.sleep(_IDS_KNOWN)
        return await sync_when_changed(self.tree, record, COMMAND_IDS)

    async def on_message(self, message: discord.Message, /) -> None:
        """Skip discord.py's text commands; the cogs listen for messages themselves."""

    async def close(self) -> None:
        """Cancel the command sync and disconnect."""
        for task in (self._sync, self._watch):
            if task is not None:
                task.cancel()
        await super().close()


def intents(*, message_content: bool = False) -> discord.Intents:
    """Return the gateway intents of the client; only `message_content` adds a privileged one.

    Without it Discord still delivers the text of mentions, of replies that ping the bot and of direct messages.
    """
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.message_content = message_content
    return wanted


async def run_bot(resources: Resources, on_stop: Callable[[], None] = lambda: None) -> int:
    """Run until SIGTERM or SIGINT and return the exit status, 0; `on_stop` is called when the signal arrives.

    Further questions are refused then. Those accepted get 4 seconds; what has no answer then is left to another process
    or, if there is none, told to ask again, within 2 seconds more, even if the models hang. Raises UserError, with the
    remedy, if Discord refuses the token or an intent or cannot be reached.
    """
    token = resources.settings.discord_token
    if token is None:
        raise UserError(texts.TOKEN_MISSING)
    stopping = asyncio.Event()
    async with VerbatimBot(resources, leases=_leases(resources)) as bot, monitoring(bot, resources):
        running = asyncio.create_task(_connect(bot, token.get_secret_value()))
        expiring = asyncio.create_task(bot.accepted.expire_always())
        ending = asyncio.create_task(stopping.wait())
        with _on_signals(stopping.set):
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            if not running.done():
                _log.info("Stopping")
                on_stop()
                with suppress(TimeoutError):
                    await asyncio.wait_for(bot.hand_over_shards(), _HANDING_OVER)
                await _finish_answers(bot, resources)
                with suppress(TimeoutError):
                    await asyncio.wait_for(bot.close(), _DISCONNECTING)
                running.cancel()
            expiring.cancel()
            with suppress(asyncio.CancelledError):
                await running
    return 0


def _leases(resources: Resources) -> LeasedShards | None:
    """Return the leases of the shards of this process; None if it is the only one and has all shards."""
    leases = resources.store.stores.shard_leases(new_process_name())
    if leases is None:
        return None
    return LeasedShards(Cluster(leases, Part(*resources.cluster) if resources.cluster else None))


async def _finish_answers(bot: VerbatimBot, resources: Resources) -> None:
    """Answer the questions that were accepted while there is time, and leave the others to another process.

    Where none runs, they are told that the bot restarts: nobody knows whether it is started again within minutes.
    """
    workers = (resources.worker, resources.fetch_worker)
    for worker in workers:
        worker.stop_accepting()
    if not await bot.in_flight.wait_until_idle(seconds=_ANSWERING):
        if await bot.accepted.others_live():
            bot.accepted.leave()
        for worker in workers:
            worker.refuse_all()
        await bot.in_flight.wait_until_idle(seconds=_TELLING)


async def _connect(bot: VerbatimBot, token: str) -> None:
    """Log in and stay connected. Raises UserError for failures that the operator can fix."""
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise SettingsError(texts.TOKEN_REFUSED) from error
    except discord.PrivilegedIntentsRequired as error:
        raise SettingsError(texts.INTENTS_REFUSED) from error
    except discord.ConnectionClosed as error:
        reason = _CLOSED_FOR.get(error.code, texts.REFUSED.format(code=error.code))
        raise (SettingsError if error.code in _CLOSED_FOR else UserError)(reason) from error
    except (aiohttp.ClientConnectionError, discord.GatewayNotFound, discord.DiscordServerError, OSError) as error:
        raise UserError(texts.UNREACHABLE) from error
    except discord.HTTPException as error:
        reason = _REFUSED_WITH.get(error.status, texts.REFUSED.format(code=error.status))
        raise (SettingsError if error.status == 401 else UserError)(reason) from error


@contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the event loop when SIGTERM or SIGINT arrives inside the block."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in signals}
    for number in signals:
        # loop.add_signal_handler does not exist on Windows.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
