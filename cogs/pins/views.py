"""Cards, texts and options that show pins: the preview of one, and the list of a server's pins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import discord
from discord import app_commands

from cogs.articles.article_cards import bold_title
from cogs.articles.autocomplete import send_offers
from cogs.ui.answer_card import Card, Colour, render
from cogs.ui.escape import escape, utf16_length
from cogs.ui.limits import MAX_TEXT
from cogs.ui.truncate import beginning, shorten
from i18n import texts
from index.text.display_names import display_line
from qa.outcome import Answer, Quote
from qa.pins.pinned import Pin

MAX_WORDINGS: Final = 5
PER_PAGE: Final = 10
_MAX_OPTION: Final = 100
_MAX_CHOICES: Final = 25  # of an autocompletion
_MAX_QUESTION: Final = 120
_MAX_WORDS: Final = (80, 60, 40, 25)  # characters of each text in the list, the first with which a page fits


@dataclass(frozen=True, slots=True)
class PinDraft:
    """A pin that is not stored yet: the quotes to choose from, and the wordings of the question.

    `keys` are the sources of the quotes, `selected` is the index of the quote to pin, and `is_follow_up` says that the
    question was asked as a follow-up, whose wording may not be understood alone.
    """

    quotes: tuple[Quote, ...]
    keys: tuple[str, ...]
    questions: tuple[str, ...]
    selected: int = 0
    is_follow_up: bool = False


def pin_preview_card(draft: PinDraft, heading: str) -> Card:
    """Return the answer as members will see it, or a shorter part of the quote if that does not fit below a heading."""
    outcome = Answer(draft.questions[0], 1.0, (draft.quotes[draft.selected],), 0.0)
    available = MAX_TEXT - utf16_length(heading)
    return render(outcome, second_quote_confidence=1.0, show_question=False, max_units=available)


def preview_heading(draft: PinDraft, *, replaces: bool) -> str:
    """Return the text above a preview: the wordings, and hints if something needs attention."""
    wordings = [texts.PIN_WORDING_LINE.format(question=_wording(question)) for question in draft.questions]
    hints = [
        hint for applies, hint in ((draft.is_follow_up, texts.PIN_FOLLOWS), (replaces, texts.PIN_REPLACES)) if applies
    ]
    return "\n".join([texts.PIN_PREVIEW, *wordings, *hints])


def quote_options(draft: PinDraft) -> list[discord.SelectOption]:
    """Return an option for each quote; its value is the quote's index."""
    return [
        discord.SelectOption(
            label=beginning(f"{index + 1}. {display_line(quote.text)}", _MAX_OPTION),
            value=str(index),
            default=index == draft.selected,
        )
        for index, quote in enumerate(draft.quotes)
    ]


def pin_options(pins: Sequence[Pin], page: int) -> list[discord.SelectOption]:
    """Return an option for each pin of a page (counted from 0); its value is the pin's id."""
    return [
        discord.SelectOption(
            label=shorten(f"{number}. {display_line(pin.questions[0])}", _MAX_OPTION), value=str(pin.id)
        )
        for number, pin in enumerate(pins, page * PER_PAGE + 1)
    ]


def pin_list_card(pins: Sequence[tuple[Pin, Quote | None]], page: int, pages: int, count: int, note: str) -> Card:
    """Return one page of the list below an optional note.

    `pins` are those of the page, each with its current quote, or None if the text is no longer in the article. `page`
    counts from 0; `count` is the number of pins on all pages.
    """
    footer = f"-# {texts.PINS_FOOTER.format(page=page + 1, pages=pages, count=count)}"
    for most in _MAX_WORDS:
        lines = [_entry(pin, quote, number, most) for number, (pin, quote) in enumerate(pins, page * PER_PAGE + 1)]
        statement = "\n".join([*([note] if note else []), texts.PINS_HEADING, *lines])
        if utf16_length(statement) + utf16_length(footer) <= MAX_TEXT:
            break
    return Card(Colour.READING, "", statement, (), footer)


def _entry(pin: Pin, quote: Quote | None, number: int, most: int) -> str:
    """Return the lines of a pin in the list, with at most `most` characters of each of its texts."""
    asked = " / ".join(escape(shorten(display_line(question), most)) for question in pin.questions[:2])
    words = escape(beginning(display_line(quote.text), most)) if quote else texts.PINS_RESTS
    title = f"{bold_title(shorten(quote.title, most))}: " if quote else ""
    return f"{number}. {asked}\n-# {title}{words}"


def _wording(text: str) -> str:
    return escape(shorten(display_line(text), _MAX_QUESTION))


async def send_pin_choices(
    interaction: discord.Interaction, pins: Sequence[Pin], typed: str
) -> list[app_commands.Choice[str]]:
    """Send autocomplete choices for the pins whose questions contain some words, newest first, and return them.

    The value of a choice is the pin's id.
    """
    wanted = typed.casefold().split()
    found = [pin for pin in reversed(pins) if all(word in " ".join(pin.questions).casefold() for word in wanted)]
    offers = [
        app_commands.Choice(name=shorten(display_line(pin.questions[0]), _MAX_OPTION), value=str(pin.id))
        for pin in found[:_MAX_CHOICES]
    ]
    return await send_offers(interaction, offers)
