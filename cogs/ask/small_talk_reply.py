"""What the bot does about small talk: a reaction at most, or a short help for those who look for it."""

from __future__ import annotations

import logging
from typing import Final

import aiohttp
import discord

from cogs.messaging.message_reply import NoticeLimit
from cogs.messaging.retry import with_retries
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import MessageBody, message_body
from i18n import texts
from qa.conversation.small_talk import SmallTalk
from storage.models import RateLimit, ServerSettings
from storage.rate_limits import RateLimiter

_log = logging.getLogger(__name__)

# None for blame: a smile would be out of place, and the answer has a button for it.
_REACTIONS: Final = {
    SmallTalk.THANKS: "❤️",
    SmallTalk.PRAISE: "😊",
    SmallTalk.LAUGH: "😄",
    SmallTalk.BYE: "👋",
    SmallTalk.OK: "👍",
}
_REACTIONS_PER_MEMBER: Final = RateLimit(5, 60)


class SmallTalkReply:
    """Meets small talk that addresses the bot."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self._services = services
        self._helped = NoticeLimit()
        self._limits = RateLimiter()

    async def meet(self, message: discord.Message, talk: SmallTalk, settings: ServerSettings) -> None:
        """Reply with the short help if the message looks for it, at most once a minute for a member; else react."""
        if not talk.wants_help:
            await self._react(message, talk, settings)
        elif self._helped.allows(message.author.id):
            manages = isinstance(message.author, discord.Member) and _manages(message.channel, message.author)
            body = short_help(self._services, manages=manages, plain=settings.plain)
            reply = self._services.replies.to(message)
            shown = await reply.show(body)
            self._services.replies.question_locks.add_notice(message.id, message.channel.id, shown)

    async def _react(self, message: discord.Message, talk: SmallTalk, settings: ServerSettings) -> None:
        emoji, key = _REACTIONS.get(talk), message.author.id
        if emoji is None or not settings.reactions or not _may_react(message):
            return
        if self._limits.wait(key, _REACTIONS_PER_MEMBER) > 0:
            return
        self._limits.count((key, _REACTIONS_PER_MEMBER))
        try:
            await with_retries(lambda: message.add_reaction(emoji))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.info("A reaction in channel %s was refused: %s", message.channel.id, error)


def short_help(services: Services, *, manages: bool, plain: bool) -> MessageBody:
    """Return what the bot does in a few words, with buttons; one of them opens the set-up if the member manages."""
    return message_body(notice_card(texts.SHORT_HELP), services.help_controls(manages), plain=plain)


def _manages(channel: discord.abc.MessageableChannel, member: discord.Member) -> bool:
    known = isinstance(channel, discord.abc.GuildChannel | discord.Thread)
    return known and channel.permissions_for(member).manage_guild


def _may_react(message: discord.Message) -> bool:
    """Whether the bot may add a reaction; always in direct messages."""
    channel = message.channel
    if message.guild is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return message.guild is None
    allowed = channel.permissions_for(message.guild.me)
    return allowed.add_reactions and allowed.read_message_history
