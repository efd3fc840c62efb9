"""`/help`, and the welcome message in a new server."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs.messaging.interaction_reply import deferred
from cogs.messaging.replies import SILENT
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from cogs.ui.limits import fit_content
from i18n import texts
from i18n.languages import language_of, speak
from storage.models import RETENTION_DAYS

_log = logging.getLogger(__name__)


class Onboarding(commands.Cog):
    """Explains how to ask, on request and in a server that the bot has joined."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self._store = services.store

    @app_commands.command(name=texts.HELP_NAME, description=texts.HELP_DESCRIPTION)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def help(self, interaction: discord.Interaction) -> None:
        """Answer `/help` privately."""
        async with deferred(interaction) as reply:
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(notice_card(texts.HELP.format(days=RETENTION_DAYS)), plain=settings.plain))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Send the welcome message to the first channel where the bot may write."""
        channel = next(_writable_channels(guild), None)
        if channel is None:
            _log.info("Joined server %s, where the bot may not write yet", guild.id)
            return
        speak(language_of(guild.preferred_locale))
        try:
            await channel.send(fit_content(texts.WELCOME), allowed_mentions=SILENT)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.warning("The welcome message in server %s could not be sent", guild.id, exc_info=True)


def _writable_channels(guild: discord.Guild) -> Iterator[discord.TextChannel]:
    """Yield the text channels where the bot may write, the channel for system messages first."""
    channels = [guild.system_channel] if guild.system_channel else []
    for channel in [*channels, *guild.text_channels]:
        allowed = channel.permissions_for(guild.me)
        if allowed.view_channel and allowed.send_messages:
            yield channel
