"""How a card is sent: as Discord's layout components."""

from __future__ import annotations

import discord
from discord import ui

from cogs.render import Card


def layout(card: Card) -> ui.LayoutView:
    """Return the card as one coloured container, with a thin line before and between the quotations."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(card.colour))
    for position, text in enumerate(card.texts):
        if position:
            container.add_item(ui.Separator(visible=text in card.quotes))
        container.add_item(ui.TextDisplay(text))
    # Nothing in it can be pressed, so it has nothing to wait for and no time-out.
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
