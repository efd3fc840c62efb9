"""What is done with articles that are there: list, show, remove and refresh them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord
from discord import app_commands
from discord.ext import commands

from cogs.articles.article_cards import beginning, received, titled
from cogs.articles.article_service import ArticleService
from cogs.articles.autocomplete import choices
from cogs.articles.drafts import PendingStore, under_removal
from cogs.articles.import_quota import ImportQuota
from cogs.articles.listing import Listing
from cogs.core.async_store import AsyncStore
from cogs.core.permissions import require_manager
from cogs.messaging.in_flight import InFlight
from cogs.messaging.replies import InteractionReply, deferred
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Action, Press
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.models import UserError
from qa.ask import own_library


class ArticleCommands(commands.Cog):
    """The part of `/article` that looks after a server's articles; discord.py wants all of a group in one class."""

    def __init__(self, services: Services, article_service: ArticleService, quotas: ImportQuota) -> None:
        """Take what all features share, what keeps the libraries, and what counts."""
        super().__init__()
        self._store: AsyncStore = services.store
        self._in_flight: InFlight = services.in_flight
        self._article_service = article_service
        self._quotas = quotas
        self._listing = Listing(services.store)
        self._searches: PendingStore[str] = PendingStore()

    @property
    def keeping_presses(self) -> dict[Action, Callable[[discord.Interaction, Press], Awaitable[None]]]:
        """What the buttons do."""
        return {Action.ARTICLE_PAGE: self.page_turned, Action.ARTICLE_REMOVE: self.remove_pressed}

    @app_commands.command(name=texts.ARTICLE_LIST_NAME, description=texts.ARTICLE_LIST_DESCRIPTION)
    @app_commands.describe(search=texts.ARTICLE_SEARCH_DESCRIPTION)
    async def list_articles(
        self, interaction: discord.Interaction, search: app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        """Show the first page of the list."""
        async with deferred(interaction) as reply:
            page = await self._listing.page(interaction.guild_id, search or "", 0)
            key = self._searches.put(search) if search and page.pages > 1 else 0
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(page.card, page.buttons(key), plain=settings.plain))

    @app_commands.command(name=texts.ARTICLE_SHOW_NAME, description=texts.ARTICLE_SHOW_DESCRIPTION)
    @app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION)
    async def show(self, interaction: discord.Interaction, article: str) -> None:
        """Show an article's beginning."""
        async with deferred(interaction) as reply:
            library, found = await self._listing.chosen(interaction.guild_id, article)
            said = await self._listing.failure(library, found.id)
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(beginning(found, said), plain=settings.plain))

    @app_commands.command(name=texts.ARTICLE_REMOVE_NAME, description=texts.ARTICLE_REMOVE_DESCRIPTION)
    @app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION)
    async def remove(self, interaction: discord.Interaction, article: str) -> None:
        """Ask whether to remove an article."""
        async with deferred(interaction) as reply:
            found = await self._listing.own(interaction.guild_id, article)
            settings = await self._store.settings(interaction.guild_id)
            card = beginning(found, texts.ARTICLE_REMOVE_QUESTION)
            await reply.show(message_body(card, under_removal(found.id), plain=settings.plain))

    @app_commands.command(name=texts.ARTICLE_REFRESH_NAME, description=texts.ARTICLE_REFRESH_DESCRIPTION)
    @app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION)
    async def refresh(self, interaction: discord.Interaction, article: str) -> None:
        """Read an article from its address again."""
        with self._in_flight.answering():
            async with deferred(interaction) as reply:
                found = await self._listing.own(interaction.guild_id, article)
                await self._quotas.spend(interaction.guild_id or 0)
                receipts = await self._article_service.refresh(
                    interaction.guild_id or 0, found, str(interaction.user.id)
                )
                settings = await self._store.settings(interaction.guild_id)
                await reply.show(message_body(notice_card("\n".join(map(received, receipts))), plain=settings.plain))

    @show.autocomplete("article")
    @remove.autocomplete("article")
    @refresh.autocomplete("article")
    async def article_choices(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the articles whose titles are like what was typed."""
        return await choices(self._store, interaction, typed)

    async def page_turned(self, interaction: discord.Interaction, press: Press) -> None:
        """Show another page of a list."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        search = self._searches.get(press.answer_id) if press.answer_id else ""
        if search is None:
            raise UserError(texts.ARTICLE_LIST_FORGOTTEN)
        page = await self._listing.page(interaction.guild_id, search, press.page)
        await reply.show(message_body(page.card, page.buttons(press.answer_id), plain=is_plain(interaction)))

    async def remove_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Remove an article."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        guild_id, read_only = interaction.guild_id or 0, self._store.read_only
        article = await self._store.run(lambda: read_only.article(own_library(guild_id), press.answer_id))
        if article is None or not await self._removed(guild_id, article.id, str(interaction.user.id)):
            raise UserError(texts.ARTICLE_REMOVED_BEFORE)
        said = texts.ARTICLE_REMOVED.format(article=titled(article.title))
        await reply.show(message_body(notice_card(said), plain=is_plain(interaction)))

    async def _removed(self, guild_id: int, article_id: int, who: str) -> bool:
        """Remove an article of a server's own library; tell whether it was there."""
        return await self._article_service.job(guild_id, lambda library: library.remove(article_id, who))
