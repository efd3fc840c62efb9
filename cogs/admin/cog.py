"""The command group `/verbatim`, to which the modules of this package add their commands, and their shared state.

All answers are private.
"""

from __future__ import annotations

from typing import Any

import discord
from discord.ext import commands

from cogs.core.command_group import ManagerGroup
from cogs.core.features import feature
from cogs.messaging.interaction_reply import InteractionReply
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts

admin_group = ManagerGroup(texts.ADMIN_NAME, texts.ADMIN_DESCRIPTION)


class AdminCog(commands.Cog):
    """State shared by the commands of `/verbatim`."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self.store = services.store
        self.settings = services.settings
        self.visibility = services.visibility


async def say(interaction: discord.Interaction[Any], reply: InteractionReply, text: str) -> None:
    """Show a text in the layout that the server has set."""
    settings = await feature(interaction, AdminCog).store.settings(interaction.guild_id)
    await reply.show(message_body(notice_card(text), plain=settings.plain))
