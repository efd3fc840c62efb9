"""`/library list`, `search` and `show`: what members can look at."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from cogs.articles.article_cards import article_card
from cogs.articles.cog import ArticlesCog, channel_article_choices, library_group
from cogs.articles.collection_choice import find_collection, send_collections
from cogs.articles.drafts import Owner
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.components import PageButton, page_row
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.models import UserError


@library_group.command(name=texts.ARTICLE_LIST_NAME, description=texts.ARTICLE_LIST_DESCRIPTION)
@app_commands.describe(collection=texts.COLLECTION_LIST_DESCRIPTION)
async def list_articles(
    interaction: discord.Interaction, collection: app_commands.Range[str, 1, 100] | None = None
) -> None:
    """Show the first page of the article list, or of one collection."""
    await _first_page(interaction, "", collection)


@list_articles.autocomplete("collection")
async def list_collections(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest the collections of which the channel shows articles."""
    articles = feature(interaction, ArticlesCog)
    return await send_collections(articles.store, articles.visibility, interaction, typed, in_channel=True)


@library_group.command(name=texts.LIBRARY_SEARCH_NAME, description=texts.LIBRARY_SEARCH_DESCRIPTION)
@app_commands.describe(title=texts.ARTICLE_SEARCH_DESCRIPTION)
async def search(interaction: discord.Interaction, title: app_commands.Range[str, 1, 100]) -> None:
    """Show the first page of the articles with a similar title."""
    await _first_page(interaction, title)


@library_group.command(name=texts.ARTICLE_SHOW_NAME, description=texts.ARTICLE_SHOW_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION)
@app_commands.autocomplete(article=channel_article_choices)
async def show(interaction: discord.Interaction, article: str) -> None:
    """Show an article's metadata and the beginning of its text."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        library, found = await articles.listing.find(interaction, article, in_channel=True)
        notes = (
            await articles.listing.failure_text(library, found.id),
            await articles.listing.tags_text(library, found.id),
        )
        await articles.show(interaction, reply, article_card(found, "\n".join(filter(None, notes))))


async def _first_page(interaction: discord.Interaction, searched: str, collection: str | None = None) -> None:
    """Show the first page of the articles whose titles resemble a text, of all articles if it is empty."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        found = (
            await find_collection(articles.store, articles.visibility, interaction, collection) if collection else ""
        )
        page = await articles.listing.page(interaction, searched, 0, found)
        search = f"{searched}\n{found}" if found else searched  # neither has a line break
        key = await articles.searches.put(search, Owner.of(interaction)) if search and page.pages > 1 else 0
        await articles.show(interaction, reply, page.card, page_row(ListPage, key, page.page, page.pages))


class ListPage(PageButton, action="article-page"):
    """Turns the pages of the list; `owner_id` is a stored search, or 0 for all articles."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.LIBRARY_SEARCH if self.owner_id else Action.LIBRARY_LIST)
        search = await articles.searches.get(self.owner_id, Owner.of(interaction)) if self.owner_id else ""
        if search is None:
            raise UserError(texts.ARTICLE_LIST_FORGOTTEN)
        searched, _, collection = search.partition("\n")
        page = await articles.listing.page(interaction, searched, self.page, collection)
        rows = page_row(ListPage, self.owner_id, page.page, page.pages)
        await reply.show(message_body(page.card, rows, plain=is_plain(interaction)))
