"""Keeps the articles of channels that are sources in step with their messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

import discord
from discord.ext import commands

from cogs.articles.article_service import ArticleService
from cogs.articles.channels.channel_states import ChannelStates
from cogs.articles.channels.channel_sync import EXPECTED_ERRORS, ChannelSync
from cogs.core.background_job import BackgroundJob
from cogs.core.errors import error_message
from cogs.core.keyed_locks import KeyedLocks
from cogs.core.translator import server_language
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.channel_sources import ChannelSource
from storage.models import ServerSettings

_log = logging.getLogger(__name__)

_Work = Callable[[ChannelSource], Awaitable[bool | None]]


class ChannelListener(BackgroundJob):
    """Stores, updates and removes articles as messages are written, edited and deleted.

    Messages are dealt with in their order. After a failure, and while the bot was away, a channel is due: it is read
    again from the first message that was neither stored nor refused for good. The reason of a failure is stored with
    the channel and shown by `/article follow channel`, since no member waits for a reply.
    """

    def __init__(self, bot: ComponentBot, services: Services, article_service: ArticleService) -> None:
        """Use the bot's shared services. Without the message content intent the listener does nothing."""
        self._bot = bot
        self._store = services.store
        self._in_flight = services.in_flight
        self._message_content = services.settings.message_content
        self._states = ChannelStates(services.store)
        self._sync = ChannelSync(bot, self._states, article_service)
        self._locks = KeyedLocks()  # by channel
        self.get = self._states.get
        self.save = self._states.save
        self.select_messages = self._sync.select_messages

    async def cog_load(self) -> None:
        """Load the channels that are sources."""
        await self._states.load()

    def _lock(self, channel_id: int) -> asyncio.Lock:
        """Return the lock to hold while something of a channel changes, one change at a time."""
        return self._locks.lock(channel_id)

    async def remove(self, channel_id: int) -> None:
        """Stop following a channel; its articles stay."""
        async with self._lock(channel_id):
            await self._states.remove(channel_id)

    async def run_once(self) -> None:
        """Catch up with the channels that are due, one after the other."""
        for channel_id in sorted(self._states.due):
            await self.catch_up(channel_id)

    async def catch_up(self, channel_id: int) -> None:
        """Deal with everything in a channel that was not dealt with; if that fails, it is tried again later."""
        self._states.due.add(channel_id)
        async with self._lock(channel_id):
            if await self._attempt(channel_id, self._sync.catch_up):
                self._states.due.discard(channel_id)
                await self._states.set_trouble(channel_id, "")

    @commands.Cog.listener()
    async def on_shard_connect(self, shard_id: int) -> None:
        """Store no new message before those that were written while the shard was disconnected."""
        if self._message_content:
            shards = self._bot.own_shards
            self._states.due.update(self._states.running(lambda guild_id: shards.of(guild_id) == shard_id))

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Catch up with what was written, edited and deleted while the shard was disconnected."""
        if self._store.is_shared:  # another process may have run the shard
            shards = self._bot.own_shards
            try:
                await self._states.load(lambda guild_id: shards.of(guild_id) == shard_id)
            except EXPECTED_ERRORS:
                _log.warning("The channels of shard %s that are sources could not be read", shard_id, exc_info=True)
        await self.on_shard_connect(shard_id)
        self.wake()

    @commands.Cog.listener()
    async def on_store_change(self, is_reachable: bool) -> None:
        """Catch up with what could not be looked up while the database was out of reach."""
        for shard_id in self._bot.own_shards.ids if is_reachable else ():
            await self.on_shard_ready(shard_id)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Store a new message as an article."""
        await self._in_order(message.channel.id, lambda channel: self._sync.store_new(channel, message))

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Update the article of an edited message."""
        # Discord also sends this event when it embeds the preview of a link; the message was not edited then.
        if payload.message.edited_at is not None:
            message = payload.message
            await self._changed(payload.channel_id, [message.id], lambda one: self._sync.store_edit(one, message))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Remove the article of a deleted message."""
        await self._deleted(payload.channel_id, {payload.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Remove the articles of deleted messages."""
        await self._deleted(payload.channel_id, payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Stop following a deleted channel; its articles stay, because their authors have not deleted them."""
        if self._states.get(channel.id):
            await self.remove(channel.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Stop following the channels of a server that the bot has left; its data is deleted elsewhere."""
        self._states.forget_server(guild.id)

    async def _deleted(self, channel_id: int, message_ids: Collection[int]) -> None:
        await self._changed(channel_id, message_ids, lambda one: self._sync.remove_deleted(one, message_ids))

    async def _in_order(self, channel_id: int, work: _Work) -> None:
        """Deal with a new message of a source. In a channel that is due, catching up will find it."""
        if self._active(channel_id) is None:
            return
        with self._in_flight.answering():
            async with self._lock(channel_id):  # first of all: waiting messages keep their order
                if channel_id not in self._states.due:
                    await self._attempt(channel_id, work)

    async def _changed(self, channel_id: int, message_ids: Collection[int], work: _Work) -> None:
        """Deal with edited or deleted messages of a source; after a failure they are pending."""
        if self._active(channel_id) is None:
            return
        with self._in_flight.answering():
            async with self._lock(channel_id):
                if not await self._attempt(channel_id, work) and self._active(channel_id):
                    try:
                        await self._states.postpone(channel_id, message_ids, new=False)
                    except EXPECTED_ERRORS:
                        _log.warning("Changes of channel %s are noted in memory only", channel_id, exc_info=True)

    async def _attempt(self, channel_id: int, work: _Work) -> bool:
        """Do some work for a channel, in the server's language; return whether it is done.

        The reason of a failure is stored with the channel, which is then due.
        """
        channel = self._active(channel_id)
        if channel is None:
            return True
        guild = self._bot.get_guild(channel.guild_id)
        with speaking(server_language(await self._settings(channel.guild_id), guild)):
            try:
                return await work(channel) is not False
            except EXPECTED_ERRORS as error:
                _log.warning("Channel %s could not be followed: %s", channel_id, error)
                reason = error_message(error) if isinstance(error, UserError) else texts.WATCH_UNREADABLE
            except Exception as error:  # noqa: BLE001 - nothing awaits a listener; the channel is read again later
                reason = error_message(error)
            self._states.due.add(channel_id)
            await self._states.set_trouble(channel_id, reason)
            return False

    async def _settings(self, guild_id: int) -> ServerSettings:
        try:
            return await self._store.settings(guild_id)
        except UserError:
            return ServerSettings()  # only the language of a reason depends on them

    def _active(self, channel_id: int) -> ChannelSource | None:
        channel = self._states.get(channel_id)
        return channel if channel and channel.running and self._message_content else None
