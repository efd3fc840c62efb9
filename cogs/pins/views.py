"""How pins look, as plain values: the preview of one, and the list of a server's pins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import discord

from cogs.articles.article_cards import titled
from cogs.ui.answer_card import Card, Colour, render
from cogs.ui.escape import escape, one_line
from cogs.ui.truncate import shortened
from i18n import texts
from qa.outcome import Answer, Quote
from qa.pins.pinned import Pin
from qa.quoting.anchoring import digest_of

MOST_WORDINGS: Final = 5
PER_PAGE: Final = 10
_MAX_OPTION: Final = 100
_MAX_QUESTION: Final = 120
_MAX_WORDS: Final = 80


@dataclass(frozen=True, slots=True)
class PinDraft:
    """What may be pinned: the quotations to choose from, which one is chosen, and to which wordings; by whom."""

    member_id: int
    quotes: tuple[Quote, ...]
    keys: tuple[str, ...]
    questions: tuple[str, ...]
    at: int = 0
    follows: bool = False

    @property
    def pin(self) -> Pin:
        """The pin that this would be."""
        quote = self.quotes[self.at]
        place = quote.article_id, quote.start, quote.end, digest_of(quote.text), quote.highlights
        return Pin(quote.library, self.keys[self.at], *place, self.questions)


def preview(draft: PinDraft) -> Card:
    """Return the answer as members would see it."""
    quote = draft.quotes[draft.at]
    return render(Answer(draft.questions[0], 1.0, (quote,), 0.0), second_quote_confidence=1.0, show_question=False)


def above(draft: PinDraft, *, replaces: bool) -> str:
    """Return what is said above a preview."""
    wordings = [texts.PIN_WORDING_LINE.format(question=_line(question)) for question in draft.questions]
    hints = [hint for said, hint in ((draft.follows, texts.PIN_FOLLOWS), (replaces, texts.PIN_REPLACES)) if said]
    return "\n".join([texts.PIN_PREVIEW, *wordings, *hints])


def quote_options(draft: PinDraft) -> list[discord.SelectOption]:
    """Return the quotations that can be chosen, by their place from 0."""
    return [
        discord.SelectOption(
            label=shortened(f"{at + 1}. {one_line(quote.text)}", _MAX_OPTION), value=str(at), default=at == draft.at
        )
        for at, quote in enumerate(draft.quotes)
    ]


def pin_options(pins: Sequence[Pin], page: int) -> list[discord.SelectOption]:
    """Return the pins of a page, from 0, by their ids."""
    return [
        discord.SelectOption(label=shortened(f"{number}. {one_line(pin.questions[0])}", _MAX_OPTION), value=str(pin.id))
        for number, pin in enumerate(pins, page * PER_PAGE + 1)
    ]


def listed(pins: Sequence[tuple[Pin, Quote | None]], page: int, pages: int, count: int, said: str) -> Card:
    """Return a page of the list, each pin with its quote where it stands now, below what is said."""
    lines = [_listed(pin, quote, number) for number, (pin, quote) in enumerate(pins, page * PER_PAGE + 1)]
    footer = f"-# {texts.PINS_FOOTER.format(page=page + 1, pages=pages, count=count)}"
    statement = "\n".join([*([said] if said else []), texts.PINS_HEADING, *lines])
    return Card(Colour.READING, "", statement, (), footer)


def _listed(pin: Pin, quote: Quote | None, number: int) -> str:
    asked = " / ".join(escape(shortened(one_line(question), _MAX_WORDS)) for question in pin.questions[:2])
    words = escape(shortened(one_line(quote.text), _MAX_WORDS)) if quote else texts.PINS_RESTS
    title = f"{titled(shortened(quote.title, _MAX_WORDS))}: " if quote else ""
    return f"{number}. {asked}\n-# {title}{words}"


def _line(text: str) -> str:
    return escape(shortened(one_line(text), _MAX_QUESTION))
