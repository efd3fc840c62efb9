"""The Discord client: built from parts that are ready, started, and ended cleanly."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs import admin, answers, articles, ask, pins
from cogs.answers.controls import answer_controls
from cogs.ask.ask_service import AskService
from cogs.core.command_sync import sync_when_changed
from cogs.core.translator import CommandTranslator, speak_to_member
from cogs.messaging.component_bot import ComponentBot
from cogs.messaging.replies import SILENT, InteractionReply, MessageReplies, told
from cogs.services import Resources, Services
from i18n import texts
from index.models import SettingsError, UserError

_log = logging.getLogger(__name__)

_FEATURES: Final = (articles, ask, answers, pins, admin)  # in the order in which they may rely on each other
_BAD_TOKEN: Final = 4004
_LAST_ANSWERS_SECONDS: Final = 5.0


class VerbatimTree(app_commands.CommandTree[commands.Bot]):
    """The commands; what goes wrong before a command's own code runs is told here."""

    async def interaction_check(self, interaction: discord.Interaction[commands.Bot], /) -> bool:
        """Choose the language; this runs in the task of each command, menu entry and autocompletion."""
        speak_to_member(interaction)
        return True

    async def on_error(
        self, interaction: discord.Interaction[commands.Bot], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the member in a plain private sentence."""
        async with told(InteractionReply(interaction)):
            raise error


class VerbatimBot(ComponentBot):
    """Verbatim on Discord. It owns no models and no data: both live behind the worker that is passed in."""

    def __init__(self, resources: Resources) -> None:
        """Prepare the client; nothing is sent yet."""
        # Verbatim does not speak in voice channels; discord.py would warn of missing voice packages at each start.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            help_command=None,
            tree_cls=VerbatimTree,
            intents=intents(message_content=resources.settings.message_content),
            allowed_mentions=SILENT,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self._resources = resources
        self._sync: asyncio.Task[bool] | None = None

    async def setup_hook(self) -> None:
        """Add the features, and send the commands in the background if they have changed."""
        asking = AskService(self._resources, answer_controls)
        services = Services(self._resources, asking, self.in_flight, MessageReplies())
        for package in _FEATURES:
            await package.setup(self, services)
        self.add_fallback()
        await self.tree.set_translator(CommandTranslator())
        self._sync = asyncio.create_task(sync_when_changed(self.tree, self._resources.settings.data_dir))

    async def on_message(self, message: discord.Message, /) -> None:
        """Ignore text commands; a message that asks is answered by the feature that listens for it."""

    async def close(self) -> None:
        """Stop what runs in the background, then end the connection."""
        if self._sync is not None:
            self._sync.cancel()
        await super().close()


def intents(*, message_content: bool = False) -> discord.Intents:
    """Return the events that the bot hears; none of them is privileged unless `message_content` is wanted.

    Discord delivers the text of mentions, of replies that ping the bot and of direct messages without
    the privileged message content intent.
    """
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.message_content = message_content
    return wanted


async def run_bot(resources: Resources) -> int:
    """Run until SIGTERM or SIGINT and return the exit status, 0.

    Answers that are being given then are finished first, for a few seconds at most.
    Raises UserError with how to fix it when Discord refuses the token or an intent, or cannot be reached.
    """
    token = resources.settings.discord_token
    if token is None:
        raise UserError(texts.TOKEN_MISSING)
    stopping = asyncio.Event()
    async with VerbatimBot(resources) as bot:
        running = asyncio.create_task(_connected(bot, token.get_secret_value()))
        ending = asyncio.create_task(stopping.wait())
        with _on_signals(stopping.set):
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            if not running.done():
                _log.info("Stopping")
                await bot.in_flight.finished(seconds=_LAST_ANSWERS_SECONDS)
                await bot.close()
                running.cancel()
            with suppress(asyncio.CancelledError):
                await running
    return 0


async def _connected(bot: VerbatimBot, token: str) -> None:
    """Log in and stay connected; raise UserError for what the operator can mend."""
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise SettingsError(texts.TOKEN_REFUSED) from error
    except discord.PrivilegedIntentsRequired as error:
        raise SettingsError(texts.INTENTS_REFUSED) from error
    except discord.ConnectionClosed as error:
        if error.code == _BAD_TOKEN:
            raise SettingsError(texts.TOKEN_REFUSED) from error
        raise UserError(texts.UNREACHABLE) from error
    except (aiohttp.ClientConnectionError, discord.GatewayNotFound, discord.DiscordServerError, OSError) as error:
        raise UserError(texts.UNREACHABLE) from error


@contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` in the event loop on SIGTERM and SIGINT while the block lasts."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in signals}
    for number in signals:
        # Not loop.add_signal_handler, which Windows lacks; this one wakes the loop from anywhere.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
