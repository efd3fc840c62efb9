"""The command `/ask`, mentions of the bot, replies to it, and direct messages."""

from __future__ import annotations

import logging
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.articles.autocomplete import resolve_article, send_choices
from cogs.articles.collection_choice import find_collection, send_collections
from cogs.ask.reply_policy import ReplyCandidate, silence_reason
from cogs.core.translator import translatable, use_channel_language
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.message_text import question_in
from cogs.messaging.replies import report_errors
from cogs.services import LONGEST_QUESTION, Inquiry, Services
from i18n import texts
from index.libraries.library_names import libraries_of
from index.models import UserError

_log = logging.getLogger(__name__)

MAX_QUESTION: Final = LONGEST_QUESTION


class QuestionCog(commands.Cog):
    """Base class of the cogs that answer questions: keeps the services that this needs."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take the client and its services."""
        self._bot = bot
        self._ask = services.ask
        self._store = services.store
        self._in_flight = services.in_flight
        self._replies = services.replies
        self._visibility = services.visibility


class AskCog(QuestionCog):
    """Answers questions that are put to the bot."""

    @app_commands.command(name=texts.ASK_NAME, description=texts.ASK_DESCRIPTION)
    @app_commands.describe(
        question=translatable(lambda: texts.QUESTION_DESCRIPTION.format(limit=MAX_QUESTION)),
        private=texts.PRIVATE_DESCRIPTION,
        article=texts.ARTICLE_DESCRIPTION,
        collection=texts.COLLECTION_DESCRIPTION,
    )
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def ask(
        self,
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, MAX_QUESTION],
        private: bool = False,
        article: str | None = None,
        collection: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Answer `/ask`."""
        reply = InteractionReply(interaction, private=private)
        with self._in_flight.answering():
            async with report_errors(reply):
                await reply.defer(self._ask.busy_notice(interaction.guild_id, interaction.user.id))
                named = collection and await find_collection(self._store, self._visibility, interaction, collection)
                inquiry = Inquiry(
                    question,
                    interaction.user.id,
                    interaction.channel_id or 0,
                    interaction.guild_id,
                    collection=named,
                    article=await self._find_article(article, interaction) if article else None,
                    private=private,
                    one_conversation=is_one_conversation(interaction.channel),
                    show_question=True,
                    asker=interaction.user,
                )
                await self._ask.answer(inquiry, reply)

    @ask.autocomplete("article")
    async def ask_article_choices(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the articles whose titles resemble the typed text."""
        return await send_choices(self._store, self._visibility, interaction, typed, in_channel=True)

    @ask.autocomplete("collection")
    async def ask_collections(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the collections of which the channel quotes articles."""
        return await send_collections(self._store, self._visibility, interaction, typed, in_channel=True)

    async def _find_article(self, value: str, interaction: discord.Interaction) -> tuple[str, int]:
        articles = await self._visibility.articles_for(interaction, in_channel=True)
        names = libraries_of(interaction.guild_id)
        return await self._store.read(lambda: resolve_article(articles.titles(names), value))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that addresses the bot."""
        me = self._bot.user
        question = question_in(message, me) if me else None
        if question is None:
            return
        if not can_reply_to(message):
            _log.info("Asked in channel %s, where the bot may not send messages", message.channel.id)
            return
        async with self._replies.question_locks.lock(message.id):
            await self._answer(message, question)

    async def _answer(self, message: discord.Message, question: str) -> None:
        guild_id = message.guild.id if message.guild else None
        reply = self._replies.to(message)
        with self._in_flight.answering():
            async with report_errors(reply):
                mode = (await self._store.settings(guild_id)).mode_of(*settings_channel_ids(message.channel))
                if silence_reason(ReplyCandidate(question, mode, addressed=True)):
                    return
                await use_channel_language(self._store, message.guild, message.channel.id)
                if not question:
                    raise UserError(texts.HOW_TO_ASK)
                async with self._replies.send_queue.typing(message.channel):
                    await self._ask.answer(
                        Inquiry(
                            question,
                            message.author.id,
                            message.channel.id,
                            guild_id,
                            question_id=message.id,
                            replied_to=message.reference.message_id if message.reference else None,
                            one_conversation=is_one_conversation(message.channel),
                            asker=message.author,
                        ),
                        reply,
                    )


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
