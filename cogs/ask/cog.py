"""The command `/ask`, mentions of the bot, replies to it, and direct messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.articles.autocomplete import resolve_article, send_choices
from cogs.articles.collection_choice import find_collection, send_collections
from cogs.ask.addressed import AddressedMessages
from cogs.ask.question_cog import MAX_QUESTION, QuestionCog, is_one_conversation
from cogs.ask.small_talk_reply import short_help
from cogs.core.translator import translatable
from cogs.messaging.claims import Claim
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.message_text import question_in
from cogs.messaging.replies import report_errors
from cogs.messaging.resumed_interaction import asked_by, has_to_go_on, resumed_interaction
from cogs.services import Inquiry, Services
from i18n import texts
from index.libraries.library_names import libraries_of
from qa.conversation.several_questions import questions_in
from qa.conversation.small_talk import small_talk_in
from storage.accepted_questions import AcceptedQuestion

__all__ = ["MAX_QUESTION", "AskCog"]

_KIND: Final = "command"  # of a stored question


@dataclass(frozen=True, slots=True)
class _Command:
    """What a command or a form asks, as it was typed."""

    question: str
    private: bool
    article: str | None
    collection: str | None


class AskCog(QuestionCog):
    """Answers questions that are put to the bot."""

    def __init__(self, bot: commands.Bot, services: Services, addressed: AddressedMessages) -> None:
        """Share `addressed` with the other cogs that respond to messages."""
        super().__init__(bot, services)
        self._services = services
        self._addressed = addressed
        self._accepted.resume_with(_KIND, self._resume)

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
        await self.answer_interaction(interaction, question, private=private, article=article, collection=collection)

    async def answer_interaction(
        self,
        interaction: discord.Interaction,
        question: str,
        *,
        private: bool = False,
        article: str | None = None,
        collection: str | None = None,
    ) -> None:
        """Answer what a command or a form asks; small talk gets the short help, privately."""
        command = _Command(question, private, article, collection)
        busy = self._ask.busy_notice(interaction.guild_id, interaction.user.id)
        asked = asked_by(interaction, _KIND, busy=busy, command=asdict(command))
        with self._in_flight.answering():
            await self._accepted.answer_once(asked, partial(self._answer, interaction, busy, command))

    async def _resume(self, question: AcceptedQuestion, details: Mapping[str, Any]) -> None:
        """Answer a stored question again."""
        interaction = await resumed_interaction(self._bot, question, details)
        await self.answer_interaction(interaction, **details["command"])

    async def _answer(
        self, interaction: discord.Interaction, busy: str | None, command: _Command, claim: Claim
    ) -> None:
        reply = InteractionReply(interaction, private=command.private, claim=claim)
        async with report_errors(reply):
            if claim.is_resumed and not await has_to_go_on(claim, interaction, self._store):
                return
            await reply.defer(busy)
            typed = command.collection
            named = typed and await find_collection(self._store, self._visibility, interaction, typed)
            names = {self._bot.user.name} if self._bot.user else set()
            if small_talk_in(command.question, names) and not (command.article or typed):
                await self._help(interaction, reply)
                return
            inquiry = Inquiry(
                command.question,
                interaction.user.id,
                interaction.channel_id or 0,
                interaction.guild_id,
                collection=named,
                article=await self._find_article(command.article, interaction) if command.article else None,
                private=command.private,
                one_conversation=is_one_conversation(interaction.channel),
                show_question=True,
                claim=claim,
                asker=interaction.user,
            )
            asked = questions_in(command.question, names).texts
            await self._ask.answer_each(inquiry, asked if len(asked) > 1 else (command.question,), reply)

    async def _help(self, interaction: discord.Interaction, reply: InteractionReply) -> None:
        settings = await self._store.settings(interaction.guild_id)
        manages = interaction.guild_id is not None and interaction.permissions.manage_guild
        body = short_help(self._services, manages=manages, plain=settings.plain)
        await reply.show_privately(body, body)

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
        """Respond to a message that addresses the bot."""
        if self._bot.user is not None and question_in(message, self._bot.user) is not None:
            async with self._replies.question_locks.lock(message.id):
                await self._addressed.handle(message)
