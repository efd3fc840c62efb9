"""Buttons, selects and the form of pins: of a preview, and of the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from cogs.ask.cog import MAX_QUESTION
from cogs.core.features import feature
from cogs.messaging.interaction_reply import open_form
from cogs.pins.cog import PinCog
from cogs.pins.views import MAX_WORDINGS, PinDraft, pin_options, quote_options
from cogs.ui.components import PageButton, PersistentItem, Rows, button, page_row, selected
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from qa.pins.pinned import Pin


def preview_rows(draft: PinDraft, draft_id: int) -> Rows:
    """Return the components of a preview."""
    buttons: list[PersistentItem] = [PinButton(draft_id), WordingButton(draft_id), CancelPinButton(draft_id)]
    return [[QuoteSelect(draft_id, draft)], buttons] if len(draft.quotes) > 1 else [buttons]


def list_rows(pins: Sequence[Pin], page: int, pages: int) -> Rows:
    """Return the components of one page of the list; `page` counts from 0."""
    return [[UnpinSelect(0, page, pins)], *page_row(PinPage, 0, page, pages)]


class QuoteSelect(PersistentItem, action="pin-quote"):
    """Selects which quote of the answer is pinned."""

    def __init__(self, draft_id: int, draft: PinDraft | None = None) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=self.custom_id_of(draft_id),
            placeholder=texts.PIN_QUOTE,
            options=quote_options(draft) if draft else [],
        )
        super().__init__(select)
        self.draft_id = draft_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the preview with the selected quote."""
        await feature(interaction, PinCog).choose_quote(interaction, self.draft_id, _selected_number(interaction))


class WordingButton(PersistentItem, action="pin-wording"):
    """Opens the form for the wordings of the question."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(button(self.custom_id_of(draft_id), texts.PIN_WORDING_BUTTON))
        self.draft_id = draft_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form with the current wordings."""
        draft = await feature(interaction, PinCog).own_draft(interaction, self.draft_id)
        form = WordingForm(self.draft_id, draft.questions)
        await open_form(interaction, form)


class WordingForm(PersistentForm, action="pin-worded"):
    """Asks for the wordings of a pin's question."""

    def __init__(self, draft_id: int, questions: Sequence[str]) -> None:
        """Fill in the wordings of the draft."""
        super().__init__(texts.PIN_FORM_TITLE, draft_id)
        wordings: ui.TextInput[Any] = ui.TextInput(
            custom_id="questions",
            style=discord.TextStyle.paragraph,
            default="\n".join(questions),
            max_length=MAX_WORDINGS * (MAX_QUESTION + 1),
        )
        self.add_item(ui.Label(text=texts.PIN_FORM_LABEL, component=wordings))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], draft_id: int, _second: int) -> None:
        """Show the preview with the submitted wordings."""
        typed = next((str(part["value"]) for part in form_fields(interaction) if part.get("value")), "")
        await feature(interaction, PinCog).set_wordings(interaction, draft_id, typed.splitlines())


class PinButton(PersistentItem, action="pin-add"):
    """Stores the pin that the preview shows."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(button(self.custom_id_of(draft_id), texts.PIN_BUTTON, discord.ButtonStyle.primary))
        self.draft_id = draft_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Store the pin."""
        await feature(interaction, PinCog).add(interaction, self.draft_id)


class CancelPinButton(PersistentItem, action="pin-cancel"):
    """Drops a preview."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(button(self.custom_id_of(draft_id), texts.CANCEL_BUTTON))
        self.draft_id = draft_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop the preview."""
        await feature(interaction, PinCog).cancel(interaction, self.draft_id)


class UnpinSelect(PersistentItem, action="pin-remove", ids=2):
    """Removes the pin that is selected from a page of the list."""

    def __init__(self, _unused: int, page: int, pins: Sequence[Pin] = ()) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=self.custom_id_of(0, page), placeholder=texts.PINS_UNPIN, options=pin_options(pins, page)
        )
        super().__init__(select)
        self.page = page

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Remove the pin, and show the page again."""
        await feature(interaction, PinCog).remove(interaction, _selected_number(interaction) or 0, self.page)


class PinPage(PageButton, action="pin-page"):
    """Turns the pages of the list."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show another page."""
        await feature(interaction, PinCog).turn_page(interaction, self.page)


def _selected_number(interaction: discord.Interaction[Any]) -> int | None:
    """Return the selected value as a number, or None if it is not one."""
    first = next(iter(selected(interaction)), "")
    return int(first) if first.isdecimal() else None
