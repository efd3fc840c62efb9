"""The buttons for reading on: further quotes, their context and all sources of an answer, on private pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.answers.answer_pages import PER_PAGE, changed_quote_card, context_card, more_quotes_card, page_count
from cogs.answers.answer_sources import source_entries, source_pages
from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.own_answers import own_answer
from cogs.core.visibility import Visibility
from cogs.core.visible_articles import VisibleArticles
from cogs.messaging.interaction_reply import InteractionReply
from cogs.ui.answer_card import Card
from cogs.ui.components import AnswerButton, PageButton, PersistentItem, Rows, button, page_row
from cogs.ui.layout import message_body
from i18n import texts
from index.models import Article, UserError
from storage.stored_answers import StoredAnswer, StoredQuote


class Tab(IntEnum):
    """What the private message shows; the numbers are stored in custom ids."""

    CONTEXT = 0
    SOURCES = 1
    QUOTES = 2


@dataclass(frozen=True, slots=True)
class _Page:
    """A rendered page, its number from 0, and the number of pages."""

    card: Card
    page: int
    pages: int


class MoreQuotes(commands.Cog):
    """Shows the pages, read from the current articles without any model."""

    def __init__(self, store: AsyncStore, visibility: Visibility) -> None:
        """Take the store of answers and articles, and what may be shown to whom."""
        self._store = store
        self._visibility = visibility

    async def show(
        self, interaction: discord.Interaction, answer_id: int, tab: Tab | None = None, page: int | None = None
    ) -> None:
        """Show a page of a tab: the first one in a new message, or `page` instead of the page shown.

        Without a tab it is what the answer leaves to read: the steps that follow its quotes, else the context of these.
        Raises UserError if there is nothing that the member may read.
        """
        reply = InteractionReply(interaction, private=True)
        await (reply.defer() if page is None else reply.defer_update())
        answer = await own_answer(self._store, interaction, answer_id)
        # For the member who presses, now: permissions may have changed since the answer was sent.
        articles = await self._visibility.articles_for(interaction, in_channel=True)
        visible = _visible(answer, articles)
        opened = _first_tab(visible) if tab is None else tab
        read, page_button = self._readers[opened], _PAGES[opened]
        shown = await self._store.read(lambda: read(visible, page or 0, articles))
        if shown is None:
            hidden = len(visible.quotes) < len(answer.quotes)
            raise UserError(texts.SOURCE_HIDDEN if hidden else texts.NOTHING_MORE)
        rows = [*tab_row(visible, opened), *page_row(page_button, answer_id, shown.page, shown.pages)]
        await reply.show(message_body(shown.card, rows, plain=answer.plain))

    @property
    def _readers(self) -> Mapping[Tab, Callable[[StoredAnswer, int, VisibleArticles], _Page | None]]:
        return {Tab.CONTEXT: self._in_context, Tab.SOURCES: self._sources, Tab.QUOTES: self._further}

    def _further(self, answer: StoredAnswer, page: int, articles: VisibleArticles) -> _Page | None:
        shown, rest = answer.quotes[: answer.shown], answer.quotes[answer.shown :]
        steps = [quote for stored in shown for quote in stored.further_steps(_article(articles, stored))]
        pages = page_count(len(steps) + len(rest))
        if not pages:
            return None
        page = min(page, pages - 1)
        first, last = page * PER_PAGE, (page + 1) * PER_PAGE
        further = rest[max(0, first - len(steps)) : max(0, last - len(steps))]
        quotes = [*steps[first:last], *(stored.quote(_article(articles, stored)) for stored in further)]
        return _Page(more_quotes_card(quotes, page, pages), page, pages)

    def _in_context(self, answer: StoredAnswer, page: int, articles: VisibleArticles) -> _Page | None:
        shown = answer.quotes[: answer.shown]
        if not shown:
            return None
        page = min(page, len(shown) - 1)
        article = _article(articles, shown[page])
        quote = shown[page].quote(article)
        card = (
            context_card(quote, article, page, len(shown))
            if quote and article
            else changed_quote_card(page, len(shown))
        )
        return _Page(card, page, len(shown))

    def _sources(self, answer: StoredAnswer, page: int, articles: VisibleArticles) -> _Page | None:
        if not answer.shown:
            return None
        cards = source_pages(source_entries(answer.quotes[: answer.shown], articles.article))
        page = min(page, len(cards) - 1)
        return _Page(cards[page], page, len(cards))


def _visible(answer: StoredAnswer, articles: VisibleArticles) -> StoredAnswer:
    """Return an answer without quotes of hidden articles."""
    kept = [not articles.hides(quote.library, quote.article_id) for quote in answer.quotes]
    quotes = tuple(quote for quote, keep in zip(answer.quotes, kept, strict=True) if keep)
    return replace(answer, quotes=quotes, shown=sum(kept[: answer.shown]))


def _article(articles: VisibleArticles, quote: StoredQuote) -> Article | None:
    return articles.article(quote.library, quote.article_id)


def _first_tab(answer: StoredAnswer) -> Tab:
    """Return the tab that reads on where the answer ends."""
    return Tab.QUOTES if any(quote.more_steps for quote in answer.quotes[: answer.shown]) else Tab.CONTEXT


def tab_row(answer: StoredAnswer, opened: Tab) -> Rows:
    """Return the row that switches between the tabs that have something to show; no row if only one has."""
    tabs = [Tab.CONTEXT, Tab.SOURCES] if answer.shown else []
    if len(answer.quotes) > answer.shown or any(quote.more_steps for quote in answer.quotes[: answer.shown]):
        tabs.append(Tab.QUOTES)
    return [[ReadTab(answer.id, tab, opened=tab is opened) for tab in tabs]] if len(tabs) > 1 else []


class ReadButton(AnswerButton, action="read", label=lambda: texts.MORE_BUTTON):
    """Opens the private message: quotes in context, their sources, further quotes."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).show(interaction, self.answer_id)


