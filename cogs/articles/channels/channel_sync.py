"""Stores, updates and removes the articles of channels that are sources, message by message."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.article_service import ArticleService
from cogs.articles.channels.authors import can_read_history, fetch_author, is_user_text
from cogs.articles.channels.channel_states import ChannelStates
from cogs.articles.channels.messages import ACTOR, remove_messages, stored_message_ids
from cogs.core.job_queue import BusyError
from cogs.messaging.message_text import question_in
from i18n import texts
from index.models import UserError
from storage.channel_sources import ChannelSource

_log = logging.getLogger(__name__)

MAX_HISTORY: Final = 500
"""How many of the newest messages are read when a channel becomes a source, and compared after each start."""

EXPECTED_ERRORS: Final = (UserError, discord.HTTPException, aiohttp.ClientError, OSError, SQLAlchemyError)
"""Errors after which a message is tried again later."""


class ChannelSync:
    """Brings articles in step with messages. One change of a channel at a time; the caller sees to that.

    An expected error is raised, and the message that it concerns is then neither passed over nor forgotten: the
    channel's `read_to` stays before it, or it is pending.
    """

    def __init__(self, bot: commands.Bot, states: ChannelStates, article_service: ArticleService) -> None:
        """Use the client, the states of channels and the servers' libraries."""
        self._bot = bot
        self._states = states
        self._article_service = article_service

    async def select_messages(self, channel: ChannelSource, messages: list[discord.Message]) -> list[discord.Message]:
        """Return the messages that become articles, according to their authors' current role or permission."""
        allowed: dict[int, bool] = {}
        selected = []
        for message in messages:
            if not is_user_text(message) or (self._bot.user and question_in(message, self._bot.user) is not None):
                continue
            author_id = message.author.id
            if author_id not in allowed:
                allowed[author_id] = self._may_write(channel, await fetch_author(message))
            if allowed[author_id]:
                selected.append(message)
        return selected

    async def catch_up(self, channel: ChannelSource) -> bool:
        """Deal with everything in a channel that was not dealt with; return whether the channel can be read now."""
        text_channel = self._bot.get_channel(channel.channel_id)
        if not isinstance(text_channel, discord.TextChannel):
            return False  # the server is not available at the moment
        # Without the permission Discord returns an empty history, as if every message had been deleted.
        if not can_read_history(text_channel):
            raise UserError(texts.WATCH_UNREADABLE)
        for message_id, new in self._states.pending(channel.channel_id):
            await self._retry(channel, text_channel, message_id, new=new)
        read_to = channel.read_to
        if not read_to:  # stored first: the newest messages of a later attempt may be others
            read_to = await _beginning(text_channel)
            await self._states.advance(channel.channel_id, read_to)
        async for message in text_channel.history(limit=None, after=discord.Object(read_to), oldest_first=True):
            await self.store_new(channel, message)
        await self._compare(channel, text_channel)
        return True

    async def store_new(self, channel: ChannelSource, message: discord.Message) -> None:
        """Store a new message if its author may write articles, and record that the channel was read up to it."""
        try:
            if await self.select_messages(channel, [message]):
                await self._store_message(channel, message)
        except EXPECTED_ERRORS:
            raise
        except Exception:  # noqa: BLE001 - one message that breaks the parser must not hold up those after it
            _log.exception("A message of channel %s could not be stored; this is tried again", channel.channel_id)
            await self._states.postpone(channel.channel_id, [message.id], new=True, read_to=message.id)
        else:
            await self._states.advance(channel.channel_id, message.id)

    async def store_edit(self, channel: ChannelSource, message: discord.Message) -> None:
        """Update the article of an edited message, if it has one: an article removed by hand stays removed."""
        if message.id not in await stored_message_ids(self._article_service, channel.guild_id, channel.channel_id):
            return
        await self._states.postpone(channel.channel_id, [message.id], new=False)
        await self._store_message(channel, message)
        await self._states.settle(channel.channel_id, [message.id])

    async def remove_deleted(self, channel: ChannelSource, message_ids: Collection[int]) -> None:
        """Remove the articles of deleted messages, so that they cannot be restored."""
        await self._states.postpone(channel.channel_id, message_ids, new=False)
        await self._purge(channel, message_ids)
        await self._states.settle(channel.channel_id, message_ids)

    async def _retry(
        self, channel: ChannelSource, text_channel: discord.TextChannel, message_id: int, *, new: bool
    ) -> None:
        """Store or remove a pending message as it is now."""
        try:
            message = await text_channel.fetch_message(message_id)
            stored = await stored_message_ids(self._article_service, channel.guild_id, channel.channel_id)
            if message_id in stored or (new and await self.select_messages(channel, [message])):
                await self._store_message(channel, message)
        except discord.NotFound:
            await self._purge(channel, {message_id})
        except EXPECTED_ERRORS:
            raise
        except Exception:  # noqa: BLE001 - as in `store_new`
            _log.exception("A message of channel %s could not be stored; this is tried again", channel.channel_id)
            return
        await self._states.settle(channel.channel_id, [message_id])

    async def _compare(self, channel: ChannelSource, text_channel: discord.TextChannel) -> None:
        """Update the articles of the newest messages, which may have been edited or deleted unnoticed."""
        messages = [message async for message in text_channel.history(limit=MAX_HISTORY)][::-1]
        stored = await stored_message_ids(self._article_service, channel.guild_id, channel.channel_id)
        for message in messages:
            if message.id in stored:
                await self._store_message(channel, message)
        oldest = messages[0].id if len(messages) == MAX_HISTORY else 0
        missing = stored - {message.id for message in messages}
        await self._purge(channel, {message_id for message_id in missing if message_id >= oldest})

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

    async def _purge(self, channel: ChannelSource, message_ids: Collection[int]) -> None:
        if message_ids:
            await remove_messages(self._article_service, channel.guild_id, channel.channel_id, message_ids, purge=True)

    def _may_write(self, channel: ChannelSource, member: discord.Member | None) -> bool:
        text_channel = self._bot.get_channel(channel.channel_id)
        if member is None or not isinstance(text_channel, discord.TextChannel):
            return False
        if channel.role_id is not None:
            return member.get_role(channel.role_id) is not None
        return text_channel.permissions_for(member).manage_messages


async def _beginning(channel: discord.TextChannel) -> int:
    """Return the id after which the newest MAX_HISTORY messages of a channel begin, or all that will be written."""
    messages = [message async for message in channel.history(limit=MAX_HISTORY)]
    return messages[-1].id - 1 if messages else channel.id  # a channel's id is older than those of its messages
