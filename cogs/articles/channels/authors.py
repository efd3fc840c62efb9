"""Who wrote what is read in channels that are sources, and whether the bot may read it."""

from __future__ import annotations

from typing import Final

import discord

_TALK: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


def readable(place: discord.TextChannel) -> bool:
    """Whether the bot may see a channel and what was written there before."""
    allowed = place.permissions_for(place.guild.me)
    return allowed.view_channel and allowed.read_message_history


def says_something(message: discord.Message) -> bool:
    """Whether a person wrote a message, and with words."""
    machine = message.author.bot or message.webhook_id is not None
    return not machine and message.type in _TALK and bool(message.content.strip())


async def member_of(message: discord.Message) -> discord.Member | None:
    """Return a message's author as a member, which Discord's history does not tell; None for who has left."""
    if isinstance(message.author, discord.Member):
        return message.author
    if message.guild is None:
        return None
    try:
        return await message.guild.fetch_member(message.author.id)
    except discord.NotFound:
        return None
