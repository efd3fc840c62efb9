"""How pins look, as plain values: the preview of one, and the list of a server's pins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import ui

from cogs.articles.article_cards import titled
from cogs.ui import modals
from cogs.ui.answer_card import Card, Colour, render
from cogs.ui.components import Action, AnswerButton, Press, Rows, button, under_page
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


def under(draft: PinDraft, key: int) -> Rows:
    """Return the buttons of a preview that is remembered as `key`."""
    options = [
        discord.SelectOption(
            label=shortened(f"{at + 1}. {one_line(quote.text)}", _MAX_OPTION), value=str(at), default=at == draft.at
        )
        for at, quote in enumerate(draft.quotes)
    ]
    custom_id = Press(Action.PIN_QUOTE, key).custom_id
    choice = AnswerButton(ui.Select(custom_id=custom_id, placeholder=texts.PIN_QUOTE, options=options))
    deciding = [
        button(Press(Action.PIN_ADD, key), texts.PIN_BUTTON, discord.ButtonStyle.primary),
        button(Press(Action.PIN_WORDING, key), texts.PIN_WORDING_BUTTON),
        button(Press(Action.PIN_CANCEL, key), texts.PIN_CANCEL_BUTTON),
    ]
    return [[choice], deciding] if len(options) > 1 else [deciding]


def listed(pins: Sequence[tuple[Pin, Quote | None]], page: int, pages: int, count: int, said: str) -> tuple[Card, Rows]:
    """Return a page of the list, each pin with its quote where it stands now, below what is said."""
    lines = [_listed(pin, quote, number) for number, (pin, quote) in enumerate(pins, page * PER_PAGE + 1)]
    footer = f"-# {texts.PINS_FOOTER.format(page=page + 1, pages=pages, count=count)}"
    options = [
        discord.SelectOption(label=shortened(f"{number}. {one_line(pin.questions[0])}", _MAX_OPTION), value=str(pin.id))
        for number, (pin, _) in enumerate(pins, page * PER_PAGE + 1)
    ]
    custom_id = Press(Action.PIN_REMOVE, 0, page).custom_id
    unpin = AnswerButton(ui.Select(custom_id=custom_id, placeholder=texts.PINS_UNPIN, options=options))
    statement = "\n".join([*([said] if said else []), texts.PINS_HEADING, *lines])
    return Card(Colour.READING, "", statement, (), footer), [[unpin], *under_page(Action.PIN_PAGE, 0, page, pages)]


def _listed(pin: Pin, quote: Quote | None, number: int) -> str:
    asked = " / ".join(escape(shortened(one_line(question), _MAX_WORDS)) for question in pin.questions[:2])
    words = escape(shortened(one_line(quote.text), _MAX_WORDS)) if quote else texts.PINS_RESTS
    title = f"{titled(shortened(quote.title, _MAX_WORDS))}: " if quote else ""
    return f"{number}. {asked}\n-# {title}{words}"


def _line(text: str) -> str:
    return escape(shortened(one_line(text), _MAX_QUESTION))


class WordingForm(ui.Modal):
    """Asks for the wordings of a pin's question. Like a button it carries its meaning."""

    def __init__(self, key: int, questions: Sequence[str], longest: int) -> None:
        """Take the preview's id, and the wordings that it has."""
        custom_id = Press(Action.PIN_WORDED, key).custom_id
        super().__init__(title=texts.PIN_FORM_TITLE, timeout=modals.SECONDS, custom_id=custom_id)
        wordings: ui.TextInput[Any] = ui.TextInput(
            custom_id="questions",
            style=discord.TextStyle.paragraph,
            default="\n".join(questions),
            max_length=MOST_WORDINGS * (longest + 1),
        )
        self.add_item(ui.Label(text=texts.PIN_FORM_LABEL, component=wordings))
