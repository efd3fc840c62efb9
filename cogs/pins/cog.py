"""Pinning: moderators tie a quotation to a question. Shown first, stored when *Pin* is pressed, undone from a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import discord
from discord import ui
from discord.ext import commands

from cogs.articles.article_cards import titled
from cogs.articles.autocomplete import chosen
from cogs.articles.drafts import PendingStore
from cogs.ask.cog import MAX_QUESTION
from cogs.core.async_store import AsyncStore
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.features import feature
from cogs.core.permissions import require_moderator
from cogs.messaging.replies import InteractionReply, deferred
from cogs.messaging.retry import acknowledge
from cogs.pins.views import MOST_WORDINGS, PER_PAGE, PinDraft, above, listed, pin_options, preview, quote_options
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PageButton, PersistentItem, Rows, button, page_row, selected
from cogs.ui.layout import MessageBody, is_plain, message_body
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from index.models import UserError
from qa.ask import libraries_of
from qa.outcome import Quote
from qa.pins.pinned import Pin, sentences_with, standing
from qa.pins.question_equivalence import asks_the_same, says_something
from qa.quoting.quotes import slice_of

_MOST_PINS: Final = 500  # of a server
_MOST_CHARACTERS: Final = 1000  # of a quotation that is pinned by its words


class PinCog(ContextMenuCog):
    """Makes pins of answers' quotations and of articles' words, lists them and takes them away."""

    def __init__(self, bot: commands.Bot, store: AsyncStore) -> None:
        """Take what remembers."""
        self._bot = bot
        self._store = store
        self._drafts: PendingStore[PinDraft] = PendingStore()
        self._context_menus = [
            context_menu_entry(texts.PIN_MENU, self.of_answer, discord.Permissions(manage_messages=True))
        ]

    async def of_answer(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show what would be pinned of an answer: its first quotation, to the question that it answered."""
        async with deferred(interaction) as reply:
            require_moderator(interaction)
            draft = await self._store.run(lambda: self._of_answer(interaction, message.id))
            await self._show(interaction, reply, draft)

    async def of_words(
        self, interaction: discord.Interaction, reply: InteractionReply, question: str, article: str, words: str
    ) -> None:
        """Show what would be pinned of an article: the sentence with these words. Raises UserError where none is."""
        require_moderator(interaction)
        draft = await self._store.run(lambda: self._of_words(interaction, question, article, words))
        await self._show(interaction, reply, draft)

    async def list_pins(self, interaction: discord.Interaction, reply: InteractionReply) -> None:
        """Show the first page of the list."""
        settings = await self._store.settings(interaction.guild_id)
        await reply.show(await self._page(interaction.guild_id or 0, 0, plain=settings.plain))

    async def choose_quote(self, interaction: discord.Interaction, key: int, at: int | None) -> None:
        """Show the preview of another quotation of the same answer."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        draft = self._own(interaction, key)
        if at is None or not 0 <= at < len(draft.quotes):
            raise UserError(texts.OPTION_REFUSED)
        await self._show(interaction, reply, replace(draft, at=at), key)

    async def ask_wording(self, interaction: discord.Interaction, key: int) -> None:
        """Open the form for other wordings."""
        draft = self._own(interaction, key)
        form = WordingForm(key, draft.questions)
        await acknowledge(lambda: interaction.response.send_modal(form))

    async def set_wording(self, interaction: discord.Interaction, key: int) -> None:
        """Show the preview with the wordings of the form."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        draft = self._own(interaction, key)
        typed = next((str(part["value"]) for part in form_fields(interaction) if part.get("value")), "")
        draft = replace(draft, questions=_questions(typed.splitlines()), follows=False)
        await self._show(interaction, reply, draft, key)

    async def add(self, interaction: discord.Interaction, key: int) -> None:
        """Store the pin of a preview, if its words still stand."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        draft, guild_id = self._own(interaction, key), interaction.guild_id or 0
        pin, read_only = draft.pin, self._store.read_only
        if not await self._store.run(lambda: standing(pin, read_only)):
            raise UserError(texts.SOURCE_CHANGED)
        if len(await self._store.pins(guild_id)) >= _MOST_PINS:
            raise UserError(texts.PINS_FULL.format(limit=_MOST_PINS))
        await self._store.change_pins(guild_id, lambda database: database.pins.add(guild_id, pin))
        self._drafts.forget(key)
        await reply.show(message_body(notice_card(texts.PIN_DONE), plain=is_plain(interaction)))

    async def cancel(self, interaction: discord.Interaction, key: int) -> None:
        """Drop a preview."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        self._own(interaction, key)
        self._drafts.forget(key)
        await reply.show(message_body(notice_card(texts.PIN_CANCELLED), plain=is_plain(interaction)))

    async def turn_page(self, interaction: discord.Interaction, page: int) -> None:
        """Show another page of the list."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_moderator(interaction)
        await reply.show(await self._page(interaction.guild_id or 0, page, plain=is_plain(interaction)))

    async def remove(self, interaction: discord.Interaction, pin_id: int, page: int) -> None:
        """Unpin what was chosen from the list."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_moderator(interaction)
        guild_id = interaction.guild_id or 0
        gone = next((pin for pin in await self._store.pins(guild_id) if pin.id == pin_id), None)
        await self._store.change_pins(guild_id, lambda database: database.pins.remove(guild_id, pin_id))
        said = texts.PINS_UNPINNED.format(question=titled(gone.questions[0])) if gone else ""
        await reply.show(await self._page(guild_id, page, plain=is_plain(interaction), said=said))

    def _own(self, interaction: discord.Interaction, key: int) -> PinDraft:
        """Return the draft of a preview. Raises UserError unless it is the member's own, still a moderator."""
        require_moderator(interaction)
        draft = self._drafts.get(key)
        if draft is None:
            raise UserError(texts.PIN_FORGOTTEN)
        if draft.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        return draft

    async def _show(
        self, interaction: discord.Interaction, reply: InteractionReply, draft: PinDraft, key: int | None = None
    ) -> None:
        """Show a preview, in the place of the one that `key` names where there is one."""
        pins = await self._store.pins(interaction.guild_id)
        held = [question for pin in pins for question in pin.questions]
        replaces = any(asks_the_same(old, new) for old in held for new in draft.questions)
        settings = await self._store.settings(interaction.guild_id)
        plain = settings.plain if key is None else is_plain(interaction)
        if key is None:
            key = self._drafts.put(draft)
        else:
            self._drafts.change(key, draft)
        await reply.show(
            message_body(preview(draft), preview_rows(draft, key), plain=plain, above=above(draft, replaces=replaces))
        )

    async def _page(self, guild_id: int, page: int, *, plain: bool, said: str = "") -> MessageBody:
        pins, read_only = await self._store.pins(guild_id), self._store.read_only
        if not pins:
            return message_body(notice_card("\n".join(filter(None, (said, texts.PINS_NOTHING)))), plain=plain)
        pages = -(-len(pins) // PER_PAGE)
        page = min(page, pages - 1)
        shown = pins[::-1][page * PER_PAGE : (page + 1) * PER_PAGE]  # newest first
        found = await self._store.run(lambda: [(pin, standing(pin, read_only)) for pin in shown])
        card = listed(found, page, pages, len(pins), said)
        rows: Rows = [[UnpinSelect(0, page, shown)], *page_row(PinPage, 0, page, pages)]
        return message_body(card, rows, plain=plain)

    def _of_answer(self, interaction: discord.Interaction, message_id: int) -> PinDraft:
        database, read_only = self._store.database, self._store.read_only
        given = database.answer_in(message_id)
        # A private answer is its asker's alone, and another server's is none of this one's business.
        if given is None or given.private or given.guild_id != interaction.guild_id:
            raise UserError(texts.PIN_NO_QUOTE)
        found = [
            (replace(quote, chosen=True, confidence=1.0), key)
            for kept in given.quotes
            if (quote := kept.quote(read_only.article(kept.library, kept.article_id)))
            and (key := read_only.key_of(kept.library, kept.article_id))
        ]
        if not found:
            raise UserError(texts.PIN_NO_QUOTE)
        quotes, keys = zip(*found, strict=True)
        questions = _questions([given.question])
        return PinDraft(interaction.user.id, quotes, keys, questions, follows=given.follows is not None)

    def _of_words(self, interaction: discord.Interaction, question: str, value: str, words: str) -> PinDraft:
        quote, key = self._quoted(interaction.guild_id, value, words)
        return PinDraft(interaction.user.id, (quote,), (key,), _questions([question]))

    def _quoted(self, guild_id: int | None, value: str, words: str) -> tuple[Quote, str]:
        read_only = self._store.read_only
        library, article_id = chosen(read_only.titles(libraries_of(guild_id)), value)
        article, key = read_only.article(library, article_id), read_only.key_of(library, article_id)
        if article is None or key is None:
            raise UserError(texts.NO_SUCH_ARTICLE)
        found = sentences_with(article, words)
        if not found:
            raise UserError(texts.PIN_WORDS_MISSING.format(article=titled(article.title)))
        if len(found) > 1:
            raise UserError(texts.PIN_WORDS_SEVERAL.format(count=len(found), article=titled(article.title)))
        if found[0].end - found[0].start > _MOST_CHARACTERS:
            raise UserError(texts.PIN_WORDS_LONG.format(limit=_MOST_CHARACTERS))
        return replace(slice_of(library, article, found[0], (), 1.0), chosen=True), key


def _questions(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the wordings in these lines. Raises UserError where there is none, or a line asks nothing."""
    found = tuple(dict.fromkeys(" ".join(line.split())[:MAX_QUESTION] for line in lines if line.strip()))
    if not found or not all(says_something(question) for question in found):
        raise UserError(texts.PIN_NO_QUESTION)
    if len(found) > MOST_WORDINGS:
        raise UserError(texts.PIN_MANY_WORDINGS.format(limit=MOST_WORDINGS))
    return found


def preview_rows(draft: PinDraft, key: int) -> Rows:
    """Return the components of a preview that is stored as `key`."""
    deciding: list[PersistentItem] = [PinButton(key), WordingButton(key), CancelPinButton(key)]
    return [[QuoteSelect(key, draft)], deciding] if len(draft.quotes) > 1 else [deciding]


class QuoteSelect(PersistentItem, action="pin-quote"):
    """Chooses another quotation of the answer."""

    def __init__(self, key: int, draft: PinDraft | None = None) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=self.custom_id_of(key), placeholder=texts.PIN_QUOTE, options=quote_options(draft) if draft else []
        )
        super().__init__(select)
        self.key = key

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the preview of it."""
        await feature(interaction, PinCog).choose_quote(interaction, self.key, _number(interaction))


class WordingButton(PersistentItem, action="pin-wording"):
    """Opens the form for other wordings of the question."""

    def __init__(self, key: int) -> None:
        super().__init__(button(self.custom_id_of(key), texts.PIN_WORDING_BUTTON))
        self.key = key

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open it."""
        await feature(interaction, PinCog).ask_wording(interaction, self.key)


class WordingForm(PersistentForm, action="pin-worded"):
    """Asks for the wordings of a pin's question."""

    def __init__(self, key: int, questions: Sequence[str]) -> None:
        """Take the preview's id, and the wordings that it has."""
        super().__init__(texts.PIN_FORM_TITLE, key)
        wordings: ui.TextInput[Any] = ui.TextInput(
            custom_id="questions",
            style=discord.TextStyle.paragraph,
            default="\n".join(questions),
            max_length=MOST_WORDINGS * (MAX_QUESTION + 1),
        )
        self.add_item(ui.Label(text=texts.PIN_FORM_LABEL, component=wordings))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], first: int, _second: int) -> None:
        """Show the preview with them."""
        await feature(interaction, PinCog).set_wording(interaction, first)


