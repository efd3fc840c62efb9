"""Reading on under an answer: further quotations and their surroundings, for whoever presses, in private."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import discord

from cogs.answers.answer_pages import PER_PAGE, changed, further, in_context, pages_of
from cogs.answers.answer_sources import entries
from cogs.answers.answer_sources import pages_of as source_pages
from cogs.core.async_store import AsyncStore
from cogs.messaging.replies import InteractionReply
from cogs.ui.answer_card import Card
from cogs.ui.components import Action, Press, under_page
from cogs.ui.layout import message_body
from i18n import texts
from index.models import Article, UserError
from storage.models import StoredAnswer, StoredQuote

_TURNS: Final = frozenset({Action.MORE_PAGE, Action.CONTEXT_PAGE, Action.SOURCES_PAGE})


@dataclass(frozen=True, slots=True)
class _Page:
    """A page, its number from 0, and how many there are."""

    card: Card
    page: int
    pages: int
    plain: bool


class MoreQuotes:
    """Shows pages. Everything is read from the articles as they are stored now; no model is asked."""

    def __init__(self, store: AsyncStore) -> None:
        """Take what remembers the answers."""
        self._store = store

    async def show(self, interaction: discord.Interaction, press: Press) -> None:
        """Open the private message with the first page, or turn its page."""
        reply = InteractionReply(interaction, private=True)
        await (reply.turn() if press.action in _TURNS else reply.defer())
        page, guild_id = press.page, interaction.guild_id
        if press.action in {Action.SOURCES, Action.SOURCES_PAGE}:
            turning = Action.SOURCES_PAGE
            shown = await self._store.run(lambda: self._sources(press.answer_id, page, guild_id))
        elif press.action in {Action.MORE, Action.MORE_PAGE}:
            turning = Action.MORE_PAGE
            shown = await self._store.run(lambda: self._further(press.answer_id, page, guild_id))
        else:
            turning = Action.CONTEXT_PAGE
            shown = await self._store.run(lambda: self._in_context(press.answer_id, page, guild_id))
        rows = under_page(turning, press.answer_id, shown.page, shown.pages)
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
