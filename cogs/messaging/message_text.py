"""What a message asks the bot, without the mentions in it."""

from __future__ import annotations

import re
from typing import Final

import discord

# Whoever is called to a question is no part of it: the articles know no member's number.
_MENTION: Final = re.compile(r"<@[!&]?\d+>|(?<!\w)@(?:everyone|here)\b")
_SPOKEN: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


def question_in(message: discord.Message, me: discord.ClientUser) -> str | None:
    """Return what `message` asks the bot, without any mention; None where it does not speak to the bot.

    Spoken to means: a direct message, a mention, a reply to the bot that pings it, or a mention of the role
    that Discord made for the bot (the two look alike in the client). `@everyone` and other roles do not count.
    """
    if message.author.bot or message.webhook_id is not None or message.type not in _SPOKEN:
        return None
    own_role = message.guild.self_role if message.guild else None
    to_role = own_role is not None and own_role in message.role_mentions
    if message.guild and not to_role and all(user.id != me.id for user in message.mentions):
        return None
    return without_mentions(message.content)


def without_mentions(text: str) -> str:
    """Return a message's text in one line, without any mention."""
    return " ".join(_MENTION.sub(" ", text).split())