class PinButton(PersistentItem, action="pin-add"):
    """Pins what the preview shows."""

    def __init__(self, key: int) -> None:
        super().__init__(button(self.custom_id_of(key), texts.PIN_BUTTON, discord.ButtonStyle.primary))
        self.key = key

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Pin it."""
        await feature(interaction, PinCog).add(interaction, self.key)


class CancelPinButton(PersistentItem, action="pin-cancel"):
    """Drops a preview."""

    def __init__(self, key: int) -> None:
        super().__init__(button(self.custom_id_of(key), texts.PIN_CANCEL_BUTTON))
        self.key = key

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop it."""
        await feature(interaction, PinCog).cancel(interaction, self.key)


class UnpinSelect(PersistentItem, action="pin-remove", ids=2):
    """Unpins what is chosen from a page of the list."""

    def __init__(self, _unused: int, page: int, pins: Sequence[Pin] = ()) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=self.custom_id_of(0, page), placeholder=texts.PINS_UNPIN, options=pin_options(pins, page)
        )
        super().__init__(select)
        self.page = page

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Unpin it, and show the page again."""
        await feature(interaction, PinCog).remove(interaction, _number(interaction) or 0, self.page)


class PinPage(PageButton, action="pin-page"):
    """Turns the pages of the list."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, PinCog).turn_page(interaction, self.page)


def _number(interaction: discord.Interaction[Any]) -> int | None:
    """Return the number that was chosen from a select."""
    first = next(iter(selected(interaction)), "")
    return int(first) if first.isdecimal() else None
