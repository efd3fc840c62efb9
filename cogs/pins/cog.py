"""The feature behind pins: previews a pin, stores it when *Pin* is pressed, lists and removes pins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.articles.article_cards import bold_title
from cogs.articles.drafts import Owner, PendingStore
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.roles import Action, may, require
from cogs.core.visible_articles import VisibleArticles
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.pins.new_drafts import draft_from_answer, draft_from_words, parse_wordings
from cogs.pins.stored_drafts import PIN_DRAFTS, StoredPinDraft
from cogs.pins.views import (
    PER_PAGE,
    PinDraft,
    pin_list_card,
    pin_preview_card,
    preview_heading,
    send_pin_choices,
)
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Rows
from cogs.ui.layout import MessageBody, is_plain, message_body
from i18n import texts
from index.models import UserError
from qa.pins.pinned import Pin, current_quote
from qa.pins.question_equivalence import asks_the_same

_MAX_PINS: Final = 500  # of a server

PreviewRows = Callable[[PinDraft, int], Rows]
"""Returns the components of a preview, from the draft and its id."""

ListRows = Callable[[Sequence[Pin], int, int], Rows]
"""Returns the components of a page of the list, from its pins, its number from 0, and the number of pages."""


class PinCog(ContextMenuCog):
    """Pins quotes of answers and sentences of articles to questions."""

    def __init__(self, bot: commands.Bot, services: Services, preview_rows: PreviewRows, list_rows: ListRows) -> None:
        """Store pins in the services' store; the last arguments create the components of the messages."""
        self._bot = bot
        self._store = services.store
        self._visibility = services.visibility
        self._preview_rows = preview_rows
        self._list_rows = list_rows
        self._drafts: PendingStore[StoredPinDraft] = PendingStore(services.store, PIN_DRAFTS)
        self._context_menus = [
            context_menu_entry(texts.PIN_MENU, self.pin_answer, discord.Permissions(manage_messages=True))
        ]

    async def pin_answer(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show the preview of a pin of an answer: its first quote, to the question that it answered."""
        async with deferred(interaction) as reply:
            articles = await self._visibility.articles_for(interaction)
            draft = await self._store.read(
                lambda: draft_from_answer(self._store, articles, interaction.guild_id, message.id)
            )
            await self._show(interaction, reply, draft)

    async def pin_words(
        self, interaction: discord.Interaction, reply: InteractionReply, question: str, article: str, words: str
    ) -> None:
        """Show the preview of a pin of the sentence in an article that contains these words.

        Raises UserError unless there is exactly one.
        """
        articles = await self._visibility.articles_for(interaction)
        draft = await self._store.read(
            lambda: draft_from_words(articles, interaction.guild_id, question, article, words)
        )
        await self._show(interaction, reply, draft)

    async def list_pins(self, interaction: discord.Interaction, reply: InteractionReply) -> None:
        """Show the first page of the server's pins."""
        settings = await self._store.settings(interaction.guild_id)
        await reply.show(await self._page(interaction, 0, plain=settings.plain))

    async def choose_quote(self, interaction: discord.Interaction, draft_id: int, index: int | None) -> None:
        """Show the preview with another quote of the same answer. Raises UserError if there is none at `index`."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        draft = await self._whole_draft(interaction, draft_id)
        if index is None or not 0 <= index < len(draft.quotes):
            raise UserError(texts.OPTION_REFUSED)
        await self._show(interaction, reply, replace(draft, selected=index), draft_id)

    async def set_wordings(self, interaction: discord.Interaction, draft_id: int, lines: Sequence[str]) -> None:
        """Show the preview with other wordings of the question, one per line."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        draft = await self._whole_draft(interaction, draft_id)
        draft = replace(draft, questions=parse_wordings(lines), is_follow_up=False)
        await self._show(interaction, reply, draft, draft_id)

    async def add(self, interaction: discord.Interaction, draft_id: int) -> None:
        """Store the pin of a preview. Raises UserError if the quoted text is no longer in the article."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        draft, articles = await self._readable_draft(interaction, draft_id)
        pin, guild_id = draft.pin, interaction.guild_id or 0
        if not await self._store.read(lambda: current_quote(pin, articles)):
            raise UserError(texts.SOURCE_CHANGED)
        if len(await self._store.pins(guild_id)) >= _MAX_PINS:
            raise UserError(texts.PINS_FULL.format(limit=_MAX_PINS))
        # In this order, so that a crash in between loses nothing; pinning it again then replaces it.
        await self._store.change_pins(guild_id, lambda database: database.pins.add(guild_id, pin))
        await self._drafts.discard(draft_id)
        await reply.show(message_body(notice_card(texts.PIN_DONE), plain=is_plain(interaction)))

    async def cancel(self, interaction: discord.Interaction, draft_id: int) -> None:
        """Drop a preview."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.PIN_ADD)
        if not await self._drafts.drop(draft_id, Owner.of(interaction)):
            raise UserError(texts.PREVIEW_FORGOTTEN)
        await reply.show(message_body(notice_card(texts.PIN_CANCELLED), plain=is_plain(interaction)))

    async def turn_page(self, interaction: discord.Interaction, page: int) -> None:
        """Show another page of the list."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.PIN_LIST)
        await reply.show(await self._page(interaction, page, plain=is_plain(interaction)))

    async def remove(self, interaction: discord.Interaction, pin_id: int, page: int) -> None:
        """Remove a pin, and show the page of the list that it was on."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.PIN_REMOVE)
        note = await self._unpinned(interaction.guild_id or 0, pin_id)
        await reply.show(await self._page(interaction, page, plain=is_plain(interaction), note=note))

    async def unpin(self, interaction: discord.Interaction, reply: InteractionReply, value: str) -> None:
        """Remove a pin, given as in `choices`, and list the others. Raises UserError if there is no such pin."""
        note = await self._unpinned(interaction.guild_id or 0, int(value)) if value.isdecimal() else ""
        if not note:
            raise UserError(texts.PIN_GONE)
        settings = await self._store.settings(interaction.guild_id)
        await reply.show(await self._page(interaction, 0, plain=settings.plain, note=note))

    async def choices(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Send the pins whose questions contain some words as autocomplete choices; none to who may not unpin."""
        pins = await self._store.pins(interaction.guild_id) if await may(interaction, Action.PIN_REMOVE) else ()
        return await send_pin_choices(interaction, pins, typed)

    async def _unpinned(self, guild_id: int, pin_id: int) -> str:
        """Remove a pin and return a sentence that says so; empty if there is no such pin."""
        removed = next((pin for pin in await self._store.pins(guild_id) if pin.id == pin_id), None)
        if removed is None:
            return ""
        await self._store.change_pins(guild_id, lambda database: database.pins.remove(guild_id, pin_id))
        return texts.PINS_UNPINNED.format(question=bold_title(removed.questions[0]))

    async def own_draft(self, interaction: discord.Interaction, draft_id: int) -> StoredPinDraft:
        """Return the draft of a preview. Raises UserError unless the member is a moderator and its author."""
        await require(interaction, Action.PIN_ADD)
        return await self._drafts.own(draft_id, Owner.of(interaction))

    async def _readable_draft(
        self, interaction: discord.Interaction, draft_id: int
    ) -> tuple[StoredPinDraft, VisibleArticles]:
        """Return the draft of a preview, and the articles that the moderator may see.

        Raises UserError as `own_draft` does, and if the moderator may no longer see what the draft quotes.
        """
        draft = await self.own_draft(interaction, draft_id)
        articles = await self._visibility.articles_for(interaction)
        if any(articles.hides(quote.library, quote.article_id) for quote in draft.quotes):
            raise UserError(texts.SOURCE_HIDDEN)
        return draft, articles

    async def _whole_draft(self, interaction: discord.Interaction, draft_id: int) -> PinDraft:
        """Return the draft of a preview with its quotes. Raises UserError as `_readable_draft` and `draft` do."""
        stored, articles = await self._readable_draft(interaction, draft_id)
        return await self._store.read(lambda: stored.draft(articles))

    async def _show(
        self, interaction: discord.Interaction, reply: InteractionReply, draft: PinDraft, draft_id: int | None = None
    ) -> None:
        """Show a preview and store its draft, under `draft_id` if that is given, else under a new id."""
        pins = await self._store.pins(interaction.guild_id)
        pinned = [question for pin in pins for question in pin.questions]
        # Not on the event loop: with hundreds of pins this takes a second.
        replaces = await self._store.read(lambda: any(asks_the_same(*two) for two in product(pinned, draft.questions)))
        settings = await self._store.settings(interaction.guild_id)
        plain = settings.plain if draft_id is None else is_plain(interaction)
        if draft_id is None:
            draft_id = await self._drafts.put(StoredPinDraft.of(draft), Owner.of(interaction))
        else:
            await self._drafts.replace(draft_id, StoredPinDraft.of(draft))
        heading = preview_heading(draft, replaces=replaces)
        rows = self._preview_rows(draft, draft_id)
        await reply.show(message_body(pin_preview_card(draft, heading), rows, plain=plain, content=heading))

    async def _page(self, interaction: discord.Interaction, page: int, *, plain: bool, note: str = "") -> MessageBody:
        """Return a page of the list, newest pins first, with an optional note above it."""
        pins, articles = await self._store.pins(interaction.guild_id), await self._visibility.articles_for(interaction)
        if not pins:
            return message_body(notice_card("\n".join(filter(None, (note, texts.PINS_NOTHING)))), plain=plain)
        pages = -(-len(pins) // PER_PAGE)
        page = min(page, pages - 1)
        page_pins = pins[::-1][page * PER_PAGE : (page + 1) * PER_PAGE]
        entries = await self._store.read(lambda: [(pin, current_quote(pin, articles)) for pin in page_pins])
        card = pin_list_card(entries, page, pages, len(pins), note)
        return message_body(card, self._list_rows(page_pins, page, pages), plain=plain)
