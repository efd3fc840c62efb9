"""The command groups `/config` and `/insights`, to which this package's modules add commands, and their shared state.

All answers are private.
"""

from __future__ import annotations

from typing import Any

import discord
from discord.ext import commands

from cogs.core.command_group import command_group
from cogs.core.features import feature
from cogs.messaging.interaction_reply import InteractionReply
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts

config_group = command_group(
    texts.CONFIG_NAME, texts.CONFIG_DESCRIPTION, permissions=discord.Permissions(manage_guild=True)
)
insights_group = command_group(
    texts.INSIGHTS_NAME, texts.INSIGHTS_DESCRIPTION, permissions=discord.Permissions(manage_messages=True)
)


class AdminCog(commands.Cog):
    """State shared by the commands of `/config` and `/insights`."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self.store = services.store
        self.settings = services.settings
        self.visibility = services.visibility


async def say(interaction: discord.Interaction[Any], reply: InteractionReply, text: str) -> None:
    """Show a text in the layout that the server has set."""
    settings = await feature(interaction, AdminCog).store.settings(interaction.guild_id)
    await reply.show(message_body(notice_card(text), plain=settings.plain))
