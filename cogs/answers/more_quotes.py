"""Reading on under an answer: further quotations and their surroundings, for whoever presses, in private."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands

from cogs.answers.answer_pages import PER_PAGE, changed, further, in_context, pages_of
from cogs.answers.answer_sources import entries
from cogs.answers.answer_sources import pages_of as source_pages
from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.messaging.replies import InteractionReply
from cogs.ui.answer_card import Card
from cogs.ui.components import PageButton, PersistentItem, button, page_row
from cogs.ui.layout import message_body
from i18n import texts
from index.models import Article, UserError
from storage.models import StoredAnswer, StoredQuote


@dataclass(frozen=True, slots=True)
class _Page:
    """A page, its number from 0, and how many there are."""

    card: Card
    page: int
    pages: int
    plain: bool


class MoreQuotes(commands.Cog):
    """Shows pages. Everything is read from the articles as they are stored now; no model is asked."""

    def __init__(self, store: AsyncStore) -> None:
        """Take what remembers the answers."""
        self._store = store

    async def further(self, interaction: discord.Interaction, answer_id: int, page: int | None = None) -> None:
        """Show further quotations: in a new message, or with `page` in place of the page that is shown."""
        await self._show(interaction, MorePage, answer_id, page, self._further)

    async def in_context(self, interaction: discord.Interaction, answer_id: int, page: int | None = None) -> None:
        """Show what stands around a quotation; `page` as in `further`."""
        await self._show(interaction, ContextPage, answer_id, page, self._in_context)

    async def sources(self, interaction: discord.Interaction, answer_id: int, page: int | None = None) -> None:
        """Show every article that says what is quoted; `page` as in `further`."""
        await self._show(interaction, SourcesPage, answer_id, page, self._sources)

    async def _show(
        self,
        interaction: discord.Interaction,
        turning: type[PageButton],
        answer_id: int,
        page: int | None,
        read: Callable[[int, int, int | None], _Page],
    ) -> None:
        reply = InteractionReply(interaction, private=True)
        await (reply.defer() if page is None else reply.turn())
        shown = await self._store.run(lambda: read(answer_id, page or 0, interaction.guild_id))
        rows = page_row(turning, answer_id, shown.page, shown.pages)
        await reply.show(message_body(shown.card, rows, plain=shown.plain))

    def _further(self, answer_id: int, page: int, guild_id: int | None) -> _Page:
        given = self._given(answer_id, guild_id)
        rest = given.quotes[given.shown :]
        pages = pages_of(len(rest))
        if not rest:
            raise UserError(texts.NOTHING_MORE)
        page = min(page, pages - 1)
        quotes = [kept.quote(self._article(kept)) for kept in rest[page * PER_PAGE : (page + 1) * PER_PAGE]]
        return _Page(further(quotes, page, pages), page, pages, given.plain)

    def _in_context(self, answer_id: int, page: int, guild_id: int | None) -> _Page:
        given = self._given(answer_id, guild_id)
        shown = given.quotes[: given.shown]
        if not shown:
            raise UserError(texts.NOTHING_MORE)
        page = min(page, len(shown) - 1)
        article = self._article(shown[page])
        quote = shown[page].quote(article)
        card = in_context(quote, article, page, len(shown)) if quote and article else changed(page, len(shown))
        return _Page(card, page, len(shown), given.plain)

    def _sources(self, answer_id: int, page: int, guild_id: int | None) -> _Page:
        given = self._given(answer_id, guild_id)
        if not given.shown:
            raise UserError(texts.NOTHING_MORE)
        cards = source_pages(entries(given.quotes[: given.shown], self._store.read_only.article))
        page = min(page, len(cards) - 1)
        return _Page(cards[page], page, len(cards), given.plain)

    def _given(self, answer_id: int, guild_id: int | None) -> StoredAnswer:
        """Return an answer that was given in this very server. Raises UserError where there is none."""
        given = self._store.database.answer(answer_id)
        if given is None or given.guild_id != guild_id:
            raise UserError(texts.ANSWER_FORGOTTEN)
        return given

    def _article(self, kept: StoredQuote) -> Article | None:
        return self._store.read_only.article(kept.library, kept.article_id)


class MoreButton(PersistentItem, action="more"):
    """Opens the further quotations of an answer."""

    def __init__(self, answer_id: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id), texts.MORE_BUTTON))
        self.answer_id = answer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).further(interaction, self.answer_id)


class MorePage(PageButton, action="more-page"):
    """Turns the pages of further quotations."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).further(interaction, self.owner_id, self.page)


class ContextButton(PersistentItem, action="context"):
    """Opens what stands around the quotations of an answer."""

    def __init__(self, answer_id: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id), texts.CONTEXT_BUTTON))
        self.answer_id = answer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).in_context(interaction, self.answer_id)


class ContextPage(PageButton, action="context-page"):
    """Turns the pages of what stands around quotations."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).in_context(interaction, self.owner_id, self.page)


class SourcesButton(PersistentItem, action="sources"):
    """Opens the sources of an answer."""

    def __init__(self, answer_id: int) -> None:
        super().__init__(button(self.custom_id_of(answer_id), texts.SOURCES_BUTTON))
        self.answer_id = answer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page, privately."""
        await feature(interaction, MoreQuotes).sources(interaction, self.answer_id)


class SourcesPage(PageButton, action="sources-page"):
    """Turns the pages of sources."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, MoreQuotes).sources(interaction, self.owner_id, self.page)
