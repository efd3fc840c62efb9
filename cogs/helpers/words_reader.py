"""Reads the words of messages that may become articles."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any, Final

import aiohttp
import discord

from cogs.messaging.retry import with_retries
from i18n import texts
from index.models import UserError

_KEPT: Final = 200  # words of messages that only their menu has shown
_KEPT_SECONDS: Final = 3600.0
UNKNOWN_MESSAGE: Final = 10008
"""Discord's code for a message that was deleted."""


class WordsReader:
    """Reads messages from Discord. Without the message content intent Discord leaves out the text of most.

    A message's menu always carries the text: it is remembered for an hour, in memory, for the buttons of the preview,
    and so is a message that the bot may not read by itself.
    """

    def __init__(self, client: discord.Client) -> None:
        """Read with this client."""
        self._client = client
        self._recent: OrderedDict[int, tuple[float, discord.Message]] = OrderedDict()

    def remember(self, message: discord.Message) -> None:
        """Keep a message that came with its menu."""
        self._recent.pop(message.id, None)
        self._recent[message.id] = time.monotonic() + _KEPT_SECONDS, message
        while len(self._recent) > _KEPT:
            self._recent.popitem(last=False)

    async def read(self, guild_id: int, channel_id: int, message_id: int) -> tuple[discord.Message, str]:
        """Return a message as it is now, and its text.

        Raises UserError if it was deleted, or its text cannot be read.
        """
        channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
        until, known = self._recent.get(message_id, (0.0, None))
        if known is not None and until < time.monotonic():
            known = None
        try:
            message = await with_retries(lambda: channel.fetch_message(message_id))
        except discord.NotFound as error:
            raise UserError(texts.WORDS_GONE) from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            if known is None:
                raise UserError(texts.WORDS_UNREADABLE) from error
            message = known
        text = message.content or (known.content if known else "")
        if not text.strip():
            raise UserError(texts.WORDS_UNREADABLE)
        return message, text


def edited_at(message: discord.Message) -> float | None:
    """Return when a message was last edited (Unix time, by Discord's clock), or None."""
    return message.edited_at.timestamp() if message.edited_at else None


def place_of(guild: discord.Guild | None, channel_id: int) -> Any:
    """Return a channel or thread of a server, or None if the gateway has not reported it."""
    return guild.get_channel_or_thread(channel_id) if guild else None
