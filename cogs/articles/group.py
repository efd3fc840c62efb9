"""The command group `/article`, to which the modules of this package add their commands; all answers are private."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.articles.autocomplete import send_choices
from cogs.articles.cog import ArticlesCog
from cogs.core.command_group import ManagerGroup
from cogs.core.features import feature
from i18n import texts

article_group = ManagerGroup(texts.ARTICLE_NAME, texts.ARTICLE_GROUP_DESCRIPTION)


async def article_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest articles for an option whose value is an article."""
    return await send_choices(feature(interaction, ArticlesCog).store, interaction, typed)
