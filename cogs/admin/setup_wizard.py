"""`/config setup`: a wizard for a server's settings, in one private message with several pages.

The wizard has no state in memory: each choice is stored immediately, and every component carries its page and the
member who started the wizard, so that it continues after a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord.ext import commands

from cogs.ask.cog import MAX_QUESTION
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.services import Inquiry, Services
from cogs.ui.layout import MessageBody, is_plain
from i18n import texts
from index.models import UserError
from storage.models import ServerSettings

Page = Callable[[discord.Interaction[Any], ServerSettings, int, bool, bool], MessageBody]
"""Renders a page from: interaction, settings, page number from 0, plain layout, message content intent."""


class SetupWizard(commands.Cog):
    """Stores each choice and shows the page again."""

    def __init__(self, services: Services, page: Page) -> None:
        """Use the bot's shared services; `page` renders a page."""
        self._ask = services.ask
        self._store = services.store
        self._message_content = services.settings.message_content
        self._page = page

    async def start(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page in a new private message."""
        async with deferred(interaction) as reply:
            now = await self._store.settings(interaction.guild_id)
            await reply.show(self._page(interaction, now, 0, now.plain, self._message_content))

    async def change(
        self,
        interaction: discord.Interaction[Any],
        member_id: int,
        number: int,
        changed: Callable[[ServerSettings], ServerSettings],
    ) -> None:
        """Store a change and show page `number`. Raises UserError unless the member started this wizard."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require_own(interaction, member_id)
        guild_id = interaction.guild_id or 0
        _, now = await self._store.change_settings(guild_id, changed)
        await reply.show(self._page(interaction, now, number, is_plain(interaction), self._message_content))

    async def try_question(self, interaction: discord.Interaction[Any], member_id: int, typed: str) -> None:
        """Answer a question privately, as the bot would answer it in this channel."""
        async with deferred(interaction) as reply:
            await require_own(interaction, member_id)
            question = " ".join(typed.split())
            if not question:
                raise UserError(texts.HOW_TO_ASK)
            inquiry = Inquiry(
                question[:MAX_QUESTION],
                interaction.user.id,
                interaction.channel_id or 0,
                interaction.guild_id,
                private=True,
                show_question=True,
                asker=interaction.user,
            )
            await self._ask.answer(inquiry, reply)


async def require_own(interaction: discord.Interaction[Any], member_id: int) -> None:
    """Raise UserError unless the member started this wizard and may still set up the server."""
    await require(interaction, Action.CONFIG_SETUP)
    if interaction.user.id != member_id:
        raise UserError(texts.SETUP_NOT_YOURS)
