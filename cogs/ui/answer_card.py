"""What an outcome looks like on Discord, as plain values: no message is sent and nothing is looked up here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cogs.ui.escape import block_quote, link, units
from cogs.ui.truncate import excerpt, name
from i18n import texts
from i18n.phrases import confidence_in_words, day_of, page_or_time
from index.models import Span
from qa.outcome import AlsoIn, Answer, ClaimSources, Closest, NotCovered, Outcome, Quote, worth_showing

# Discord allows 4,000 characters of text in one message with layout components.
MAX_TEXT: Final = 4000
_MOST_SHOWN: Final = 3
_MAX_QUESTION: Final = 200
_MAX_TITLE: Final = 120
_MAX_SOURCE: Final = 80
_MAX_ALSO: Final = 3
_MAX_ALSO_TITLE: Final = 60
_MAX_ALSO_SOURCE: Final = 150
# What the second and third quotation may count on, however long the first one is.
_RESERVED: Final = 1100
# More room than any quotation takes.
_WHOLE: Final = 10**9


class Colour(IntEnum):
    """The colour beside a message; it only repeats what the words say."""

    ANSWER = 0x2E9E5B
    CLOSEST = 0xD9A21B
    NOT_COVERED = 0x80848E
    READING = 0x5865F2  # a private page for reading on


@dataclass(frozen=True, slots=True)
class Card:
    """One answer as it is shown, in Discord markdown that is already escaped.

    `question` is empty where readers can see it anyway, `statement` where the quotes speak for themselves;
    `quotes` are best first, each a block quote with its caption below. All of it together is at most 4,000
    UTF-16 units.
    """

    colour: Colour
    question: str
    statement: str
    quotes: tuple[str, ...]
    footer: str

    @property
    def texts(self) -> tuple[str, ...]:
        """All the texts in the order in which they are read."""
        return tuple(text for text in (self.question, self.statement, *self.quotes, self.footer) if text)


def render(outcome: Outcome, *, second_quote_confidence: float, show_question: bool) -> Card:
    """Return the card of an outcome.

    The second and third quotation are shown only where their own confidence reaches
    `second_quote_confidence`. `show_question` repeats the question, for places where the reader cannot see it.
    """
    question = name(outcome.question, _MAX_QUESTION) if show_question else ""
    asked = f"**{question}**" if question else ""
    match outcome:
        case Answer():
            said = texts.DIFFERENT if any(quote.differs for quote in outcome.quotes) else ""
            is_chosen = outcome.quotes[0].chosen
            colour, footer = Colour.ANSWER, texts.CHOSEN_FOOTER if is_chosen else texts.ANSWER_FOOTER
        case Closest():
            said = f"{texts.CLOSEST_HEADING} {texts.CLOSEST_WARNING}"
            colour, footer = Colour.CLOSEST, texts.CLOSEST_FOOTER
        case NotCovered():
            said = f"{texts.NOT_COVERED_HEADING} {texts.NOT_COVERED_HINT}"
            colour, footer = Colour.NOT_COVERED, texts.NOT_COVERED_FOOTER
    if outcome.understood:
        about = texts.UNDERSTOOD.format(about=name(outcome.understood, _MAX_TITLE))
        said = "\n".join(part for part in (f"-# {about}", said) if part)
    small = f"-# {footer.format(confidence=confidence_in_words(outcome.confidence))}"
    shown = worth_showing(outcome, second_quote_confidence)
    room = MAX_TEXT - units(asked) - units(said) - units(small)
    return Card(colour, asked, said, quotations(shown, room), small)


def render_sources(sources: ClaimSources) -> Card:
    """Return the card of the sentences nearest to a statement."""
    if not sources.quotes:
        return notice_card(texts.SOURCE_NONE)
    said = texts.SOURCE_VERBATIM if sources.verbatim else texts.SOURCE_NEAREST
    small = f"-# {texts.SOURCE_FOOTER}"
    room = MAX_TEXT - units(said) - units(small)
    return Card(Colour.READING, "", said, quotations(sources.quotes[:_MOST_SHOWN], room), small)


def notice_card(text: str) -> Card:
    """Return a card that says one thing and quotes nothing."""
    return Card(Colour.NOT_COVERED, "", text, (), "")


def quotations(quotes: Sequence[Quote], room: int) -> tuple[str, ...]:
    """Render quotations into `room` units together; the first is cut last, but leaves the others their share."""
    shares = [min(units(_quotation(quote, _WHOLE)), _RESERVED) for quote in quotes]
    left = room
    out = []
    for rank, quote in enumerate(quotes):
        text = _quotation(quote, left - sum(shares[rank + 1 :]))
        out.append(text)
        left -= units(text)
    return tuple(out)


def _quotation(quote: Quote, room: int) -> str:
    """Render one quotation with its caption, shortened to `room` units; marks of shortening stand outside it."""
    caption = caption_of(quote)
    before, after = f"-# {texts.CUT_BEFORE}", f"-# {texts.CUT_AFTER}"
    spans = [Span(span.start - quote.start, span.end - quote.start) for span in quote.highlights]
    free = room - units(caption) - 1
    part = excerpt(quote.text, spans, free)
    if part != Span(0, len(quote.text)):
        part = excerpt(quote.text, spans, free - units(before) - units(after) - 2)
    inside = [Span(span.start - part.start, span.end - part.start) for span in spans]
    lines = [
        before if part.start > 0 else "",
        block_quote(part.of(quote.text), inside),
        after if part.end < len(quote.text) else "",
        caption,
    ]
    return "\n".join(line for line in lines if line)


def caption_of(quote: Quote) -> str:
    """Return the line below a quotation: title, place, the link or the path it came from, and who says the same."""
    also = [_also(place) for place in quote.also_in[:_MAX_ALSO]]
    return line_of(quote) + (f" · {texts.ALSO_IN.format(titles=', '.join(also))}" if also else "")


def line_of(quote: Quote) -> str:
    """Return where a quotation stands: title, date, place, and the link or the path it came from."""
    title = name(quote.title, _MAX_TITLE) or texts.UNTITLED
    place = texts.PLACE.format(paragraph=quote.paragraph, paragraphs=quote.paragraphs)
    address = link(texts.OPEN_SOURCE, quote.link) or link(texts.OPEN_SOURCE, quote.source)
    source = address or name(quote.source, _MAX_SOURCE)
    chosen = texts.CHOSEN if quote.chosen else ""
    parts = (chosen, f"**{title}**", day_of(quote.published), page_or_time(quote), place, source)
    return "-# " + " · ".join(part for part in parts if part)


def _also(place: AlsoIn) -> str:
    """Return the title of another article that says the same, with its link where that is short."""
    title = name(place.title, _MAX_ALSO_TITLE) or texts.UNTITLED
    address = link(texts.OPEN, place.source) if len(place.source) <= _MAX_ALSO_SOURCE else None
    return f"{title} ({address})" if address else title
