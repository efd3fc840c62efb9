"""Renders outcomes as cards of Discord markdown, without access to Discord or storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cogs.ui.captions import quote_caption
from cogs.ui.escape import block_quote, shown_address, small_type, utf16_length
from cogs.ui.limits import MAX_TEXT
from cogs.ui.truncate import escaped_name, excerpt
from i18n import texts
from i18n.phrases import confidence_in_words, more_steps
from index.models import Span
from qa.outcome import Answer, ClaimSources, Closest, NotCovered, Outcome, Quote, worth_showing
from qa.quoting.inline_links import addresses_to_show

_MOST_SHOWN: Final = 3
_MAX_QUESTION: Final = 200
_MAX_TITLE: Final = 120
# UTF-16 units reserved for each quote after the first, however long the first one is.
_RESERVED: Final = 1100
# One part in so many of a quote's units is for its context at most.
_CONTEXT_SHARE: Final = 3
# The same for the addresses that it links to.
_LINKS_SHARE: Final = 6
_MAX_LINKS: Final = 3
_MAX_LINKS_UNITS: Final = 400
# More units than any quote takes.
_UNLIMITED: Final = 10**9


class Colour(IntEnum):
    """The accent colour of a message; the text always says the same."""

    ANSWER = 0x2E9E5B
    CLOSEST = 0xD9A21B
    NOT_COVERED = 0x80848E
    READING = 0x5865F2  # private pages of quotes, contexts and sources


@dataclass(frozen=True, slots=True)
class Card:
    """The texts of one message in escaped Discord markdown, together at most 4,000 UTF-16 units.

    `question` is empty if readers can see it anyway and it was understood as it is, `statement` if there is nothing to
    say before the quotes.
    `quotes` are best first, each a block quote with its caption.
    """

    colour: Colour
    question: str
    statement: str
    quotes: tuple[str, ...]
    footer: str

    @property
    def texts(self) -> tuple[str, ...]:
        """All non-empty texts in reading order."""
        return tuple(text for text in (self.question, self.statement, *self.quotes, self.footer) if text)


def render(outcome: Outcome, *, second_quote_confidence: float, show_question: bool, max_units: int = MAX_TEXT) -> Card:
    """Return the card of an outcome, at most `max_units` UTF-16 units long.

    The second and third quote are shown only if their own confidence reaches `second_quote_confidence` (0 to 1).
    `show_question` repeats the question, for messages whose readers cannot see it otherwise.
    """
    heading = _question_lines(outcome, show_question=show_question)
    colour, statement, notes = _words_about(outcome)
    unread = f"-# {texts.ONLY_ENGLISH}" if outcome.unread_language else ""
    footer = "\n".join(filter(None, (unread, *notes)))
    shown = worth_showing(outcome, second_quote_confidence)
    available = max_units - sum(map(utf16_length, (heading, statement, footer)))
    return Card(colour, heading, statement, render_quotes(shown, available), footer)


def _question_lines(outcome: Outcome, *, show_question: bool) -> str:
    """Return the question, if it is to be shown, and in small type what a follow-up was understood to refer to."""
    question = escaped_name(outcome.question, _MAX_QUESTION) if show_question else ""
    about = texts.UNDERSTOOD.format(about=escaped_name(outcome.understood, _MAX_TITLE)) if outcome.understood else ""
    return "\n".join(filter(None, (question and f"**{question}**", about and f"-# {about}")))


def _words_about(outcome: Outcome) -> tuple[Colour, str, tuple[str, ...]]:
    """Return the colour of an outcome, what is said above its quotes, and the lines below them.

    On a phone the quotes come first: above them is only what must not be overlooked.
    """
    match outcome:
        case Answer():
            which = texts.WHICH_NOTE if outcome.alternatives else ""
            different = texts.DIFFERENT if any(quote.differs for quote in outcome.quotes) else which
            footer = texts.CHOSEN_FOOTER if outcome.quotes[0].chosen else texts.ANSWER_FOOTER
            sure = confidence_in_words(outcome.confidence, answers=True)
            return Colour.ANSWER, "", (different, f"-# {footer.format(confidence=sure)}")
        case Closest():
            sure = confidence_in_words(outcome.confidence, answers=False)
            footer = texts.CLOSEST_FOOTER.format(confidence=sure)
            return Colour.CLOSEST, texts.CLOSEST_HEADING, (f"-# {texts.CLOSEST_WARNING}", f"-# {footer}")
        case NotCovered():
            return Colour.NOT_COVERED, f"{texts.NOT_COVERED_HEADING} {texts.NOT_COVERED_HINT}", ()


def render_sources(sources: ClaimSources) -> Card:
    """Return the card with the sentences nearest to a statement."""
    if not sources.quotes:
        return notice_card(texts.SOURCE_NONE)
    statement = texts.SOURCE_VERBATIM if sources.verbatim else texts.SOURCE_NEAREST
    footer = f"-# {texts.SOURCE_FOOTER}"
    available = MAX_TEXT - utf16_length(statement) - utf16_length(footer)
    return Card(Colour.READING, "", statement, render_quotes(sources.quotes[:_MOST_SHOWN], available), footer)


def notice_card(text: str) -> Card:
    """Return a card with one text and no quote."""
    return Card(Colour.NOT_COVERED, "", text, (), "")


def render_quotes(quotes: Sequence[Quote], max_units: int) -> tuple[str, ...]:
    """Render quotes with their captions, together at most `max_units` UTF-16 units.

    Each quote may use all the space but a reserve of at most 1,100 units for each later one.
    """
    reserves = [min(utf16_length(_render_quote(quote, _UNLIMITED)), _RESERVED) for quote in quotes]
    available = max_units
    rendered = []
    for rank, quote in enumerate(quotes):
        text = _render_quote(quote, available - sum(reserves[rank + 1 :]))
        rendered.append(text)
        available -= utf16_length(text)
    return tuple(rendered)


def _render_quote(quote: Quote, max_units: int) -> str:
    """Render one quote below its context, with the addresses that it links to and its caption.

    Marks outside the block quote say where it is cut.
    """
    caption = quote_caption(quote)
    left = max_units - utf16_length(caption)
    above = _context_lines(quote, left // _CONTEXT_SHARE)
    links = _links_line(quote, left // _LINKS_SHARE)
    more = f"-# {more_steps(quote)}" if quote.more_steps else ""
    before, after = f"-# {texts.CUT_BEFORE}", f"-# {texts.CUT_AFTER}"
    spans = [Span(span.start - quote.start, span.end - quote.start) for span in quote.highlights]
    available = max_units - sum(utf16_length(line) + 1 for line in (*above, more, links, caption) if line)
    part = excerpt(quote.text, spans, available)
    if part != Span(0, len(quote.text)):
        part = excerpt(quote.text, spans, available - utf16_length(before) - utf16_length(after) - 2)
    highlights = [Span(span.start - part.start, span.end - part.start) for span in spans]
    lines = [
        *above,
        before if part.start > 0 else "",
        block_quote(part.of(quote.text), highlights),
        after if part.end < len(quote.text) else "",
        more,
        links,
        caption,
    ]
    return "\n".join(line for line in lines if line)


def _context_lines(quote: Quote, max_units: int) -> list[str]:
    """Return the context of a quote in small type, a text for each slice, together at most `max_units`.

    The first slices, those of the outermost headings, are left out if there is no room for them.
    """
    lines = [small_type(part.text) for part in quote.context]
    while lines and sum(utf16_length(line) + 1 for line in lines) > max_units:
        del lines[0]
    return lines


def _links_line(quote: Quote, max_units: int) -> str:
    """Return the first addresses that a quote links to in small type, at most 3; "" if there is no room or none.

    An address never hides behind words: these could name another host.
    """
    addresses = addresses_to_show(quote)
    line = ""
    for count in range(1, min(len(addresses), _MAX_LINKS) + 1):
        shown = [shown_address(address, texts.OPEN) for address in addresses[:count]]
        longer = "-# 🔗 " + " · ".join([*shown, "…"] if count < len(addresses) else shown)
        if utf16_length(longer) > min(max_units, _MAX_LINKS_UNITS):
            break
        line = longer
    return line
