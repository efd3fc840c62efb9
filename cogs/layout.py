"""How a card is sent: as Discord's layout components, or plainly as an embed where a server wants that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from cogs.buttons import AnswerButton
from cogs.render import Card


@dataclass(frozen=True, slots=True)
class Face:
    """What a message shows, ready to be sent or put in the place of what it showed."""

    view: ui.LayoutView | ui.View
    embed: discord.Embed | None = None
    above: str = ""

    @property
    def sending(self) -> dict[str, Any]:
        """The arguments for discord.py's sending and editing methods."""
        if self.embed is None:
            return {"view": self.view}
        return {"view": self.view, "embed": self.embed, "content": self.above or None}


def face(card: Card, rows: Sequence[Sequence[AnswerButton]] = (), *, plain: bool = False, above: str = "") -> Face:
    """Return the card with rows of buttons below it, and words above it; `plain` without layout components."""
    if not plain:
        return Face(layout(card, rows, above))
    # A card holds at most 4,000 characters, an embed's description 4,096.
    embed = discord.Embed(description="\n\n".join(card.texts), colour=discord.Colour(card.colour))
    view = ui.View(timeout=None)
    for number, row in enumerate(rows):
        for item in row:
            item.row = number
            view.add_item(item)
    return Face(view, embed, above)


def texts_in(message: discord.Message) -> list[str]:
    """Return the texts of a card that was sent, in order, in either layout."""
    if message.embeds:
        return (message.embeds[0].description or "").split("\n\n")
    inside = [part for top in message.components if isinstance(top, discord.Container) for part in top.children]
    return [part.content for part in inside if isinstance(part, discord.TextDisplay)]


def layout(card: Card, rows: Sequence[Sequence[AnswerButton]] = (), above: str = "") -> ui.LayoutView:
    """Return the card as one coloured container, with a thin line before and between the quotations."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(card.colour))
    for position, text in enumerate(card.texts):
        if position:
            container.add_item(ui.Separator(visible=text in card.quotes))
        container.add_item(ui.TextDisplay(text))
    # Buttons are told apart by their custom ids, so the view has nothing to wait for and no time-out.
    view = ui.LayoutView(timeout=None)
    if above:
        view.add_item(ui.TextDisplay(above))
    view.add_item(container)
    for row in rows:
        view.add_item(ui.ActionRow(*row))
    return view
