"""The components of words that may become articles, or are some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from cogs.core.features import feature
from cogs.helpers.consent import Consent
from cogs.helpers.save_words import SaveWords
from cogs.helpers.saved_articles import MAX_HEADING
from cogs.helpers.saved_list import SavedList
from cogs.helpers.word_offers import Preview
from cogs.helpers.words_cards import list_options, message_options
from cogs.messaging.interaction_reply import open_form
from cogs.ui.components import PageButton, PersistentItem, Rows, button, page_row, selected
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from storage.saved_words import SavedWords

_PRIMARY = discord.ButtonStyle.primary


def preview_rows(preview: Preview) -> Rows:
    """Return the components of a preview."""
    offer = preview.offer
    own = preview.by_bot or offer.author_id == offer.maker_id
    first: list[PersistentItem] = [AskAuthorButton(offer.id)]
    if own:
        label = texts.YES_BOT_BUTTON if preview.by_bot else texts.YES_BUTTON
        first = [YesButton(offer.id, 0, label), *([YesButton(offer.id, 1)] if preview.for_all else [])]
    rows: Rows = [[*first, HeadingButton(offer.id), CancelWordsButton(offer.id)]]
    if len(preview.words) > 1:
        entries = [(one.offered.message_id, one.text, one.offered.chosen) for one in preview.words]
        rows.insert(0, [WordsSelect(offer.id, message_options(entries))])
    return rows


def request_rows(preview: Preview) -> Rows:
    """Return the buttons with which an author agrees or does not."""
    key = preview.offer.id
    everyone = [YesButton(key, 1)] if preview.for_all else []
    return [[YesButton(key, 0), *everyone, NoButton(key)]]


def list_rows(entries: Sequence[SavedWords], page: int, pages: int) -> Rows:
    """Return the components of a page of the list."""
    return [[RemoveWordsSelect(0, page, list_options(entries, page))], *page_row(SavedPage, 0, page, pages)]


class SaveMineButton(PersistentItem, action="words-mine"):
    """Offers a helper to save what they have written for a call."""

    def __init__(self, call_id: int) -> None:
        super().__init__(button(self.custom_id_of(call_id), texts.SAVE_MINE_BUTTON, _PRIMARY))
        self.call_id = call_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the preview, privately."""
        await feature(interaction, SaveWords).save_own_words(interaction, self.call_id)


class YesButton(PersistentItem, action="words-yes", ids=2):
    """Saves the words; `for_all` is 1 if everybody may read them, else 0."""

    def __init__(self, offer_id: int, for_all: int, label: str = "") -> None:
        text = label or (texts.YES_ALL_BUTTON if for_all else texts.YES_BUTTON)
        style = discord.ButtonStyle.secondary if for_all else _PRIMARY
        super().__init__(button(self.custom_id_of(offer_id, for_all), text, style))
        self.offer_id, self.for_all = offer_id, for_all

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save them, if the member is their author."""
        await feature(interaction, Consent).agree(interaction, self.offer_id, for_all=self.for_all == 1)


class NoButton(PersistentItem, action="words-no"):
    """Refuses a request."""

    def __init__(self, offer_id: int) -> None:
        super().__init__(button(self.custom_id_of(offer_id), texts.NO_BUTTON))
        self.offer_id = offer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop the offer."""
        await feature(interaction, Consent).refuse(interaction, self.offer_id)


class AskAuthorButton(PersistentItem, action="words-ask"):
    """Asks the author of a message."""

    def __init__(self, offer_id: int) -> None:
        super().__init__(button(self.custom_id_of(offer_id), texts.ASK_AUTHOR_BUTTON, _PRIMARY))
        self.offer_id = offer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Send the request."""
        await feature(interaction, Consent).ask_author(interaction, self.offer_id)


class CancelWordsButton(PersistentItem, action="words-cancel"):
    """Drops a preview."""

    def __init__(self, offer_id: int) -> None:
        super().__init__(button(self.custom_id_of(offer_id), texts.CANCEL_BUTTON))
        self.offer_id = offer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop it."""
        await feature(interaction, SaveWords).cancel(interaction, self.offer_id)


class HeadingButton(PersistentItem, action="words-heading"):
    """Opens the form for the heading."""

    def __init__(self, offer_id: int) -> None:
        super().__init__(button(self.custom_id_of(offer_id), texts.HEADING_BUTTON))
        self.offer_id = offer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form at once, without reading anything."""
        await open_form(interaction, HeadingForm(self.offer_id))


class HeadingForm(PersistentForm, action="words-title"):
    """Asks for the heading of an article."""

    def __init__(self, offer_id: int = 0) -> None:
        super().__init__(texts.HEADING_FORM_TITLE, offer_id)
        heading: ui.TextInput[Any] = ui.TextInput(custom_id="title", max_length=MAX_HEADING)
        self.add_item(ui.Label(text=texts.HEADING_FORM_LABEL, component=heading))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], offer_id: int, _second: int) -> None:
        """Show the preview with the heading."""
        typed = next((str(part["value"]) for part in form_fields(interaction) if part.get("value")), "")
        await feature(interaction, SaveWords).retitle(interaction, offer_id, typed)


class WordsSelect(PersistentItem, action="words-choose"):
    """Chooses the messages of an offer."""

    def __init__(self, offer_id: int, options: Sequence[discord.SelectOption] = ()) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=self.custom_id_of(offer_id),
            placeholder=texts.WORDS_CHOOSE,
            options=list(options),
            min_values=1,
            max_values=max(1, len(options)),
        )
        super().__init__(select)
        self.offer_id = offer_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the preview with the choice."""
        chosen = {int(value) for value in selected(interaction) if value.isdecimal()}
        await feature(interaction, SaveWords).choose(interaction, self.offer_id, chosen)


class UndoWordsButton(PersistentItem, action="words-undo"):
    """Removes a saved message, for its author and those who look after the articles."""

    def __init__(self, saved_id: int) -> None:
        super().__init__(button(self.custom_id_of(saved_id), texts.REMOVE_WORDS_BUTTON, discord.ButtonStyle.danger))
        self.saved_id = saved_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Remove it."""
        await feature(interaction, SavedList).undo(interaction, self.saved_id)


class RemoveWordsSelect(PersistentItem, action="words-remove", ids=2):
    """Removes the saved message that is selected from a page of the list."""

    def __init__(self, _unused: int, page: int, options: Sequence[discord.SelectOption] = ()) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=self.custom_id_of(0, page), placeholder=texts.ANSWERS_REMOVE, options=list(options)
        )
        super().__init__(select)
        self.page = page

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Remove it, and show the page again."""
        first = next(iter(selected(interaction)), "")
        saved_id = int(first) if first.isdecimal() else 0
        await feature(interaction, SavedList).remove(interaction, saved_id, self.page)


class SavedPage(PageButton, action="words-page"):
    """Turns the pages of the list."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, SavedList).turn_page(interaction, self.page)
