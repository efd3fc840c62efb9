"""`/library list`, `search` and `show`: what members can look at."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from cogs.articles.article_cards import article_card
from cogs.articles.cog import ArticlesCog, article_choices, library_group
from cogs.articles.drafts import Owner
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.components import PageButton, page_row
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.models import UserError


@library_group.command(name=texts.ARTICLE_LIST_NAME, description=texts.ARTICLE_LIST_DESCRIPTION)
async def list_articles(interaction: discord.Interaction) -> None:
    """Show the first page of the article list."""
    await _first_page(interaction, "")


@library_group.command(name=texts.LIBRARY_SEARCH_NAME, description=texts.LIBRARY_SEARCH_DESCRIPTION)
@app_commands.describe(title=texts.ARTICLE_SEARCH_DESCRIPTION)
async def search(interaction: discord.Interaction, title: app_commands.Range[str, 1, 100]) -> None:
    """Show the first page of the articles with a similar title."""
    await _first_page(interaction, title)


@library_group.command(name=texts.ARTICLE_SHOW_NAME, description=texts.ARTICLE_SHOW_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION)
@app_commands.autocomplete(article=article_choices)
async def show(interaction: discord.Interaction, article: str) -> None:
    """Show an article's metadata and the beginning of its text."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        library, found = await articles.listing.find(interaction, article)
        await articles.show(
            interaction, reply, article_card(found, await articles.listing.failure_text(library, found.id))
        )


async def _first_page(interaction: discord.Interaction, searched: str) -> None:
    """Show the first page of the articles whose titles resemble a text, of all articles if it is empty."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        page = await articles.listing.page(interaction, searched, 0)
        key = articles.searches.put(searched, Owner.of(interaction)) if searched and page.pages > 1 else 0
        await articles.show(interaction, reply, page.card, page_row(ListPage, key, page.page, page.pages))


class ListPage(PageButton, action="article-page"):
    """Turns the pages of the list; `owner_id` is a stored search, or 0 for all articles."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.LIBRARY_SEARCH if self.owner_id else Action.LIBRARY_LIST)
        search = articles.searches.get(self.owner_id, Owner.of(interaction)) if self.owner_id else ""
        if search is None:
            raise UserError(texts.ARTICLE_LIST_FORGOTTEN)
        page = await articles.listing.page(interaction, search, self.page)
        rows = page_row(ListPage, self.owner_id, page.page, page.pages)
        await reply.show(message_body(page.card, rows, plain=is_plain(interaction)))
