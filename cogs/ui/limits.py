"""Measures what leaves for Discord, and shortens what exceeds its limits, which would otherwise refuse the message.

Discord's API counts code points (its issue 1315); here UTF-16 code units are counted, which are never fewer. Features
keep their texts within the limits themselves; whatever is shortened here is logged as an error, which fails a test.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import app_commands, ui

from cogs.ui.command_mentions import with_mentions
from cogs.ui.escape import utf16_length
from cogs.ui.truncate import cut_back

_log = logging.getLogger(__name__)

MAX_TEXT: Final = 4000
"""UTF-16 units of all texts of one message with layout components."""

MAX_COMPONENTS: Final = 40
"""Components of one message with layout components, nested ones included."""

_MAX_CONTENT: Final = 2000
_MAX_DESCRIPTION: Final = 4096  # of an embed
_MAX_BUTTON: Final = 80
_MAX_PLACEHOLDER: Final = 150  # of a select
_MAX_OPTIONS: Final = 25  # of a select, and choices of an autocompletion
_MAX_OPTION: Final = 100
_MAX_TITLE: Final = 45  # of a form, and of the labels of its fields
_MAX_HINT: Final = 100  # below a label of a form, and inside an empty field
_KEPT: Final = 200  # units of each text, as long as others can be shortened
_OPEN_LINK: Final = re.compile(r"\[[^\[\]]*(?:\]\([^()\s]*)?$")


def join_fitting(lines: Sequence[str], max_units: int = MAX_TEXT) -> str:
    """Join the first lines that fit into some UTF-16 units, with a last line "…" if some are left out."""
    whole = "\n".join(lines)
    if utf16_length(whole) <= max_units:
        return whole
    fitting: list[str] = []
    available = max_units - len("…")
    for line in lines:
        available -= utf16_length(line) + 1
        if available < 0:
            break
        fitting.append(line)
    return "\n".join([*fitting, "…"]) if fitting else shortened(whole, max_units)


def fit_content(text: str) -> str:
    """Return the content of a message without layout components, shortened if it is too long.

    Here, as in `fit_embed` and `fit_view`, names of commands become mentions, as far as there is room.
    """
    text = with_mentions(text, _MAX_CONTENT - utf16_length(text))
    return _fitted(text, _MAX_CONTENT, "The content of a message")


def fit_embed(embed: discord.Embed) -> None:
    """Shorten the description of an embed if it is too long."""
    if embed.description:
        room = _MAX_DESCRIPTION - utf16_length(embed.description)
        embed.description = _fitted(with_mentions(embed.description, room), _MAX_DESCRIPTION, "An embed")


def fit_view(view: ui.LayoutView | ui.View) -> None:
    """Shorten the texts and labels of a message that are too long, quotes last."""
    displays: list[ui.TextDisplay[Any]] = []
    for child in view.walk_children():
        item = child.item if isinstance(child, ui.DynamicItem) else child
        if isinstance(item, ui.TextDisplay):
            displays.append(item)
        elif isinstance(item, ui.Button) and item.label:
            item.label = _fitted(item.label, _MAX_BUTTON, "A button")
        elif isinstance(item, ui.Select):
            _fit_select(item)
    room = MAX_TEXT - sum(utf16_length(display.content) for display in displays)
    for display in displays:
        before = len(display.content)
        display.content = with_mentions(display.content, room)
        room -= len(display.content) - before
    _fit_displays(displays)


def fit_form(form: ui.Modal) -> None:
    """Shorten the title and the labels of a form that are too long."""
    form.title = _fitted(form.title, _MAX_TITLE, "The title of a form")
    for child in form.walk_children():
        if isinstance(child, ui.Label):
            child.text = _fitted(child.text, _MAX_TITLE, "A label of a form")
            child.description = child.description and _fitted(child.description, _MAX_HINT, "A hint of a form")
        elif isinstance(child, ui.TextInput) and child.placeholder:
            child.placeholder = _fitted(child.placeholder, _MAX_HINT, "A hint of a form")
        elif isinstance(child, ui.Select):
            _fit_select(child)


def fit_choices(choices: Sequence[app_commands.Choice[str]]) -> list[app_commands.Choice[str]]:
    """Return the first choices of an autocompletion, as many as Discord takes, with names that it takes."""
    return [
        app_commands.Choice(name=_fitted(str(choice.name), _MAX_OPTION, "A choice"), value=choice.value)
        for choice in _first(choices, "An autocompletion")
    ]


def _fit_select(select: ui.Select[Any]) -> None:
    if select.placeholder:
        select.placeholder = _fitted(select.placeholder, _MAX_PLACEHOLDER, "A select")
    select.options = _first(select.options, "A select")
    for option in select.options:
        option.label = _fitted(option.label, _MAX_OPTION, "An option")
        option.description = option.description and _fitted(option.description, _MAX_OPTION, "An option")


def _first(entries: Sequence[Any], what: str) -> list[Any]:
    if len(entries) > _MAX_OPTIONS:
        _report(what, len(entries), _MAX_OPTIONS)
    return list(entries[:_MAX_OPTIONS])


def _fit_displays(displays: Sequence[ui.TextDisplay[Any]]) -> None:
    """Shorten the longest texts of a message until all of them fit together."""
    excess = sum(utf16_length(display.content) for display in displays) - MAX_TEXT
    if excess <= 0:
        return
    _report("A message", excess + MAX_TEXT, MAX_TEXT)
    order = sorted(displays, key=lambda display: (_is_quote(display.content), -utf16_length(display.content)))
    for kept in (_KEPT, 1):
        for display in order:
            length = utf16_length(display.content)
            if excess > 0 and length > kept:
                display.content = shortened(display.content, max(kept, length - excess))
                excess -= length - utf16_length(display.content)


def _is_quote(text: str) -> bool:
    return re.search(r"(?m)^> ", text) is not None


def _fitted(text: str, limit: int, what: str) -> str:
    """Return a text of at most `limit` UTF-16 units."""
    length = utf16_length(text)
    if length <= limit:
        return text
    _report(what, length, limit)
    return shortened(text, limit)


def shortened(text: str, limit: int) -> str:
    """Return the beginning of Discord markdown, at most `limit` UTF-16 units, with "…" where the rest was.

    It ends with a line or sentence if one ends near, else with a word; no mark of markdown is left open.
    """
    available, high = limit - len("**`…"), 0
    for character in text:
        available -= 2 if character > "\uffff" else 1
        if available < 0:
            break
        high += 1
    head = _OPEN_LINK.sub("", text[: cut_back(text, 0, high)]).rstrip("\\").rstrip()
    head += "`" if head.count("`") % 2 else ""
    head += "**" if head.count("**") % 2 else ""
    return f"{head}…"


def _report(what: str, size: int, limit: int) -> None:
    _log.error("%s was shortened from %d to %d, Discord's limit", what, size, limit)
