"""How a card is sent: as Discord's layout components, or plainly as an embed where a server wants that."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import discord
from discord import ui

from cogs.ui.answer_card import Card
from cogs.ui.components import PersistentItem
from cogs.ui.truncate import shortened

_PICTURE: Final = "figures.png"
_MAX_DESCRIPTION: Final = 1024  # characters that Discord allows for an attachment
_MAX_ALT: Final = 256  # and for a picture in a gallery


@dataclass(frozen=True, slots=True)
class AttachedImage:
    """A PNG file with the words that say the same."""

    data: bytes
    words: str


@dataclass(frozen=True, slots=True)
class MessageBody:
    """What a message shows, ready to be sent or put in the place of what it showed."""

    view: ui.LayoutView | ui.View
    embed: discord.Embed | None = None
    above: str = ""
    picture: AttachedImage | None = None

    @property
    def sending(self) -> dict[str, Any]:
        """The arguments for discord.py's sending and editing methods, to be used once: sending closes the file."""
        shown: dict[str, Any] = {"view": self.view}
        if self.embed is not None:
            shown |= {"embed": self.embed, "content": self.above or None}
        if self.picture is not None:
            words = shortened(self.picture.words, _MAX_DESCRIPTION)
            shown["attachments"] = [discord.File(io.BytesIO(self.picture.data), _PICTURE, description=words)]
        return shown


def is_plain(interaction: discord.Interaction[Any]) -> bool:
    """Tell how the message with the pressed button was sent, for no message can change between the layouts."""
    return interaction.message is not None and not interaction.message.flags.components_v2


def with_image(card: Card, picture: AttachedImage, *, plain: bool) -> MessageBody:
    """Return the card with a picture below it, which is described in words for those who cannot see it."""
    shown = message_body(card, plain=plain)
    if shown.embed is not None:
        shown.embed.set_image(url=f"attachment://{_PICTURE}")
    elif isinstance(shown.view, ui.LayoutView):
        words = shortened(picture.words, _MAX_ALT)
        item = discord.MediaGalleryItem(f"attachment://{_PICTURE}", description=words)
        shown.view.add_item(ui.MediaGallery(item))
    return replace(shown, picture=picture)


def message_body(
    card: Card, rows: Sequence[Sequence[PersistentItem]] = (), *, plain: bool = False, above: str = ""
) -> MessageBody:
    """Return the card with rows of buttons below it, and words above it; `plain` without layout components."""
    if not plain:
        return MessageBody(layout(card, rows, above))
    # A card holds at most 4,000 characters, an embed's description 4,096.
    embed = discord.Embed(description="\n\n".join(card.texts), colour=discord.Colour(card.colour))
    view = ui.View(timeout=None)
    for number, row in enumerate(rows):
        for item in row:
            item.row = number
            view.add_item(item)
    return MessageBody(view, embed, above)


def texts_in(message: discord.Message) -> list[str]:
    """Return the texts of a card that was sent, in order, in either layout."""
    if message.embeds:
        return (message.embeds[0].description or "").split("\n\n")
    inside = [part for top in message.components if isinstance(top, discord.Container) for part in top.children]
    return [part.content for part in inside if isinstance(part, discord.TextDisplay)]


def layout(card: Card, rows: Sequence[Sequence[PersistentItem]] = (), above: str = "") -> ui.LayoutView:
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
