"""Turns a card into a message: Discord's layout components, or an embed in servers with the plain layout."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import discord
from discord import ui

from cogs.ui.answer_card import Card
from cogs.ui.components import PersistentItem
from cogs.ui.limits import MAX_COMPONENTS, fit_content, fit_embed, fit_view
from cogs.ui.truncate import beginning

_IMAGE_FILE: Final = "figures.png"
_MAX_DESCRIPTION: Final = 1024  # characters that Discord allows in an attachment's description
_MAX_ALT: Final = 256  # characters that Discord allows in a gallery item's description


@dataclass(frozen=True, slots=True)
class AttachedImage:
    """A PNG file and its text alternative."""

    data: bytes
    alt_text: str


@dataclass(frozen=True, slots=True)
class MessageBody:
    """The content of a message, to be sent or to replace that of a sent message.

    `content` is the text above an embed; layout components contain it already.
    """

    view: ui.LayoutView | ui.View
    embed: discord.Embed | None = None
    content: str = ""
    image: AttachedImage | None = None

    @property
    def send_kwargs(self) -> dict[str, Any]:
        """Keyword arguments for discord.py's send and edit methods, within Discord's limits.

        For one call, because sending closes the file.
        """
        fit_view(self.view)
        kwargs: dict[str, Any] = {"view": self.view}
        if self.embed is not None:
            fit_embed(self.embed)
            kwargs |= {"embed": self.embed, "content": fit_content(self.content) or None}
        if self.image is not None:
            description = beginning(self.image.alt_text, _MAX_DESCRIPTION)
            kwargs["attachments"] = [discord.File(io.BytesIO(self.image.data), _IMAGE_FILE, description=description)]
        return kwargs


def is_plain(interaction: discord.Interaction[Any]) -> bool:
    """Whether the message of the used component has the plain layout; Discord cannot change a message's layout."""
    return interaction.message is not None and not interaction.message.flags.components_v2


def with_image(card: Card, image: AttachedImage, *, plain: bool) -> MessageBody:
    """Return the card with an image, and its text alternative, below it."""
    body = message_body(card, plain=plain)
    if body.embed is not None:
        body.embed.set_image(url=f"attachment://{_IMAGE_FILE}")
    elif isinstance(body.view, ui.LayoutView):
        description = beginning(image.alt_text, _MAX_ALT)
        item = discord.MediaGalleryItem(f"attachment://{_IMAGE_FILE}", description=description)
        body.view.add_item(ui.MediaGallery(item))
    return replace(body, image=image)


def message_body(
    card: Card, rows: Sequence[Sequence[PersistentItem]] = (), *, plain: bool = False, content: str = ""
) -> MessageBody:
    """Return the card with `content` above it and rows of components below it; as an embed if `plain`."""
    if not plain:
        return MessageBody(layout(card, rows, content))
    # A card holds at most 4,000 characters, an embed's description 4,096.
    embed = discord.Embed(description="\n\n".join(card.texts), colour=discord.Colour(card.colour))
    view = ui.View(timeout=None)
    for number, row in enumerate(rows):
        for item in row:
            item.row = number
            view.add_item(item)
    return MessageBody(view, embed, content)


def card_texts(message: discord.Message) -> list[str]:
    """Return the texts of a sent card in order, from either layout."""
    if message.embeds:
        return (message.embeds[0].description or "").split("\n\n")
    parts = [part for top in message.components if isinstance(top, discord.Container) for part in top.children]
    return [part.content for part in parts if isinstance(part, discord.TextDisplay)]


def layout(card: Card, rows: Sequence[Sequence[PersistentItem]] = (), content: str = "") -> ui.LayoutView:
    """Return the card as one coloured container, with a line before each quote."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(card.colour))
    others = 1 + bool(content) + sum(1 + len(row) for row in rows)
    parts = card.texts if others + 2 * len(card.texts) <= MAX_COMPONENTS else ("\n\n".join(card.texts),)
    for position, text in enumerate(parts):
        if position:
            container.add_item(ui.Separator(visible=text in card.quotes))
        container.add_item(ui.TextDisplay(text))
    # Dynamic items dispatch by custom id, so the view itself needs no timeout.
    view = ui.LayoutView(timeout=None)
    if content:
        view.add_item(ui.TextDisplay(content))
    view.add_item(container)
    for row in rows:
        view.add_item(ui.ActionRow(*row))
    return view
