"""The Discord client: built from parts that are ready, started, and ended cleanly."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs.admin.config import ConfigCommands
from cogs.admin.onboarding import Onboarding
from cogs.admin.setup_wizard import ACTIONS, SetupWizard
from cogs.answers.feedback import Feedback
from cogs.answers.more_quotes import MoreQuotes
from cogs.answers.stale_marker import StaleMarker
from cogs.articles.article_service import ArticleService
from cogs.articles.channels.channel_listener import ChannelListener
from cogs.articles.channels.views import ChannelViews
from cogs.articles.group import ArticleGroup
from cogs.articles.refresh_job import RefreshJob
from cogs.articles.sites.site_import import SiteImports
from cogs.articles.sites.views import SiteViews
from cogs.ask.ask_service import AskService
from cogs.ask.cog import AskCog
from cogs.ask.edit_sync import EditSync
from cogs.ask.listener import MessageListener
from cogs.ask.message_menu import MessageMenu
from cogs.core.async_store import AsyncStore
from cogs.core.command_sync import sync_when_changed
from cogs.core.translator import CommandTranslator, speak_to_member
from cogs.core.worker import Worker
from cogs.messaging.in_flight import InFlight
from cogs.messaging.replies import SILENT, InteractionReply, told
from cogs.pins.cog import PinCog
from cogs.services import Services
from cogs.ui.components import PREFIX, Action, AnswerButton, Press
from i18n import texts
from index.models import SettingsError, UserError
from index.refreshing.refresh import RefreshRules
from qa.ask import Answers
from settings import Settings

_log = logging.getLogger(__name__)

Handler = Callable[[discord.Interaction, Press], Awaitable[None]]

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


class VerbatimBot(commands.Bot):
    """Verbatim on Discord. It owns no models and no data: both live behind the worker that is passed in."""

    def __init__(
        self, settings: Settings, worker: Worker, answers: Answers, store: AsyncStore, article_service: ArticleService
    ) -> None:
        """Prepare the client; nothing is sent yet."""
        # Verbatim does not speak in voice channels; discord.py would warn of missing voice packages at each start.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=VerbatimTree,
            intents=intents(message_content=settings.message_content),
            allowed_mentions=SILENT,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self._settings = settings
        self._worker = worker
        self._answers = answers
        self._store = store
        self._article_service = article_service
        self._on_press: dict[Action, Handler] = {}
        self._sync: asyncio.Task[bool] | None = None
        self._loads: SiteImports | None = None
        self.in_flight = InFlight()

    async def setup_hook(self) -> None:
        """Add the features, and send the commands in the background where they have changed."""
        store = self._store
        ask = AskService(self._worker, self._answers, store, self._settings)
        services = Services(ask, store, self.in_flight)
        menus = MessageMenu(self, services)
        talking = AskCog(self, services), menus, MessageListener(self, services), EditSync(self, services)
        sites = SiteViews(self, store, self._article_service, self._settings)
        hears_all = self._settings.message_content
        watching = ChannelListener(self, services, self._article_service, hears_all=hears_all)
        watch = ChannelViews(store, self._article_service, watching, hears_all=hears_all)
        articles = ArticleGroup(self, services, self._article_service, sites, watch)
        pinning = PinCog(self, store)
        admin = ConfigCommands(store, self._settings, pinning)
        ageing = StaleMarker(self, store, services.replies)
        rules = RefreshRules(self._settings.refresh_change_limit, self._settings.refresh_grace_days)
        upkeep = RefreshJob(self, store, self._article_service.hands(rules, self._settings.refresh_hours))
        welcome = Onboarding(store, self._article_service)
        for feature in (*talking, welcome, admin, pinning, articles, watching, ageing, upkeep):
            await self.add_cog(feature)
        reading, feedback, setup = MoreQuotes(store), Feedback(store), SetupWizard(ask, store, self._settings)
        self._on_press = {
            **dict.fromkeys((Action.MORE, Action.MORE_PAGE, Action.CONTEXT, Action.CONTEXT_PAGE), reading.show),
            **dict.fromkeys((Action.SOURCES, Action.SOURCES_PAGE), reading.show),
            Action.HELPFUL: feedback.helpful,
            Action.HELPFUL_QUOTE: feedback.helpful_quote,
            Action.UNHELPFUL: feedback.unhelpful,
            Action.HUMAN: feedback.human,
            Action.DELETE: feedback.delete,
            Action.POST: menus.post,
            Action.REASON: feedback.reason,
            **articles.presses,
            **pinning.presses,
            **dict.fromkeys(ACTIONS, setup.pressed),
        }
        self.add_dynamic_items(AnswerButton)
        self._loads = sites.loads
        await self._loads.resume()
        await self.tree.set_translator(CommandTranslator())
        self._sync = asyncio.create_task(sync_when_changed(self.tree, self._settings.data_dir))

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take forms that are sent; discord.py itself knows only those that this very process has opened."""
        if interaction.type is discord.InteractionType.modal_submit:
            data: dict[str, Any] = dict(interaction.data or {})
            if str(data.get("custom_id")).startswith(f"{PREFIX}:"):
                await self.pressed(interaction, data["custom_id"])

    async def pressed(self, interaction: discord.Interaction, custom_id: str) -> None:
        """Do what a button says, and tell the member where that cannot be done."""
        speak_to_member(interaction)
        with self.in_flight.answering():
            async with told(InteractionReply(interaction, private=True)):
                press = Press.read(custom_id)
                if press is None:
                    raise UserError(texts.BUTTON_UNKNOWN)
                await self._on_press[press.action](interaction, press)

    async def on_message(self, message: discord.Message, /) -> None:
        """Ignore text commands; a message that asks is answered by the feature that listens for it."""

    async def close(self) -> None:
        """Stop what runs in the background, then end the connection."""
        if self._sync is not None:
            self._sync.cancel()
        if self._loads is not None:
            await self._loads.close()
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


async def run_bot(
    settings: Settings, worker: Worker, answers: Answers, store: AsyncStore, article_service: ArticleService
) -> int:
    """Run until SIGTERM or SIGINT and return the exit status, 0.

    Answers that are being given then are finished first, for a few seconds at most.
    Raises UserError with how to fix it when Discord refuses the token or an intent, or cannot be reached.
    """
    if settings.discord_token is None:
        raise UserError(texts.TOKEN_MISSING)
    stopping = asyncio.Event()
    async with VerbatimBot(settings, worker, answers, store, article_service) as bot:
        running = asyncio.create_task(_connected(bot, settings.discord_token.get_secret_value()))
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
