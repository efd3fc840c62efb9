"""Which Discord messages members wrote, who wrote them, and whether the bot may read them."""

from __future__ import annotations

from typing import Final

import discord

USER_MESSAGES: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
"""The types of messages that are written by hand, unlike notices such as that a member has joined."""


def can_read_history(channel: discord.TextChannel) -> bool:
    """Whether the bot may see a channel and its earlier messages."""
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.read_message_history


def is_automated(message: discord.Message) -> bool:
    """Whether a bot or a webhook sent a message."""
    return message.author.bot or message.webhook_id is not None


def is_user_text(message: discord.Message) -> bool:
    """Whether a message was written by a person and contains text."""
    return not is_automated(message) and message.type in USER_MESSAGES and bool(message.content.strip())


async def fetch_author(message: discord.Message) -> discord.Member | None:
    """Return a message's author as a member of the server, or None if they have left.

    Messages from a channel's history carry a user without roles, so the member is fetched.
    """
    if isinstance(message.author, discord.Member):
        return message.author
    if message.guild is None:
        return None
    try:
        return await message.guild.fetch_member(message.author.id)
    except discord.NotFound:
        return None
