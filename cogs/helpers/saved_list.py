"""`/article answers`: the messages of people that are articles, and their removal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord
from discord.ext import commands

from cogs.articles.article_cards import bold_title
from cogs.articles.cog import article_group
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.core.visibility import Visibility
from cogs.helpers.saved_articles import source_key
from cogs.helpers.word_offers import WordOffers
from cogs.helpers.words_cards import PER_PAGE, list_card
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Rows
from cogs.ui.layout import MessageBody, is_plain, message_body
from i18n import texts
from index.libraries.library_names import own_library
from index.models import UserError
from storage.saved_words import SavedWords

ListRows = Callable[[Sequence[SavedWords], int, int], Rows]
"""Returns the components of a page of the list, from its entries, its number from 0, and the number of pages."""


@article_group.command(name=texts.ANSWERS_NAME, description=texts.ANSWERS_DESCRIPTION)
async def answers(interaction: discord.Interaction[Any]) -> None:
    """List the messages that were saved as articles."""
    async with deferred(interaction) as reply:
        await feature(interaction, SavedList).show(interaction, reply)


class SavedList(commands.Cog):
    """Lists saved messages and removes them, so that they cannot be restored."""

    def __init__(self, offers: WordOffers, visibility: Visibility, rows: ListRows) -> None:
        """List what these offers led to; `rows` creates the components of a page."""
        self._offers = offers
        self._store = offers.store
        self._visibility = visibility
        self._rows = rows

    async def show(self, interaction: discord.Interaction[Any], reply: InteractionReply) -> None:
        """Show the first page."""
        settings = await self._store.settings(interaction.guild_id)
        await reply.show(await self._page(interaction, 0, plain=settings.plain))

    async def turn_page(self, interaction: discord.Interaction[Any], page: int) -> None:
        """Show another page."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_ANSWERS)
        await reply.show(await self._page(interaction, page, plain=is_plain(interaction)))

    async def remove(self, interaction: discord.Interaction[Any], saved_id: int, page: int) -> None:
        """Remove a saved message, and show the page of the list that it was on."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_ANSWERS)
        visible = {words.id: words for words in await self._visible(interaction)}
        if saved_id not in visible:
            raise UserError(texts.WORDS_REMOVED_BEFORE)
        note = await self._remove(visible[saved_id])
        await reply.show(await self._page(interaction, page, plain=is_plain(interaction), note=note))

    async def undo(self, interaction: discord.Interaction[Any], saved_id: int) -> None:
        """Remove a saved message. Raises UserError unless the member wrote it, or may save words of others."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        words = await self._store.run(lambda: self._offers.saved.get(saved_id))
        if words is None or words.guild_id != interaction.guild_id:
            raise UserError(texts.WORDS_REMOVED_BEFORE)
        if words.author_id != interaction.user.id and not await self._offers.may_save_others(interaction):
            raise UserError(texts.WORDS_NOT_ALLOWED)
        text = await self._remove(words)
        await reply.show(message_body(notice_card(text), plain=is_plain(interaction)))

    async def _remove(self, words: SavedWords) -> str:
        """Remove the article and its record; return a sentence about it."""
        await self._offers.articles.remove(words)
        await self._store.run(lambda: self._offers.saved.drop(words.id))
        return texts.WORDS_REMOVED.format(article=bold_title(words.title))

    async def _visible(self, interaction: discord.Interaction[Any]) -> list[SavedWords]:
        """Return the saved messages whose articles exist and which the member may read, newest first."""
        guild_id = interaction.guild_id or 0
        found = await self._store.run(lambda: self._offers.saved.of_server(guild_id))
        articles, library = await self._visibility.articles_for(interaction), own_library(guild_id)

        def read() -> list[SavedWords]:
            return [words for words in found if articles.article_of_source(library, source_key(words))]

        return await self._store.read(read)

    async def _page(
        self, interaction: discord.Interaction[Any], page: int, *, plain: bool, note: str = ""
    ) -> MessageBody:
        """Return a page of the list, below an optional note."""
        found = await self._visible(interaction)
        if not found:
            text = "\n".join(filter(None, [note, texts.ANSWERS_NOTHING]))
            return message_body(notice_card(text), plain=plain)
        pages = -(-len(found) // PER_PAGE)
        page = min(page, pages - 1)
        entries = found[page * PER_PAGE : (page + 1) * PER_PAGE]
        card = list_card(entries, page, pages, len(found), note)
        return message_body(card, self._rows(entries, page, pages), plain=plain)
