"""`/help`, and the welcome message in a new server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs.admin.setup_pages import welcome_rows
from cogs.core.roles import Role, roles_of
from cogs.messaging.interaction_reply import deferred
from cogs.messaging.replies import SILENT
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.escape import escape
from cogs.ui.layout import message_body
from cogs.ui.limits import fit_content
from cogs.ui.truncate import shorten
from i18n import texts
from i18n.languages import language_of, speak
from storage.models import RETENTION_DAYS, ServerSettings

_log = logging.getLogger(__name__)

_TRIED: Final = 5  # channels, if Discord refuses the welcome message


class Onboarding(commands.Cog):
    """Explains how to ask, on request and in a server that the bot has joined."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Use the client and the bot's shared services."""
        self._bot = bot
        self._store = services.store

    @app_commands.command(name=texts.HELP_NAME, description=texts.HELP_DESCRIPTION)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def help(self, interaction: discord.Interaction) -> None:
        """Answer `/help` privately, with what the member may do beside asking."""
        async with deferred(interaction) as reply:
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(notice_card(help_text(interaction, settings)), plain=settings.plain))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Send the welcome message to the first channel that takes it, otherwise a direct message to the owner."""
        speak(language_of(guild.preferred_locale))
        for _, channel in zip(range(_TRIED), _writable_channels(guild), strict=False):
            body = message_body(notice_card(texts.WELCOME), welcome_rows())
            if await self._send(channel, guild, allowed_mentions=SILENT, **body.send_kwargs):
                return
        text = texts.WELCOME_DIRECT.format(server=escape(shorten(guild.name, 100)))
        try:
            owner = guild.owner or await self._bot.fetch_user(guild.owner_id or 0)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.warning("The owner of server %s could not be found", guild.id, exc_info=True)
            return
        await self._send(owner, guild, content=fit_content(text), allowed_mentions=SILENT)

    async def _send(self, place: discord.abc.Messageable, guild: discord.Guild, **message: Any) -> bool:
        """Send the welcome message, and return whether Discord accepted it."""
        try:
            await place.send(**message)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.warning("The welcome message in server %s could not be sent", guild.id, exc_info=True)
            return False
        return True


def help_text(interaction: discord.Interaction, settings: ServerSettings) -> str:
    """Return what a member can do: asking, and the commands of their roles."""
    held = roles_of(interaction, settings)
    of_roles = (
        (Role.MODERATOR, texts.HELP_MODERATORS),
        (Role.EDITOR, texts.HELP_EDITORS),
        (Role.ADMIN, texts.HELP_MANAGERS),
    )
    parts = [texts.HELP, *(text for role, text in of_roles if role in held)]
    return "\n\n".join([*parts, texts.HELP_PRIVACY.format(days=RETENTION_DAYS)])


def _writable_channels(guild: discord.Guild) -> Iterator[discord.TextChannel]:
    """Yield the text channels where the bot may write, each once, the channel for system messages first."""
    channels = [guild.system_channel] if guild.system_channel else []
    for channel in dict.fromkeys([*channels, *guild.text_channels]):
        allowed = channel.permissions_for(guild.me)
        if allowed.view_channel and allowed.send_messages:
            yield channel
