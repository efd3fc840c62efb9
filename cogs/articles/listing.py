"""Read-only access to the articles that a server can search: paged lists and lookup by title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import discord

from cogs.articles.article_cards import bold_title, failure_text, list_card
from cogs.articles.autocomplete import resolve_article, search_titles
from cogs.articles.collection_choice import listed
from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.visible_articles import VisibleArticles
from cogs.ui.answer_card import Card, notice_card
from i18n import texts
from index.libraries.library_names import SHARED, libraries_of, own_library
from index.models import Article, UserError

_PER_PAGE: Final = 10
_MAX_NAMED: Final = 3  # collections above the list
_MAX_PAGES: Final = 9999  # the page number in a custom id has four digits


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `page` counts from 0, `pages` is their number."""

    card: Card
    page: int
    pages: int


class Listing:
    """Lists and finds articles through the read-only catalogues, without models or the worker thread.

    Only articles that the member of the interaction may see are listed and found.
    """

    def __init__(self, store: AsyncStore, visibility: Visibility) -> None:
        """Read through this store."""
        self._store = store
        self._visibility = visibility

    async def page(self, interaction: discord.Interaction[Any], search: str, page: int, collection: str = "") -> Page:
        """Return a page of the server's own and the shared articles, of those that the channel quotes.

        They are filtered by title and by collection unless `search` or `collection` is empty.
        """
        limit = await self._visibility.limits.names(interaction.guild_id, interaction.channel_id)
        articles = await self._visibility.articles_for(interaction, in_channel=True, collection=collection or None)
        note = listed((collection,) if collection else limit, _MAX_NAMED)
        return await self._store.read(lambda: self._page(articles, interaction.guild_id, search, page, note))

    async def find(
        self, interaction: discord.Interaction[Any], value: str, *, in_channel: bool = False
    ) -> tuple[str, Article]:
        """Return (library, article) for an autocomplete value or a title. Raises UserError if nothing matches.

        With `in_channel` only those that the channel quotes are found.
        """
        articles = await self._visibility.articles_for(interaction, in_channel=in_channel)

        def read() -> tuple[str, Article]:
            library, article_id = resolve_article(articles.titles(libraries_of(interaction.guild_id)), value)
            article = articles.article(library, article_id)
            if article is None:
                raise UserError(texts.NO_SUCH_ARTICLE)
            return library, article

        return await self._store.read(read)

    async def find_own(self, interaction: discord.Interaction[Any], value: str) -> Article:
        """Return one of the server's own articles. Raises UserError if nothing matches or the article is shared."""
        library, article = await self.find(interaction, value)
        if library == SHARED:
            raise UserError(texts.ARTICLE_NOT_OWN.format(article=bold_title(article.title)))
        return article

    async def tags_text(self, library: str, article_id: int) -> str:
        """Return the names of the collections of an article as a line, or an empty string if it is in none."""
        names = await self._store.read(lambda: self._store.read_only.tags_of(library, article_id))
        return texts.ARTICLE_TAGS.format(names=listed(names)) if names else ""

    def _page(self, visible: VisibleArticles, guild_id: int | None, search: str, page: int, only: str) -> Page:
        note = texts.LISTED_COLLECTIONS.format(names=only) if only else ""
        titles = visible.titles(libraries_of(guild_id))
        if search:
            titles = search_titles(titles, search)
        if not titles:
            nothing = texts.ARTICLE_LIST_NOTHING if search or only else texts.ARTICLE_LIST_EMPTY
            return Page(notice_card("\n".join(filter(None, (note, nothing)))), 0, 1)
        pages = min(-(-len(titles) // _PER_PAGE), _MAX_PAGES)
        page = min(page, pages - 1)
        page_titles = titles[page * _PER_PAGE : (page + 1) * _PER_PAGE]
        articles = [(visible.article(one.library, one.article_id), one.library == SHARED) for one in page_titles]
        stored = [(article, shared) for article, shared in articles if article]
        failed = [] if guild_id is None else self._store.read_only.failed_sources(own_library(guild_id))
        return Page(list_card(stored, page, pages, len(titles), failed, note), page, pages)

    async def failure_text(self, library: str, article_id: int) -> str:
        """Return a sentence on why the last check of an article's source failed, or an empty string."""
        return failure_text(await self._store.read(lambda: self._store.read_only.failed_sources(library)), article_id)
