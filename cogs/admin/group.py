"""The command group `/verbatim`, to which the modules of this package add their commands; all answers are private."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.core.features import feature
from cogs.core.permissions import is_manager
from cogs.messaging.replies import InteractionReply
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts


class AdminGroup(app_commands.Group):
    """Commands for those who may manage the server."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Check the permission here too: a server can show the commands to anyone."""
        return is_manager(interaction)


admin_group = AdminGroup(
    name=texts.ADMIN_NAME,
    description=texts.ADMIN_DESCRIPTION,
    guild_only=True,
    allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    default_permissions=discord.Permissions(manage_guild=True),
)


class AdminCog(commands.Cog):
    """What the commands of `/verbatim` share."""

    def __init__(self, services: Services) -> None:
        """Take what all features share."""
        self.store = services.store
        self.settings = services.settings


async def say(interaction: discord.Interaction[Any], reply: InteractionReply, text: str) -> None:
    """Show a text in the layout of the server."""
    settings = await feature(interaction, AdminCog).store.settings(interaction.guild_id)
    await reply.show(message_body(notice_card(text), plain=settings.plain))
