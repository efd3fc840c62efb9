"""`/config setup`: a wizard for a server's settings, in one private message with several pages.

The wizard has no state in memory: each choice is stored immediately, and every component carries its page and the
member who started the wizard, so that it continues after a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands

from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.services import Services
from cogs.ui.layout import MessageBody, is_plain
from i18n import texts
from index.libraries.library_names import own_library
from index.models import UserError
from storage.models import ServerSettings


@dataclass(frozen=True, slots=True)
class PageState:
    """What a page shows. `articles` is the number of the server's own articles."""

    guild: discord.Guild
    member_id: int
    settings: ServerSettings
    articles: int
    plain: bool
    message_content: bool


Page = Callable[[PageState, int], MessageBody]
"""Renders a page, given its number from 0."""


class SetupWizard(commands.Cog):
    """Stores each choice and shows the page again."""

    def __init__(self, services: Services, page: Page) -> None:
        """Use the bot's shared services; `page` renders a page."""
        self._store = services.store
        self._message_content = services.settings.message_content
        self._page = page

    async def start(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page in a new private message."""
        async with deferred(interaction) as reply:
            now = await self._store.settings(interaction.guild_id)
            await reply.show(await self._render(interaction, now, 0, plain=now.plain))

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
        _, now = await self._store.change_settings(interaction.guild_id or 0, changed)
        await reply.show(await self._render(interaction, now, number, plain=is_plain(interaction)))

    async def _render(
        self, interaction: discord.Interaction[Any], settings: ServerSettings, number: int, *, plain: bool
    ) -> MessageBody:
        """Return a page. Raises UserError outside a server that the bot is in."""
        guild = interaction.guild
        if guild is None or guild.me is None:
            raise UserError(texts.NOT_HERE)
        own = [own_library(guild.id)]
        articles = await self._store.read(lambda: len(self._store.read_only.titles(own)))
        return self._page(
            PageState(guild, interaction.user.id, settings, articles, plain, self._message_content), number
        )


async def require_own(interaction: discord.Interaction[Any], member_id: int) -> None:
    """Raise UserError unless the member started this wizard and may still set up the server."""
    await require(interaction, Action.CONFIG_SETUP)
    if interaction.user.id != member_id:
        raise UserError(texts.WIZARD_NOT_YOURS)
