"""Asking: the command /ask, mentions of the bot, replies to it, and direct messages."""

from __future__ import annotations

import logging
import re
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs import texts
from cogs.asking import Answers, ask_checked, libraries_of
from cogs.channels import Channels
from cogs.inflight import InFlight
from cogs.render import Card, render
from cogs.replies import InteractionReply, MessageReply, NoticeLimit, told
from cogs.worker import Priority, Worker
from index.values import UserError

_log = logging.getLogger(__name__)

MAX_QUESTION: Final = 500
# Whoever is called to a question is no part of it: the articles know no member's number.
_MENTION: Final = re.compile(r"<@[!&]?\d+>|(?<!\w)@(?:everyone|here)\b")
_SPOKEN: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


class Ask(commands.Cog):
    """Answers questions, wherever they are asked."""

    def __init__(
        self,
        bot: commands.Bot,
        worker: Worker,
        answers: Answers,
        in_flight: InFlight,
        second_quote_confidence: float,
    ) -> None:
        """Take what answers; `second_quote_confidence` is the confidence that a further quote needs to be shown."""
        self._bot = bot
        self._worker = worker
        self._answers = answers
        self._in_flight = in_flight
        self._second_quote_confidence = second_quote_confidence
        self._limit = NoticeLimit()
        self._channels = Channels()

    @app_commands.command(name=texts.ASK_NAME, description=texts.ASK_DESCRIPTION)
    @app_commands.describe(question=texts.QUESTION_DESCRIPTION.format(limit=MAX_QUESTION))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def ask(self, interaction: discord.Interaction, question: app_commands.Range[str, 1, MAX_QUESTION]) -> None:
        """Answer /ask."""
        reply = InteractionReply(interaction)
        with self._in_flight.answering():
            async with told(reply):
                await reply.defer()
                await reply.show(await self._card(question, interaction.guild_id, show_question=True))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that asks the bot something."""
        me = self._bot.user
        question = question_in(message, me) if me else None
        if question is None:
            return
        if not _may_answer(message):
            _log.info("Asked in channel %s, where the bot may not send messages", message.channel.id)
            return
        reply = MessageReply(message, self._limit, self._channels)
        guild_id = message.guild.id if message.guild else None
        with self._in_flight.answering():
            async with told(reply):
                if not question:
                    raise UserError(texts.HOW_TO_ASK)
                async with self._channels.typing(message.channel):
                    await reply.show(await self._card(question, guild_id, show_question=False))

    async def _card(self, question: str, guild_id: int | None, *, show_question: bool) -> Card:
        names, threshold = libraries_of(guild_id), self._second_quote_confidence

        def answer() -> Card:
            # Rendered in the worker's thread too: a passage without end must not hold up the event loop.
            outcome = ask_checked(self._answers, question, names)
            return render(outcome, second_quote_confidence=threshold, show_question=show_question)

        return await self._worker.run(answer, priority=Priority.ANSWER)


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
    return " ".join(_MENTION.sub(" ", message.content).split())


def _may_answer(message: discord.Message) -> bool:
    """Tell whether the bot may write where the message stands."""
    channel = message.channel
    if message.guild is None or isinstance(channel, discord.PartialMessageable):
        return True
    allowed = channel.permissions_for(message.guild.me)
    if isinstance(channel, discord.Thread):
        return allowed.send_messages_in_threads
    return allowed.send_messages
