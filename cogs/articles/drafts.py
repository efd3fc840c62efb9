"""What waits for a press: articles that were shown and not added yet, and the form that a text is pasted into."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import discord
from discord import ui

from cogs.ui import modals
from cogs.ui.components import Action, Press, Rows, button
from i18n import texts
from index.models import Draft

V = TypeVar("V")

MAX_TITLE: Final = 200
_MAX_PASTED: Final = 4000
_ID_BITS: Final = 59  # at most 18 digits


@dataclass(frozen=True, slots=True)
class Preview:
    """An article as it was shown, the member who may add it, and what was said to be missing."""

    draft: Draft
    member_id: int
    missing: str = ""


class PendingStore(Generic[V]):
    """Remembers the newest values, until the bot ends; lives on the event loop.

    Ids are drawn by chance, so that a button from before a restart never means another value.
    """

    def __init__(self, most: int = 100) -> None:
        """Begin with none."""
        self._values: OrderedDict[int, V] = OrderedDict()
        self._most = most

    def put(self, value: V) -> int:
        """Remember a value and return its id."""
        key = secrets.randbits(_ID_BITS)
        self._values[key] = value
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return key

    def change(self, key: int, value: V) -> None:
        """Remember another value under an id."""
        self._values[key] = value

    def get(self, key: int) -> V | None:
        """Return a value, or None where it is not known any more."""
        return self._values.get(key)

    def forget(self, key: int) -> None:
        """Drop a value."""
        self._values.pop(key, None)


class PasteForm(ui.Modal):
    """Asks for a title and a text. Like a button it carries its meaning, so it may be sent after a restart."""

    def __init__(self) -> None:
        """Make the form."""
        custom_id = Press(Action.ARTICLE_FORM, 0).custom_id
        super().__init__(title=texts.ARTICLE_FORM_TITLE, timeout=modals.SECONDS, custom_id=custom_id)
        title: ui.TextInput[Any] = ui.TextInput(custom_id="title", max_length=MAX_TITLE)
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id="text", style=discord.TextStyle.paragraph, max_length=_MAX_PASTED
        )
        self.add_item(ui.Label(text=texts.ARTICLE_FORM_HEADING, component=title))
        self.add_item(ui.Label(text=texts.ARTICLE_FORM_TEXT, component=text))


def pasted(interaction: discord.Interaction) -> tuple[str, str]:
    """Return title and text of a form that was sent."""
    parts = modals.fields(interaction)
    values = {part.get("custom_id"): str(part.get("value", "")) for part in parts}
    return " ".join(values.get("title", "").split())[:MAX_TITLE], values.get("text", "")


def under_preview(preview_id: int) -> Rows:
    """Return the buttons of a preview."""
    add = button(Press(Action.ARTICLE_ADD, preview_id), texts.ARTICLE_ADD_BUTTON, discord.ButtonStyle.primary)
    return [[add, button(Press(Action.ARTICLE_CANCEL, preview_id), texts.ARTICLE_CANCEL_BUTTON)]]


def under_removal(article_id: int) -> Rows:
    """Return the buttons of the question whether to remove an article."""
    yes = button(Press(Action.ARTICLE_REMOVE, article_id), texts.ARTICLE_REMOVE_BUTTON, discord.ButtonStyle.danger)
    return [[yes, button(Press(Action.ARTICLE_CANCEL, 0), texts.ARTICLE_CANCEL_BUTTON)]]
