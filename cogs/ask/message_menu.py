"""Context menu commands of messages: answer a message, privately and then publicly, or find the source of a claim."""

from __future__ import annotations

from typing import Any

import discord
from discord.ext import commands

from cogs.ask.question_cog import QuestionCog, cut_question
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.features import feature
from cogs.core.own_answers import own_answer
from cogs.core.roles import Action, may
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.messaging.message_text import without_mentions
from cogs.services import Inquiry, Services
from cogs.ui.answer_card import notice_card
from cogs.ui.components import AnswerButton
from cogs.ui.layout import message_body
from i18n import texts
from index.models import UserError


class MessageMenu(QuestionCog, ContextMenuCog):
    """The context menu commands of messages; their replies are private."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Create the context menu commands."""
        super().__init__(bot, services)
        self._context_menus = (
            context_menu_entry(texts.ANSWER_THIS, self.answer_this),
            context_menu_entry(texts.FIND_SOURCE, self.find_source),
        )

    async def answer_this(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show the answer to the message privately."""
        with self._in_flight.answering():
            async with deferred(interaction, self._ask.busy_notice(interaction.guild_id, interaction.user.id)) as reply:
                inquiry = _inquiry(interaction, message, preview=interaction.guild_id is not None)
                await self._ask.answer(inquiry, reply)

    async def find_source(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show the sentences nearest to what the message says, privately."""
        with self._in_flight.answering():
            async with deferred(interaction, self._ask.busy_notice(interaction.guild_id, interaction.user.id)) as reply:
                await self._ask.sources(_inquiry(interaction, message, preview=False), reply)

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


def _inquiry(interaction: discord.Interaction, message: discord.Message, *, preview: bool) -> Inquiry:
    """Return the inquiry about a message's text. Raises UserError if it has none."""
    text, cut = cut_question(without_mentions(message.content))
    if not text:
        raise UserError(texts.NOTHING_TO_READ)
    return Inquiry(
        text,
        interaction.user.id,
        interaction.channel_id or 0,
        interaction.guild_id,
        question_id=message.id,
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