class ReadTab(PersistentItem, action="read-tab", ids=2):
    """Shows another tab of the private message; the one that is shown cannot be pressed."""

    def __init__(self, answer_id: int, tab: int, *, opened: bool = False) -> None:
        """Lead to the first page of a tab of an answer."""
        labels = {Tab.CONTEXT: texts.CONTEXT_BUTTON, Tab.SOURCES: texts.SOURCES_BUTTON, Tab.QUOTES: texts.QUOTES_BUTTON}
        self.answer_id, self.tab = answer_id, Tab(min(tab, max(Tab)))
        style = discord.ButtonStyle.primary if opened else discord.ButtonStyle.secondary
        super().__init__(button(self.custom_id_of(answer_id, self.tab), labels[self.tab], style, disabled=opened))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the tab."""
        await feature(interaction, MoreQuotes).show(interaction, self.answer_id, self.tab, 0)


class MorePage(PageButton, action="more-page"):
    """Shows another page of further quotes."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).show(interaction, self.owner_id, Tab.QUOTES, self.page)


class ContextPage(PageButton, action="context-page"):
    """Shows another page of quotes in context."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).show(interaction, self.owner_id, Tab.CONTEXT, self.page)


class SourcesPage(PageButton, action="sources-page"):
    """Shows another page of sources."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).show(interaction, self.owner_id, Tab.SOURCES, self.page)


_PAGES: Final[Mapping[Tab, type[PageButton]]] = {
    Tab.CONTEXT: ContextPage,
    Tab.SOURCES: SourcesPage,
    Tab.QUOTES: MorePage,
}


# Messages of earlier versions have a button for each tab.


class MoreButton(AnswerButton, action="more", label=lambda: texts.QUOTES_BUTTON):
    """Opens the further quotes of an answer."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).show(interaction, self.answer_id, Tab.QUOTES)


class ContextButton(AnswerButton, action="context", label=lambda: texts.CONTEXT_BUTTON):
    """Opens the quotes of an answer in context."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).show(interaction, self.answer_id, Tab.CONTEXT)


class SourcesButton(AnswerButton, action="sources", label=lambda: texts.SOURCES_BUTTON):
    """Opens the sources of an answer."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).show(interaction, self.answer_id, Tab.SOURCES)
