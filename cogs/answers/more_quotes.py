"""The buttons for reading on: further quotes, their context and all sources of an answer, on private pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord.ext import commands

from cogs.answers.answer_pages import PER_PAGE, changed_quote_card, context_card, more_quotes_card, page_count
from cogs.answers.answer_sources import source_entries, source_pages
from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.own_answers import own_answer
from cogs.core.visibility import Visibility, VisibleArticles
from cogs.messaging.interaction_reply import InteractionReply
from cogs.ui.answer_card import Card
from cogs.ui.components import AnswerButton, PageButton, page_row
from cogs.ui.layout import message_body
from i18n import texts
from index.models import Article, UserError
from storage.models import StoredAnswer, StoredQuote


@dataclass(frozen=True, slots=True)
class _Page:
    """A rendered page, its number from 0, and the number of pages."""

    card: Card
    page: int
    pages: int
    plain: bool


class MoreQuotes(commands.Cog):
    """Shows the pages, read from the current articles without any model."""

    def __init__(self, store: AsyncStore, visibility: Visibility) -> None:
        """Take the store of answers and articles, and what may be shown to whom."""
        self._store = store
        self._visibility = visibility

    async def further(self, interaction: discord.Interaction, answer_id: int, page: int | None = None) -> None:
        """Show a page of further quotes: the first in a new message, or `page` instead of the page shown."""
        await self._show(interaction, MorePage, answer_id, page, self._further)

    async def in_context(self, interaction: discord.Interaction, answer_id: int, page: int | None = None) -> None:
        """Show a quote in its context; `page` as in `further`."""
        await self._show(interaction, ContextPage, answer_id, page, self._in_context)

    async def sources(self, interaction: discord.Interaction, answer_id: int, page: int | None = None) -> None:
        """Show every article that contains a quote; `page` as in `further`."""
        await self._show(interaction, SourcesPage, answer_id, page, self._sources)

    async def _show(
        self,
        interaction: discord.Interaction,
        page_button: type[PageButton],
        answer_id: int,
        page: int | None,
        read: Callable[[StoredAnswer, int, VisibleArticles], _Page | None],
    ) -> None:
        """Show a page of what `read` returns. Raises UserError if there is nothing that the member may read."""
        reply = InteractionReply(interaction, private=True)
        await (reply.defer() if page is None else reply.defer_update())
        answer = await own_answer(self._store, interaction, answer_id)
        # For the member who presses, now: permissions may have changed since the answer was sent.
        articles = await self._visibility.articles_for(interaction, in_channel=True)
        visible = _visible(answer, articles)
        shown = await self._store.read(lambda: read(visible, page or 0, articles))
        if shown is None:
            hidden = len(visible.quotes) < len(answer.quotes)
            raise UserError(texts.SOURCE_HIDDEN if hidden else texts.NOTHING_MORE)
        rows = page_row(page_button, answer_id, shown.page, shown.pages)
        await reply.show(message_body(shown.card, rows, plain=shown.plain))

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
        return _Page(more_quotes_card(quotes, page, pages), page, pages, answer.plain)

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
        return _Page(card, page, len(shown), answer.plain)

    def _sources(self, answer: StoredAnswer, page: int, articles: VisibleArticles) -> _Page | None:
        if not answer.shown:
            return None
        cards = source_pages(source_entries(answer.quotes[: answer.shown], articles.article))
        page = min(page, len(cards) - 1)
        return _Page(cards[page], page, len(cards), answer.plain)


def _visible(answer: StoredAnswer, articles: VisibleArticles) -> StoredAnswer:
    """Return an answer without quotes of hidden articles."""
    kept = [not articles.hides(quote.library, quote.article_id) for quote in answer.quotes]
    quotes = tuple(quote for quote, keep in zip(answer.quotes, kept, strict=True) if keep)
    return replace(answer, quotes=quotes, shown=sum(kept[: answer.shown]))


def _article(articles: VisibleArticles, quote: StoredQuote) -> Article | None:
    return articles.article(quote.library, quote.article_id)


class MoreButton(AnswerButton, action="more", label=lambda: texts.MORE_BUTTON):
    """Opens the further quotes of an answer."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).further(interaction, self.answer_id)


class MorePage(PageButton, action="more-page"):
    """Shows another page of further quotes."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).further(interaction, self.owner_id, self.page)


class ContextButton(AnswerButton, action="context", label=lambda: texts.CONTEXT_BUTTON):
    """Opens the quotes of an answer in context."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).in_context(interaction, self.answer_id)


class ContextPage(PageButton, action="context-page"):
    """Shows another page of quotes in context."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).in_context(interaction, self.owner_id, self.page)


class SourcesButton(AnswerButton, action="sources", label=lambda: texts.SOURCES_BUTTON):
    """Opens the sources of an answer."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).sources(interaction, self.answer_id)


class SourcesPage(PageButton, action="sources-page"):
    """Shows another page of sources."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).sources(interaction, self.owner_id, self.page)
