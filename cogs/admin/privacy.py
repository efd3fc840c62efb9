"""`/forget`, and the deletion of data that is no longer needed."""

from __future__ import annotations

import logging

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.cog import ArticlesCog
from cogs.core.features import feature
from cogs.messaging.interaction_reply import deferred
from cogs.services import Services
from i18n import texts
from index.models import UserError

_log = logging.getLogger(__name__)


class Privacy(commands.Cog):
    """Deletes the data of members on request, and of servers that the bot has left."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self._store = services.store

    @app_commands.command(name=texts.FORGET_NAME, description=texts.FORGET_DESCRIPTION)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def forget(self, interaction: discord.Interaction) -> None:
        """Delete what is stored about the member, and answer `/forget` privately."""
        async with deferred(interaction) as reply:
            count = await self._store.run_in_steps(self._store.database.forget_member_in_steps(interaction.user.id))
            await feature(interaction, ArticlesCog).service.forget_member(str(interaction.user.id))
            await reply.show_text(texts.FORGOTTEN.format(count=count))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Delete all data of a server that the bot has left."""
        try:
            await self._store.forget_server(guild.id)
        except (UserError, SQLAlchemyError):
            _log.exception("The data of server %s could not be deleted", guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Delete the settings of a deleted channel or category."""
        try:
            if channel.id in (await self._store.settings(channel.guild.id)).places:
                await self._store.change_settings(channel.guild.id, lambda now: now.without_place(channel.id))
        except (UserError, SQLAlchemyError):
            _log.exception("The settings of channel %s could not be deleted", channel.id)
