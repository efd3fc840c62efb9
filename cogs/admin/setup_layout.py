"""How a page of the setup wizard looks: a label above each select.

A select with a default does not show its placeholder, so the label is a text of its own. In the plain layout the
selects stand below the text, so that it numbers the labels in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import discord
from discord import ui

from cogs.ui.answer_card import Colour, notice_card
from cogs.ui.components import PersistentItem, Rows
from cogs.ui.layout import MessageBody, message_body
from i18n import texts

_COLOUR: Final = Colour.READING


@dataclass(frozen=True, slots=True)
class Choice:
    """A select with the key of its texts in `WIZARD_LABELS` and `WIZARD_HINTS`."""

    key: str
    item: PersistentItem

    @property
    def label(self) -> str:
        """What is chosen, in bold, with a line of small type that explains it."""
        return f"**{texts.WIZARD_LABELS[self.key]}**\n-# {texts.WIZARD_HINTS[self.key]}"


def wizard_page(
    lines: Sequence[str], choices: Sequence[Choice], rows: Rows, footer: str, *, plain: bool
) -> MessageBody:
    """Return the message of a page: its text, its choices with their labels, a footer, and rows of buttons."""
    text = "\n".join(lines)
    if plain:
        labels = [
            f"**{number}. {texts.WIZARD_LABELS[choice.key]}:** {texts.WIZARD_HINTS[choice.key]}"
            for number, choice in enumerate(choices, 1)
        ]
        card = notice_card("\n".join([text, *labels, footer]))
        return message_body(card, [*([choice.item] for choice in choices), *rows], plain=True)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(_COLOUR))
    container.add_item(ui.TextDisplay(text))
    for choice in choices:
        container.add_item(ui.Separator(visible=False))
        container.add_item(ui.TextDisplay(choice.label))
        container.add_item(ui.ActionRow(choice.item))
    container.add_item(ui.TextDisplay(footer))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    for row in rows:
        view.add_item(ui.ActionRow(*row))
    return MessageBody(view)
