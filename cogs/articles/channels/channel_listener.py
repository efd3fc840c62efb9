"""Keeps the articles of channels that are sources in step with their messages."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import replace
from typing import Any, Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.article_service import ArticleService
from cogs.articles.channels.authors import can_read_history, fetch_author, is_user_text
from cogs.articles.channels.messages import ACTOR, remove_messages, stored_message_ids
from cogs.core.translator import server_language
from cogs.core.worker import BusyError
from cogs.messaging.message_text import question_in
from cogs.services import Services
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.channel_sources import ChannelSource

_log = logging.getLogger(__name__)

MAX_HISTORY: Final = 500
"""How many of the newest messages are read when a channel becomes a source, and after each start."""

_EXPECTED_ERRORS: Final = (UserError, discord.HTTPException, aiohttp.ClientError, OSError, SQLAlchemyError)


class ChannelListener(commands.Cog):
    """Stores, updates and removes articles as messages are written, edited and deleted.

    An expected error is stored with the channel and shown by `/article channel`, since no member waits for a reply.
    """

    def __init__(self, bot: commands.Bot, services: Services, article_service: ArticleService) -> None:
        """Use the bot's shared services. Without the message content intent the listener does nothing."""
        self._bot = bot
        self._store = services.store
        self._in_flight = services.in_flight
        self._article_service = article_service
        self._message_content = services.settings.message_content
        self._channels: dict[int, ChannelSource] = {}
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)  # by channel: one change at a time
        self._tasks: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        """Load the channels that are sources."""
        found = await self._store.run(self._store.database.channel_sources.all)
        self._channels = {one.channel_id: one for one in found}

    async def cog_unload(self) -> None:
        """Cancel reading; it continues after the next start."""
        for task in self._tasks:
            task.cancel()

    def get(self, channel_id: int) -> ChannelSource | None:
        """Return a channel that is a source or was offered as one, else None."""
        return self._channels.get(channel_id)

    async def save(self, channel: ChannelSource) -> None:
        """Store a channel, replacing its earlier state."""
        await self._store.run(lambda: self._store.database.channel_sources.put(channel))
        self._channels[channel.channel_id] = channel

    async def remove(self, channel_id: int) -> None:
        """Stop following a channel; its articles stay."""
        async with self._locks[channel_id]:
            self._channels.pop(channel_id, None)
            await self._store.run(lambda: self._store.database.channel_sources.drop(channel_id))

    async def select_messages(self, channel: ChannelSource, messages: list[discord.Message]) -> list[discord.Message]:
        """Return the messages that become articles, according to their authors' current role or permission."""
        allowed: dict[int, bool] = {}
        selected = []
        for message in messages:
            if not is_user_text(message):
                continue
            author_id = message.author.id
            if author_id not in allowed:
                allowed[author_id] = self._may_write(channel, await fetch_author(message))
            if allowed[author_id]:
                selected.append(message)
        return selected

    async def catch_up(self, channel_id: int) -> None:
        """Update the articles from the newest messages of a channel; an expected error is stored with the channel."""
        await self._store_errors(channel_id, self._synchronize(channel_id))

    async def _synchronize(self, channel_id: int) -> None:
        async with self._locks[channel_id]:
            channel, text_channel = self._channels.get(channel_id), self._bot.get_channel(channel_id)
            if channel is None or not channel.running or not isinstance(text_channel, discord.TextChannel):
                return
            # Without the permission Discord returns an empty history, as if every message had been deleted.
            if not can_read_history(text_channel):
                raise UserError(texts.WATCH_UNREADABLE)
            messages = [message async for message in text_channel.history(limit=MAX_HISTORY)][::-1]
            stored = await stored_message_ids(self._article_service, channel.guild_id, channel_id)
            new = await self.select_messages(channel, [one for one in messages if one.id > channel.read_to])
            new_ids = {message.id for message in new}
            for message in messages:
                if message.id in new_ids or message.id in stored:
                    await self._store_message(channel, message)
            oldest = messages[0].id if len(messages) == MAX_HISTORY else 0
            missing = stored - {message.id for message in messages}
            await self._purge(channel, {message_id for message_id in missing if message_id >= oldest})
            newest = max([channel.read_to, *(message.id for message in messages)])
            await self.save(replace(self._channels.get(channel_id, channel), read_to=newest, trouble=""))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Catch up with what was written, edited and deleted while the bot was disconnected."""
        for channel_id, channel in self._channels.items():
            if channel.running and self._message_content:
                task = asyncio.create_task(self.catch_up(channel_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Store a new message as an article."""
        await self._message_changed(message, new=True)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Update the article of an edited message."""
        # Discord also sends this event when it embeds the preview of a link; the message was not edited then.
        if payload.message.edited_at is not None:
            await self._message_changed(payload.message, new=False)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Remove the article of a deleted message."""
        await self._messages_deleted(payload.channel_id, {payload.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Remove the articles of deleted messages."""
        await self._messages_deleted(payload.channel_id, payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Stop following a deleted channel; its articles stay, because their authors have not deleted them."""
        if channel.id in self._channels:
            await self.remove(channel.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Stop following the channels of a server that the bot has left; its data is deleted elsewhere."""
        self._channels = {key: one for key, one in self._channels.items() if one.guild_id != guild.id}

    async def _message_changed(self, message: discord.Message, *, new: bool) -> None:
        """Store a new message, or an edited one that is stored: an article that was removed by hand stays removed."""
        channel = self._active(message.channel.id)
        if channel is None or (self._bot.user and question_in(message, self._bot.user) is not None):
            return

        async def update() -> None:
            async with self._locks[channel.channel_id]:
                if self._active(channel.channel_id) is None:
                    return
                if new:
                    wanted = bool(await self.select_messages(channel, [message]))
                else:
                    wanted = message.id in await stored_message_ids(
                        self._article_service, channel.guild_id, channel.channel_id
                    )
                if wanted:
                    await self._store_message(channel, message)
                now = self._channels[channel.channel_id]
                await self.save(replace(now, read_to=max(now.read_to, message.id), trouble=""))

        with self._in_flight.answering():
            await self._store_errors(channel.channel_id, update())

    async def _messages_deleted(self, channel_id: int, message_ids: set[int]) -> None:
        channel = self._active(channel_id)
        if channel is None:
            return

        async def purge() -> None:
            async with self._locks[channel_id]:
                await self._purge(channel, message_ids)

        with self._in_flight.answering():
            await self._store_errors(channel_id, purge())

    async def _store_message(self, channel: ChannelSource, message: discord.Message) -> None:
        """Store the current text of a message; if it has none any more, remove its article."""
        text = message.content
        try:
            if not text.strip():
                raise UserError(texts.NOTHING_TO_READ)
            draft = await self._article_service.reader.read_message(
                channel.guild_id, message.jump_url, text, channel.channel_id
            )
        except BusyError:
            raise
        except UserError:
            await self._purge(channel, {message.id})
            return
        await self._article_service.add(channel.guild_id, draft, ACTOR)

    async def _purge(self, channel: ChannelSource, message_ids: set[int]) -> None:
        """Remove the articles of deleted messages, so that they cannot be restored."""
        await remove_messages(self._article_service, channel.guild_id, channel.channel_id, message_ids, purge=True)

    def _active(self, channel_id: int) -> ChannelSource | None:
        channel = self._channels.get(channel_id)
        return channel if channel and channel.running and self._message_content else None

    def _may_write(self, channel: ChannelSource, member: discord.Member | None) -> bool:
        text_channel = self._bot.get_channel(channel.channel_id)
        if member is None or not isinstance(text_channel, discord.TextChannel):
            return False
        if channel.role_id is not None:
            return member.get_role(channel.role_id) is not None
        return text_channel.permissions_for(member).manage_messages

    async def _store_errors(self, channel_id: int, work: Any) -> None:
        """Await some work for a channel in the server's language; store an expected error with the channel."""
        channel = self._channels.get(channel_id)
        guild = self._bot.get_guild(channel.guild_id) if channel else None
        settings = await self._store.settings(guild.id if guild else None)
        try:
            with speaking(server_language(settings, guild)):
                await work
        except _EXPECTED_ERRORS as error:
            _log.warning("Channel %s could not be followed: %s", channel_id, error)
            channel = self._channels.get(channel_id)
            if channel is not None:
                reason = str(error) if isinstance(error, UserError) else texts.WATCH_UNREADABLE
                await self.save(replace(channel, trouble=reason))
