"""What the cogs that answer questions share: their services, and what they find out about a channel."""

from __future__ import annotations

from typing import Final

import discord
from discord.ext import commands

from cogs.services import LONGEST_QUESTION, Services

MAX_QUESTION: Final = LONGEST_QUESTION
"""Characters of a question that are read."""

_CUT_AT_WORD: Final = 60  # a question is cut between words if a word ends in its last so many characters


class QuestionCog(commands.Cog):
    """Base class of the cogs that answer questions: keeps the services that this needs."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take the client and its services."""
        self._bot = bot
        self._ask = services.ask
        self._store = services.store
        self._in_flight = services.in_flight
        self._replies = services.replies
        self._accepted = services.accepted
        self._visibility = services.visibility


def cut_question(text: str) -> tuple[str, bool]:
    """Return the first MAX_QUESTION characters of a question, between words if possible, and whether it was longer."""
    if len(text) <= MAX_QUESTION:
        return text, False
    start = text[:MAX_QUESTION]
    space = start.rfind(" ", MAX_QUESTION - _CUT_AT_WORD)
    return (start[:space] if space > 0 and not text[MAX_QUESTION].isspace() else start).rstrip(), True


def is_one_conversation(channel: object) -> bool:
    """Whether all questions of a channel belong to one conversation: in threads and direct messages."""
    return isinstance(channel, discord.Thread | discord.DMChannel)


def settings_channel_ids(channel: discord.abc.MessageableChannel) -> tuple[int | None, ...]:
    """Return the ids to look up a channel's settings by: the channel, or a thread's parent, then its category."""
    if isinstance(channel, discord.Thread):
        return channel.parent_id, channel.parent.category_id if channel.parent else None
    return channel.id, getattr(channel, "category_id", None)


def can_reply_to(message: discord.Message) -> bool:
    """Whether the bot may write in the message's channel."""
    channel = message.channel
    if message.guild is None or isinstance(channel, discord.PartialMessageable):
        return True
    allowed = channel.permissions_for(message.guild.me)
    if isinstance(channel, discord.Thread):
        return allowed.send_messages_in_threads
    return allowed.send_messages
