"""Answers what was asked while the bot was away, as far as it is still open and the server wants it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.ask.addressed import AddressedMessages
from cogs.ask.closed_posts import is_closed
from cogs.ask.listener import MessageListener
from cogs.ask.message_questions import forum_post, is_opening
from cogs.ask.question_cog import settings_channel_ids
from cogs.core.background_job import BackgroundJob
from cogs.core.gateway import SteadyClient
from cogs.core.shards import DIRECT_MESSAGES
from cogs.messaging.message_text import lines_without_mentions, question_in
from cogs.services import Services
from index.models import UserError
from qa.conversation.small_talk import SmallTalk, small_talk_in
from storage.models import Mode, ServerSettings

_log = logging.getLogger(__name__)

_ServerChannel = discord.TextChannel | discord.VoiceChannel | discord.Thread

_MOST_CHANNELS: Final = 50  # of a server, those written in last
_MOST_MESSAGES: Final = 100  # the newest of each channel
_MOST_ANSWERED: Final = 5  # of each channel
_MOST_DIRECT: Final = 20  # channels of direct messages, those asked in last
_DIRECT_SECONDS: Final = 7 * 86400.0  # in which a direct message was answered
_UNNOTICED_SECONDS: Final = 60.0  # a connection may have been lost so long before it is known
_DONE: Final = frozenset({"✅", "☑️", "✔️", "☑", "✔"})
_SATISFIED: Final = frozenset({SmallTalk.THANKS, SmallTalk.OK})
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError, UserError, SQLAlchemyError)


class MissedQuestions(BackgroundJob):
    """Stores when the bot was last connected, and looks for open questions after each new connection.

    Mentions, the posts of forums that are listened to, and direct messages count; the latter only of members whom the
    bot has answered there in the last days, because Discord lists none.
    """

    def __init__(self, bot: SteadyClient, services: Services, addressed: AddressedMessages) -> None:
        """Share `addressed` with the other cogs that respond to messages."""
        self._client = bot
        self._services = services
        self._addressed = addressed
        self._away_since: dict[int, float] = {}  # by shard
        self._looked: set[int] = set()  # shards of which it was read when they were last connected
        self._waiting: dict[int, float] = {}  # since when to look, by server that Discord had not sent yet

    async def run_once(self) -> None:
        """Store which shards of this process are connected."""
        shards = self._client.own_shards
        connected = (self._looked & set(shards.ids)) - self._away_since.keys() - set(self._client.disconnected_shards)
        if connected:
            presence = self._services.store.database.presence
            store = partial(presence.set_last_connected, time.time(), connected, shards.count)
            await self._services.store.run(store)

    @commands.Cog.listener()
    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Remember since when a shard is away."""
        self._away_since.setdefault(shard_id, time.time())

    @commands.Cog.listener()
    async def on_shard_resumed(self, shard_id: int) -> None:
        """Forget it: Discord sends what was missed."""
        self._away_since.pop(shard_id, None)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Answer what was asked meanwhile in the servers of a shard."""
        with self._logging():
            presence, shards = self._services.store.database.presence, self._client.own_shards
            try:
                last = await self._services.store.run(partial(presence.last_connected, shard_id, shards.count))
            finally:
                self._looked.add(shard_id)
            since = min(filter(None, (last, self._away_since.pop(shard_id, None))), default=None)
            if since is None:
                await self.run_once()  # not within a minute: the process may be killed before
            else:
                await self.catch_up(since - _UNNOTICED_SECONDS, shard_id)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Answer what was asked in a server that Discord sent later than the others of its shard."""
        since = self._waiting.pop(guild.id, None)
        if since is not None:
            with self._logging():
                await self._answer_in_server(guild, since)

    @contextmanager
    def _logging(self) -> Iterator[None]:
        """Log what keeps questions from being answered."""
        try:
            yield
        except RuntimeError:  # aiohttp's, if the bot stops meanwhile
            if not self._client.is_closed():
                raise
        except _ERRORS as error:
            _log.warning("What was asked meanwhile could not be answered: %s", error)

    async def catch_up(self, since: float, shard_id: int) -> None:
        """Answer the open questions that were asked on a shard since `since` (Unix time), where that is wanted."""
        for guild in [one for one in self._client.guilds if one.shard_id == shard_id]:
            if guild.unavailable:
                self._waiting[guild.id] = since
            else:
                await self._answer_in_server(guild, since)
        if shard_id == DIRECT_MESSAGES:
            await self._answer_directly(max(since, time.time() - 60 * ServerSettings().missed_minutes))

    async def _answer_in_server(self, guild: discord.Guild, since: float) -> None:
        try:
            settings = await self._services.store.settings(guild.id)
        except UserError:
            return
        oldest = max(since, time.time() - 60 * settings.missed_minutes)
        if settings.missed_minutes and not settings.paused:
            for channel in _written_in(guild, settings, oldest):
                await self._answer_in(channel, settings, oldest)

    async def _answer_directly(self, oldest: float) -> None:
        """Answer the open questions in the direct messages with the members who were answered there last."""
        database = self._services.store.database
        known = time.time() - _DIRECT_SECONDS
        for channel_id in await self._services.store.run(lambda: database.direct_channels(known, _MOST_DIRECT)):
            try:
                channel = await self._client.fetch_channel(channel_id)
            except discord.HTTPException as error:
                _log.info("The direct message channel %s could not be found: %s", channel_id, error)
                continue
            if isinstance(channel, discord.DMChannel):
                await self._answer_in(channel, ServerSettings(), oldest)

    async def _answer_in(
        self, channel: _ServerChannel | discord.DMChannel, settings: ServerSettings, oldest: float
    ) -> None:
        after = datetime.fromtimestamp(oldest, UTC)
        try:
            newest = [message async for message in channel.history(limit=_MOST_MESSAGES)]
            recent = [message for message in reversed(newest) if message.created_at >= after]
            missed = [one for at, one in enumerate(recent) if self._is_open(one, recent[at + 1 :], settings)]
            for message in missed[-_MOST_ANSWERED:]:
                await self._answer(message)
        except _ERRORS as error:
            _log.info("Questions in channel %s could not be read: %s", channel.id, error)

    async def _answer(self, message: discord.Message) -> None:
        store, me = self._services.store, self._client.user
        if me is None or question_in(message, me) is None:
            listener = self._client.get_cog(MessageListener.__name__)  # type: ignore[attr-defined] # of commands.Bot
            if isinstance(listener, MessageListener):
                await listener.on_message(message)
            return
        async with self._services.replies.question_locks.lock(message.id):
            database = store.database
            if not await store.run(lambda: database.answers_to(message.id, message.author.id)):
                await self._addressed.handle(message, late=True)

    def _is_open(self, message: discord.Message, later: Sequence[discord.Message], settings: ServerSettings) -> bool:
        """Whether a message asks the bot, or opens a post for it, and nobody has dealt with it since."""
        me, channel = self._client.user, message.channel
        if me is None or (question_in(message, me) is None and not _is_post(message, settings)):
            return False
        if isinstance(channel, discord.Thread) and is_closed(channel):
            return False
        if any(str(reaction.emoji) in _DONE for reaction in message.reactions):
            return False
        return not any(_deals_with(one, message) for one in later)


