"""The button that deletes an answer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import discord
from discord.ext import commands

from cogs.ask.thread_reply import delete_empty_thread
from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.own_answers import find_own_answer
from cogs.core.permissions import require_asker_or_moderator
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.retry import with_retries
from cogs.ui.components import AnswerButton
from i18n import texts


class DeleteAnswer(commands.Cog):
    """Deletes answers from Discord and from discord.db."""

    def __init__(self, store: AsyncStore) -> None:
        """Take the store of answers."""
        self._store = store

    async def delete(self, interaction: discord.Interaction, answer_id: int) -> None:
        """Delete the answer. Raises UserError unless the member asked for it or may manage messages."""
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
    """Deletes an answer."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, if the member may."""
        await feature(interaction, DeleteAnswer).delete(interaction, self.answer_id)
