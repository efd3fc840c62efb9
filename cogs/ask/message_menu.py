"""Context menu commands of messages: answer a message, privately and then publicly, or find the source of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.ask.question_cog import QuestionCog, cut_question
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.features import feature
from cogs.core.own_answers import own_answer
from cogs.core.roles import Action, may
from cogs.messaging.claims import Claim
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.messaging.message_text import without_mentions
from cogs.messaging.resumed_interaction import asked_by, has_to_go_on, resumed_interaction
from cogs.services import Inquiry, Services
from cogs.ui.answer_card import notice_card
from cogs.ui.components import AnswerButton
from cogs.ui.layout import message_body
from i18n import texts
from index.models import UserError
from storage.accepted_questions import AcceptedQuestion

_ANSWER: Final = "menu: answer"  # kinds of stored questions
_SOURCE: Final = "menu: source"


class MessageMenu(QuestionCog, ContextMenuCog):
    """The context menu commands of messages; their replies are private."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Create the context menu commands."""
        super().__init__(bot, services)
        self._context_menus = (
            context_menu_entry(texts.ANSWER_THIS, self.answer_this),
            context_menu_entry(texts.FIND_SOURCE, self.find_source),
        )
        for kind in (_ANSWER, _SOURCE):
            self._accepted.resume_with(kind, self._resume)

    async def answer_this(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show the answer to the message privately."""
        await self._accept(interaction, _ANSWER, message.id, without_mentions(message.content))

    async def find_source(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show the sentences nearest to what the message says, privately."""
        await self._accept(interaction, _SOURCE, message.id, without_mentions(message.content))

    async def _accept(self, interaction: discord.Interaction, kind: str, message_id: int, text: str) -> None:
        busy = self._ask.busy_notice(interaction.guild_id, interaction.user.id)
        asked = asked_by(interaction, kind, busy=busy, message_id=message_id, text=text)
        with self._in_flight.answering():
            await self._accepted.answer_once(asked, partial(self._answer, interaction, busy, kind, message_id, text))

    async def _resume(self, question: AcceptedQuestion, details: Mapping[str, Any]) -> None:
        """Answer a stored question again."""
        interaction = await resumed_interaction(self._bot, question, details)
        await self._accept(interaction, question.kind, details["message_id"], details["text"])

    async def _answer(
        self,
        interaction: discord.Interaction,
        busy: str | None,
        kind: str,
        message_id: int,
        text: str,
        claim: Claim,
    ) -> None:
        """Answer the text of a message, or find its sources."""
        if claim.is_resumed and not await has_to_go_on(claim, interaction, self._store):
            return
        async with deferred(interaction, busy, claim) as reply:
            preview = kind == _ANSWER and interaction.guild_id is not None
            inquiry = replace(_inquiry(interaction, message_id, text, preview=preview), claim=claim)
            if kind == _SOURCE:
                await self._ask.sources(inquiry, reply)
            elif not claim.sent:
                await self._ask.answer(inquiry, reply)

    async def post(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Post a preview as a reply to the message that it answers. Raises UserError unless the member is a helper."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        if not await may(interaction, Action.POST_ANSWER):
            raise UserError(texts.POST_NOT_ALLOWED)
        answer, channel = await own_answer(self._store, interaction, answer_id), interaction.channel
        if answer.question_id is None or not isinstance(channel, discord.abc.Messageable):
            raise UserError(texts.ANSWER_FORGOTTEN)
        question = discord.PartialMessage(channel=channel, id=answer.question_id)
        public = self._replies.for_member(question, interaction.user.id)
        async with self._replies.question_locks.lock(question.id):
            message_id = await self._ask.post(answer, public)
        link = f"https://discord.com/channels/{answer.guild_id}/{answer.channel_id}/{message_id}"
        await reply.show(message_body(notice_card(texts.POSTED.format(link=link)), plain=answer.plain))


def _inquiry(interaction: discord.Interaction, message_id: int, text: str, *, preview: bool) -> Inquiry:
    """Return the inquiry about a message's text. Raises UserError if it has none."""
    text, cut = cut_question(text)
    if not text:
        raise UserError(texts.NOTHING_TO_READ)
    return Inquiry(
        text,
        interaction.user.id,
        interaction.channel_id or 0,
        interaction.guild_id,
        question_id=message_id,
        private=True,
        preview=preview,
        cut=cut,
        asker=interaction.user,
    )


class PostButton(AnswerButton, action="post", label=lambda: texts.POST_BUTTON, style=discord.ButtonStyle.primary):
    """Posts a private preview publicly."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Post the preview, if the member is a helper."""
        await feature(interaction, MessageMenu).post(interaction, self.answer_id)
