"""What a message's menu offers: answer it (for oneself, then for all), and look whether it stands in the articles."""

from __future__ import annotations

from typing import Any

import discord
from discord.ext import commands

from cogs.ask.cog import MAX_QUESTION
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.features import feature
from cogs.core.permissions import is_helper
from cogs.messaging.message_text import without_mentions
from cogs.messaging.replies import InteractionReply, told
from cogs.services import Inquiry, Services
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, button
from cogs.ui.layout import message_body
from i18n import texts
from index.models import UserError


class MessageMenu(ContextMenuCog):
    """The commands in the menu of a message; what they show is private."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take what all features share."""
        self._bot = bot
        self._ask = services.ask
        self._store = services.store
        self._in_flight = services.in_flight
        self._replies = services.replies
        self._context_menus = (
            context_menu_entry(texts.ANSWER_THIS, self.answer_this),
            context_menu_entry(texts.FIND_SOURCE, self.find_source),
        )

    async def answer_this(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show privately how the message would be answered."""
        reply = InteractionReply(interaction, private=True)
        with self._in_flight.answering():
            async with told(reply):
                await reply.defer()
                inquiry = _inquiry(interaction, message, preview=interaction.guild_id is not None)
                await self._ask.answer(inquiry, reply)

    async def find_source(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show privately the sentences of the articles that are nearest to what the message says."""
        reply = InteractionReply(interaction, private=True)
        with self._in_flight.answering():
            async with told(reply):
                await reply.defer()
                await self._ask.sources(_inquiry(interaction, message, preview=False), reply)

    async def post(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Post a preview as a reply to the message it answers, for helpers."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        if not is_helper(interaction, await self._store.settings(interaction.guild_id)):
            raise UserError(texts.POST_NOT_ALLOWED)
        given = await self._store.run(lambda: self._store.database.answer(answer_id))
        channel = interaction.channel
        if given is None or given.question_id is None or not isinstance(channel, discord.abc.Messageable):
            raise UserError(texts.ANSWER_FORGOTTEN)
        question = discord.PartialMessage(channel=channel, id=given.question_id)
        public = self._replies.under(question, interaction.user.id)
        async with self._replies.questions.turn(question.id):
            message_id = await self._ask.post(given, public)
        place = f"https://discord.com/channels/{given.guild_id}/{given.channel_id}/{message_id}"
        await reply.show(message_body(notice_card(texts.POSTED.format(link=place)), plain=given.plain))


def _inquiry(interaction: discord.Interaction, message: discord.Message, *, preview: bool) -> Inquiry:
    """Return what a message asks or claims. Raises UserError where it has no words."""
    text = without_mentions(message.content)[:MAX_QUESTION]
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
    )


class PostButton(PersistentItem, action="post"):
    """Posts a private preview for all to see."""

    def __init__(self, answer_id: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id), texts.POST_BUTTON, discord.ButtonStyle.primary))
        self.answer_id = answer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Post it, if the member is a helper."""
        await feature(interaction, MessageMenu).post(interaction, self.answer_id)
