"""Deletes answers, from the menu of their message; earlier messages of the bot have a button for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import discord
from discord.ext import commands

from cogs.ask.thread_reply import delete_empty_thread
from cogs.core.async_store import AsyncStore
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.features import feature
from cogs.core.own_answers import find_own_answer
from cogs.core.permissions import require_asker_or_moderator
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.messaging.retry import with_retries
from cogs.ui.components import AnswerButton
from i18n import texts
from index.models import UserError


class DeleteAnswer(ContextMenuCog):
    """Deletes answers from Discord and from discord.db."""

    def __init__(self, bot: commands.Bot, store: AsyncStore) -> None:
        """Take the client and the store of answers, and create the context menu command."""
        self._bot = bot
        self._store = store
        self._context_menus = [context_menu_entry(texts.DELETE_MENU, self.delete_message)]

    async def delete_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Delete the message of an answer.

        Raises UserError if the message is not of the bot, and unless the member asked for all that it answers or may
        manage messages.
        """
        async with deferred(interaction) as reply:
            if self._bot.user is None or message.author.id != self._bot.user.id:
                raise UserError(texts.NOT_MY_ANSWER)
            database = self._store.database
            found = await self._store.run(lambda: database.answers_for_message(message.id, with_private=True))
            shown = [answer for answer in found if answer.message_id == message.id]
            for answer in shown:
                await require_asker_or_moderator(interaction, answer)
            if not shown:
                await require_asker_or_moderator(interaction, None)
            with suppress(discord.NotFound):
                await with_retries(message.delete)
            await self._store.run(lambda: database.forget(*(answer.id for answer in shown)))
            for answer in shown:
                await delete_empty_thread(interaction.client, answer)
            await reply.show_text(texts.DELETED)

    async def delete(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Delete the answer of a pressed button. Raises UserError as `delete_message` does."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        answer = await find_own_answer(self._store, interaction, answer_id)
        await require_asker_or_moderator(interaction, answer)
        with suppress(discord.NotFound):
            await with_retries(interaction.delete_original_response)
        if answer is not None:
            await self._store.run(lambda: self._store.database.forget(answer_id))
            await delete_empty_thread(interaction.client, answer)


class DeleteButton(AnswerButton, action="delete", label=lambda: texts.DELETE_BUTTON):
    """Deletes an answer. Only messages of earlier versions have it."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, if the member may."""
        await feature(interaction, DeleteAnswer).delete(interaction, self.answer_id)
