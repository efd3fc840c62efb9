"""Extracts the question from a message."""

from __future__ import annotations

import re
from typing import Final

import discord

# Mentions are not part of the question: no article contains member ids.
_MENTION: Final = re.compile(r"<@[!&]?\d+>|(?<!\w)@(?:everyone|here)\b")
_USER_MESSAGES: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


def question_in(message: discord.Message, me: discord.ClientUser) -> str | None:
    """Return the question that `message` puts to the bot, without mentions; None if it does not address the bot.

    A message addresses the bot if it is a direct message, a mention, a reply to the bot that pings it, or a mention
    of the role that Discord made for the bot (it looks like the bot in the client). `@everyone` and other roles do
    not count.
    """
    if is_automatic(message):
        return None
    own_role = message.guild.self_role if message.guild else None
    to_role = own_role is not None and own_role in message.role_mentions
    if message.guild and not to_role and all(user.id != me.id for user in message.mentions):
        return None
    return without_mentions(message.content)


def is_automatic(message: discord.Message) -> bool:
    """Whether a bot, a webhook or Discord itself wrote the message."""
    return message.author.bot or message.webhook_id is not None or message.type not in _USER_MESSAGES


def lines_without_mentions(text: str) -> str:
    """Return a message's text without mentions; empty lines and repeated spaces go."""
    lines = (" ".join(line.split()) for line in _MENTION.sub(" ", text).splitlines())
    return "\n".join(filter(None, lines))


def without_mentions(text: str) -> str:
    """Return a message's text on one line, without mentions."""
    return " ".join(_MENTION.sub(" ", text).split())
