"""The articles that a server's members are answered from: listed page by page, and found by what was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cogs.articles.article_cards import failure, listed, titled
from cogs.articles.autocomplete import chosen, matching
from cogs.core.async_store import AsyncStore
from cogs.ui.answer_card import Card, notice_card
from i18n import texts
from index.models import Article, UserError
from qa.ask import SHARED, libraries_of, own_library

_PER_PAGE: Final = 10
_MOST_PAGES: Final = 9999  # what a button can count to


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, its number from 0, and how many there are."""

    card: Card
    page: int
    pages: int


class Listing:
    """Reads what is stored now; no model is asked, and the worker is not waited for."""

    def __init__(self, store: AsyncStore) -> None:
        """Take what reads the articles."""
        self._store = store

    async def page(self, guild_id: int | None, search: str, page: int) -> Page:
        """Return a page of the server's own and the shared articles; of those with such a title, where one is given."""
        return await self._store.run(lambda: self._page(guild_id, search, page))

    async def chosen(self, guild_id: int | None, value: str) -> tuple[str, Article]:
        """Return the article that was chosen, and its library. Raises UserError where there is none."""
        read_only = self._store.read_only

        def read() -> tuple[str, Article]:
            library, article_id = chosen(read_only.titles(libraries_of(guild_id)), value)
            article = read_only.article(library, article_id)
            if article is None:
                raise UserError(texts.NO_SUCH_ARTICLE)
            return library, article

        return await self._store.run(read)

    async def own(self, guild_id: int | None, value: str) -> Article:
        """Return the article that was chosen; raises UserError where it is not the server's own."""
        library, article = await self.chosen(guild_id, value)
        if library == SHARED:
            raise UserError(texts.ARTICLE_NOT_OWN.format(article=titled(article.title)))
        return article

    def _page(self, guild_id: int | None, search: str, page: int) -> Page:
        read_only = self._store.read_only
        titles = read_only.titles(libraries_of(guild_id))
        if search:
            titles = matching(titles, search)
        if not titles:
            return Page(notice_card(texts.ARTICLE_LIST_NOTHING if search else texts.ARTICLE_LIST_EMPTY), 0, 1)
        pages = min(-(-len(titles) // _PER_PAGE), _MOST_PAGES)
        page = min(page, pages - 1)
        on_it = titles[page * _PER_PAGE : (page + 1) * _PER_PAGE]
        found = [(read_only.article(one.library, one.article_id), one.library == SHARED) for one in on_it]
        there = [(article, shared) for article, shared in found if article]
        failed = [] if guild_id is None else read_only.failed(own_library(guild_id))
        return Page(listed(there, page, pages, len(titles), failed), page, pages)

    async def failure(self, library: str, article_id: int) -> str:
        """Return a sentence on why an article could not be read again at the last look, nothing where it could."""
        return failure(await self._store.run(lambda: self._store.read_only.failed(library)), article_id)
