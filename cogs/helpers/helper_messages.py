"""Finds what helpers have written for a call: in its thread, as replies to it, and where the question was asked."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import aiohttp
import discord

from cogs.articles.channels.authors import USER_MESSAGES, fetch_author, is_automated
from storage.human_calls import HumanCall
from storage.models import ServerSettings

_log = logging.getLogger(__name__)

_MOST_READ: Final = 200  # messages in each place
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)


def is_helper_there(member: discord.Member, channel: object, settings: ServerSettings) -> bool:
    """Whether a member is a helper in a channel or more: an editor, a moderator, or someone who manages the server."""
    named = (settings.helpers_role, settings.editor_role)
    if any(role is not None and member.get_role(role) is not None for role in named):
        return True
    allowed = member.guild_permissions
    if isinstance(channel, discord.abc.GuildChannel) or (isinstance(channel, discord.Thread) and channel.parent):
        allowed = channel.permissions_for(member)
    return allowed.manage_messages or allowed.manage_guild


async def helper_messages(guild: discord.Guild, call: HumanCall, settings: ServerSettings) -> list[discord.Message]:
    """Return the messages with which helpers have answered a call, oldest first in each place.

    Places that the bot cannot read have none. Without the message content intent most have no text.
    """
    found: list[discord.Message] = []
    allowed: dict[int, bool] = {}
    async for message in _candidates(guild, call):
        author_id = message.author.id
        if author_id == call.asker_id or is_automated(message) or message.type not in USER_MESSAGES:
            continue
        if author_id not in allowed:
            try:
                member = await fetch_author(message)
            except _ERRORS:
                member = None
            allowed[author_id] = member is not None and is_helper_there(member, message.channel, settings)
        if allowed[author_id]:
            found.append(message)
    return found


async def _candidates(guild: discord.Guild, call: HumanCall) -> AsyncIterator[discord.Message]:
    """Yield the messages that may answer a call."""
    if call.thread_id is not None:
        async for message in _read(guild, call.thread_id, call, lambda _: True):
            yield message
    answered = {call.post_id}
    async for message in _read(guild, call.post_channel_id, call, lambda one: _replies_to(one) in answered):
        yield message
    about = {call.question_id, call.message_id} - {None}
    own_thread = call.channel_id == call.question_id  # which the bot has made for the question
    async for message in _read(guild, call.channel_id, call, lambda one: own_thread or _replies_to(one) in about):
        yield message


async def _read(
    guild: discord.Guild, channel_id: int, call: HumanCall, accept: Callable[[discord.Message], bool]
) -> AsyncIterator[discord.Message]:
    """Yield the messages of a channel or thread since a call was made that `accept` accepts, oldest first."""
    try:
        channel: Any = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
        if isinstance(channel, discord.abc.Messageable):
            since = discord.Object(call.post_id or channel_id)
            async for message in channel.history(limit=_MOST_READ, after=since, oldest_first=True):
                if accept(message):
                    yield message
    except (*_ERRORS, discord.InvalidData) as error:
        _log.info("Channel %s could not be read for answers of helpers: %s", channel_id, error)


def _replies_to(message: discord.Message) -> int | None:
    return message.reference.message_id if message.reference else None
