"""Channels that are sources: what some members write there becomes an article, changes and goes as its message does."""

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
from cogs.articles.channels.authors import member_of, readable, says_something
from cogs.articles.channels.messages import WHO, forget_messages, messages_of
from cogs.core.translator import language_of_server
from cogs.core.worker import BusyError
from cogs.messaging.message_text import question_in
from cogs.services import Services
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.channel_sources import ChannelSource

_log = logging.getLogger(__name__)

MOST: Final = 500  # messages that are read when a channel becomes a source, and after each start
_TROUBLES: Final = (UserError, discord.HTTPException, aiohttp.ClientError, OSError, SQLAlchemyError)


class ChannelListener(commands.Cog):
    """Follows the channels. What goes wrong is noted with the channel: nobody waits to be told."""

    def __init__(self, bot: commands.Bot, services: Services, article_service: ArticleService) -> None:
        """Take what all features share, and what stores articles; without message content nothing is followed."""
        self._bot = bot
        self._store = services.store
        self._in_flight = services.in_flight
        self._article_service = article_service
        self._hears_all = services.settings.message_content
        self._channels: dict[int, ChannelSource] = {}
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)  # one thing at a time in a channel
        self._tasks: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        """Learn which channels are sources."""
        found = await self._store.run(self._store.database.channel_sources.all)
        self._channels = {one.channel_id: one for one in found}

    async def cog_unload(self) -> None:
        """Stop reading; the next start reads on."""
        for task in self._tasks:
            task.cancel()

    def channel(self, channel_id: int) -> ChannelSource | None:
        """Return what is known of a channel that is a source, or was offered as one."""
        return self._channels.get(channel_id)

    async def change(self, channel: ChannelSource) -> None:
        """Remember a channel, in place of what was known of it."""
        await self._store.run(lambda: self._store.database.channel_sources.put(channel))
        self._channels[channel.channel_id] = channel

    async def forget(self, channel_id: int) -> None:
        """Let go of a channel; its articles stay."""
        async with self._turns[channel_id]:
            self._channels.pop(channel_id, None)
            await self._store.run(lambda: self._store.database.channel_sources.drop(channel_id))

    async def writers(self, channel: ChannelSource, messages: list[discord.Message]) -> list[discord.Message]:
        """Return those of the messages that are to be articles, by what their authors may do now."""
        may: dict[int, bool] = {}
        found = []
        for message in messages:
            if not says_something(message):
                continue
            author = message.author.id
            if author not in may:
                may[author] = self._may_write(channel, await member_of(message))
            if may[author]:
                found.append(message)
        return found

    async def catch_up(self, channel_id: int) -> None:
        """Bring the articles level with the newest messages of a channel; what goes wrong is noted with it."""
        await self._noted(channel_id, self._read(channel_id))

    async def _read(self, channel_id: int) -> None:
        async with self._turns[channel_id]:
            watched, place = self._channels.get(channel_id), self._bot.get_channel(channel_id)
            if watched is None or not watched.running or not isinstance(place, discord.TextChannel):
                return
            # Without the permission Discord gives an empty history, as if all had been deleted.
            if not readable(place):
                raise UserError(texts.WATCH_UNREADABLE)
            messages = [message async for message in place.history(limit=MOST)][::-1]
            known = await messages_of(self._article_service, watched.guild_id, channel_id)
            fresh = await self.writers(watched, [one for one in messages if one.id > watched.read_to])
            wanted = {message.id for message in fresh}
            for message in messages:
                if message.id in wanted or message.id in known:
                    await self._database(watched, message)
            first = messages[0].id if len(messages) == MOST else 0
            gone = known - {message.id for message in messages}
            await self._gone(watched, {key for key in gone if key >= first})
            newest = max([watched.read_to, *(message.id for message in messages)])
            await self.change(replace(self._channels.get(channel_id, watched), read_to=newest, trouble=""))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Read what was written, edited and deleted while the bot heard nothing."""
        for channel_id, channel in self._channels.items():
            if channel.running and self._hears_all:
                task = asyncio.create_task(self.catch_up(channel_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Store what is written in a channel that is a source."""
        await self._written(message, new=True)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Store what a message says now."""
        # Discord also reports that it has put a preview under a link; then nobody has edited anything.
        if payload.message.edited_at is not None:
            await self._written(payload.message, new=False)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take the article of a deleted message away."""
        await self._deleted(payload.channel_id, {payload.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Take the articles of deleted messages away."""
        await self._deleted(payload.channel_id, payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Let go of a channel that is gone; its articles stay, for nobody has deleted a word of them by itself."""
        if channel.id in self._channels:
            await self.forget(channel.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Let go of the channels of a server that the bot has left, and whose memory is deleted."""
        self._channels = {key: one for key, one in self._channels.items() if one.guild_id != guild.id}

    async def _written(self, message: discord.Message, *, new: bool) -> None:
        """Store a message that is new, or changed and stored already: what was removed by hand does not return."""
        channel = self._followed(message.channel.id)
        if channel is None or (self._bot.user and question_in(message, self._bot.user) is not None):
            return

        async def take() -> None:
            async with self._turns[channel.channel_id]:
                if self._followed(channel.channel_id) is None:
                    return
                if new:
                    wanted = bool(await self.writers(channel, [message]))
                else:
                    wanted = message.id in await messages_of(
                        self._article_service, channel.guild_id, channel.channel_id
                    )
                if wanted:
                    await self._database(channel, message)
                now = self._channels[channel.channel_id]
                await self.change(replace(now, read_to=max(now.read_to, message.id), trouble=""))

        with self._in_flight.answering():
            await self._noted(channel.channel_id, take())

    async def _deleted(self, channel_id: int, message_ids: set[int]) -> None:
        channel = self._followed(channel_id)
        if channel is None:
            return

        async def take() -> None:
            async with self._turns[channel_id]:
                await self._gone(channel, message_ids)

        with self._in_flight.answering():
            await self._noted(channel_id, take())

    async def _database(self, channel: ChannelSource, message: discord.Message) -> None:
        """Store what a message says now; one that says nothing any more is taken away."""
        text = message.content
        try:
            if not text.strip():
                raise UserError(texts.NOTHING_TO_READ)
            draft = await self._article_service.message(channel.guild_id, message.jump_url, text, channel.channel_id)
        except BusyError:
            raise
        except UserError:
            await self._gone(channel, {message.id})
            return
        await self._article_service.add(channel.guild_id, draft, WHO)

    async def _gone(self, channel: ChannelSource, message_ids: set[int]) -> None:
        """Take away, for good, what is gone from a channel."""
        await forget_messages(self._article_service, channel.guild_id, channel.channel_id, message_ids, purge=True)

    def _followed(self, channel_id: int) -> ChannelSource | None:
        channel = self._channels.get(channel_id)
        return channel if channel and channel.running and self._hears_all else None

    def _may_write(self, channel: ChannelSource, member: discord.Member | None) -> bool:
        place = self._bot.get_channel(channel.channel_id)
        if member is None or not isinstance(place, discord.TextChannel):
            return False
        if channel.role_id is not None:
            return member.get_role(channel.role_id) is not None
        return place.permissions_for(member).manage_messages

    async def _noted(self, channel_id: int, work: Any) -> None:
        """Do what is to be done in a channel, and note with it what goes wrong."""
        channel = self._channels.get(channel_id)
        guild = self._bot.get_guild(channel.guild_id) if channel else None
        settings = await self._store.settings(guild.id if guild else None)
        try:
            with speaking(language_of_server(settings, guild)):
                await work
        except _TROUBLES as error:
            _log.warning("Channel %s could not be followed: %s", channel_id, error)
            channel = self._channels.get(channel_id)
            if channel is not None:
                told = str(error) if isinstance(error, UserError) else texts.WATCH_UNREADABLE
                await self.change(replace(channel, trouble=told))
