"""The command group `/article`, to which the modules of this package add their commands; all answers are private."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from cogs.articles.autocomplete import send_choices
from cogs.articles.cog import ArticlesCog
from cogs.core.features import feature
from cogs.core.permissions import is_manager
from i18n import texts


class ArticleGroup(app_commands.Group):
    """Commands for those who may manage the server."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Check the permission here too: a server can show the commands to anyone."""
        return is_manager(interaction)


article_group = ArticleGroup(
    name=texts.ARTICLE_NAME,
    description=texts.ARTICLE_GROUP_DESCRIPTION,
    guild_only=True,
    allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    default_permissions=discord.Permissions(manage_guild=True),
)


async def article_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest articles for an option whose value is an article."""
    return await send_choices(feature(interaction, ArticlesCog).store, interaction, typed)