def _is_post(message: discord.Message, settings: ServerSettings) -> bool:
    """Whether a message opens a post of a forum that is listened to."""
    post = forum_post(message.channel)
    opens = post is not None and not message.author.bot and is_opening(message, post)
    return opens and settings.mode_of(*settings_channel_ids(message.channel)).listens


def _deals_with(later: discord.Message, message: discord.Message) -> bool:
    """Whether a later message answers one, or its author says that it is answered."""
    replies = later.reference is not None and later.reference.message_id == message.id
    if later.author.id == message.author.id:
        return bool(later.content) and small_talk_in(lines_without_mentions(later.content)) in _SATISFIED
    is_person = not later.author.bot
    among_few = isinstance(message.channel, discord.Thread) or message.author in later.mentions
    return replies or (is_person and among_few)


def _written_in(guild: discord.Guild, settings: ServerSettings, oldest: float) -> list[_ServerChannel]:
    """Return the channels with messages since `oldest` (Unix time) where the bot may read and answer, newest first."""
    channels: list[_ServerChannel] = [*guild.text_channels, *guild.voice_channels, *guild.threads]
    found = [one for one in channels if _last_written(one) > oldest and _may_answer(one, guild, settings)]
    return sorted(found, key=_last_written, reverse=True)[:_MOST_CHANNELS]


def _last_written(channel: _ServerChannel) -> float:
    """Return the Unix time of a channel's last message, 0.0 if it has none."""
    return discord.utils.snowflake_time(channel.last_message_id).timestamp() if channel.last_message_id else 0.0


def _may_answer(channel: _ServerChannel, guild: discord.Guild, settings: ServerSettings) -> bool:
    allowed = channel.permissions_for(guild.me)
    writes = allowed.send_messages_in_threads if isinstance(channel, discord.Thread) else allowed.send_messages
    listed = settings.mode_of(*settings_channel_ids(channel)) is not Mode.OFF
    return listed and allowed.view_channel and allowed.read_message_history and writes
