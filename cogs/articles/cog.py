"""The command groups `/library` and `/article`, to which this package's modules add commands, and their shared state.

All answers are private.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.articles.article_service import ArticleService
from cogs.articles.autocomplete import send_choices
from cogs.articles.draft_kinds import IMPORTS, PREVIEWS, SEARCHES, Preview
from cogs.articles.drafts import Owner, PendingStore
from cogs.articles.export_files import PendingImport
from cogs.articles.import_quota import ImportQuota
from cogs.articles.listing import Listing
from cogs.core.command_group import command_group
from cogs.core.features import feature
from cogs.messaging.interaction_reply import InteractionReply
from cogs.services import Services
from cogs.ui.answer_card import Card
from cogs.ui.components import Rows
from cogs.ui.layout import message_body
from i18n import texts
from index.models import UserError

library_group = command_group(texts.LIBRARY_NAME, texts.LIBRARY_DESCRIPTION)
# Editors have a role of the server's choice, which may have no permission of Discord's. So Discord shows these commands
# to everyone, and the bot's own check decides.
article_group = command_group(texts.ARTICLE_NAME, texts.ARTICLE_GROUP_DESCRIPTION)
follow_group = app_commands.Group(name=texts.FOLLOW_NAME, description=texts.FOLLOW_DESCRIPTION, parent=article_group)


class ArticlesCog(commands.Cog):
    """Holds the article service, the quotas and the pending previews. For use on the event loop."""

    def __init__(self, services: Services) -> None:
        """Create the shared parts from the bot's services."""
        settings = services.settings
        self.services = services
        self.store = services.store
        self.ask = services.ask
        self.in_flight = services.in_flight
        self.service = ArticleService(services.resources)
        self.quota = ImportQuota(services.store, settings.server_loads)
        self.visibility = services.visibility
        self.listing = Listing(services.store, services.visibility)
        self.refresh_hours = settings.refresh_hours
        self.message_content = settings.message_content
        self.previews: PendingStore[Preview] = PendingStore(services.store, PREVIEWS)
        self.searches: PendingStore[str] = PendingStore(services.store, SEARCHES)
        self.imports: PendingStore[PendingImport] = PendingStore(services.store, IMPORTS)
        self.running_imports: dict[int, tuple[Owner, PendingImport]] = {}  # those that this process carries out

    async def require_reader(self, interaction: discord.Interaction[Any], place: object) -> None:
        """Raise UserError if a member cannot read a channel or thread: Discord takes the id of any as an option."""
        if not isinstance(place, discord.abc.GuildChannel | discord.Thread) or place.id == interaction.channel_id:
            return
        if not await self.visibility.readers.readable(interaction.guild_id, interaction.user, {place.id}):
            raise UserError(texts.CHANNEL_HIDDEN.format(channel=place.mention))

    async def show(
        self, interaction: discord.Interaction[Any], reply: InteractionReply, card: Card, rows: Rows | None = None
    ) -> None:
        """Show a card with rows of buttons, in the layout that the server has set."""
        settings = await self.store.settings(interaction.guild_id)
        await reply.show(message_body(card, rows or [], plain=settings.plain))


async def article_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest articles for an option whose value is an article."""
    articles = feature(interaction, ArticlesCog)
    return await send_choices(articles.store, articles.visibility, interaction, typed)


async def channel_article_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest the articles that the channel quotes, for an option whose value is an article."""
    articles = feature(interaction, ArticlesCog)
    return await send_choices(articles.store, articles.visibility, interaction, typed, in_channel=True)
