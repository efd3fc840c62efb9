"""Private pages under an answer, as plain values: further quotations, and a quotation among its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.answer_card import MAX_TEXT, Card, Colour, caption_of, quotations
from cogs.ui.escape import block_quote, units
from cogs.ui.truncate import excerpt, name
from i18n import texts
from index.models import Article, Span
from index.text.blocks import paragraphs
from qa.outcome import Quote

PER_PAGE: Final = 3
_NEIGHBOUR: Final = 900  # UTF-16 units that the paragraph before and the one after may take
_MAX_HEADING: Final = 200


def pages_of(count: int) -> int:
    """Return how many pages `count` further quotations take."""
    return -(-count // PER_PAGE)


def further(quotes: Sequence[Quote | None], page: int, pages: int) -> Card:
    """Return a page of further quotations; None stands for one that is in its article no more."""
    sound = [quote for quote in quotes if quote is not None]
    gone = len(quotes) - len(sound)
    changed = texts.SOURCE_CHANGED if gone == 1 else texts.SOURCES_CHANGED.format(count=gone)
    statement = "\n".join([texts.MORE_HEADING, f"-# {changed}"] if gone else [texts.MORE_HEADING])
    footer = f"-# {texts.MORE_FOOTER.format(page=page + 1, pages=pages)}"
    room = MAX_TEXT - units(statement) - units(footer)
    return Card(Colour.READING, "", statement, quotations(sound, room), footer)


def in_context(quote: Quote, article: Article, page: int, pages: int) -> Card:
    """Return a quotation, in bold, with the rest of its paragraph and the paragraphs before and after.

    Each paragraph is a block quote of its own, so that nothing is shown joined that the article keeps apart.
    """
    footer = f"-# {texts.CONTEXT_FOOTER.format(page=page + 1, pages=pages)}"
    caption = caption_of(quote)
    room = MAX_TEXT - units(texts.CONTEXT_HEADING) - units(footer) - units(caption) - 1
    own, before, after = _around(quote, article)
    neighbours = [
        _block(article, part, quote, _NEIGHBOUR, heading=part is before) if part else "" for part in (before, after)
    ]
    room -= sum(units(text) + 2 for text in neighbours)
    middle = _block(article, own, quote, room, heading=before is None)
    body = "\n\n".join(text for text in (neighbours[0], middle, neighbours[1]) if text)
    return Card(Colour.READING, "", texts.CONTEXT_HEADING, (f"{body}\n{caption}",), footer)


def changed(page: int, pages: int) -> Card:
    """Return what stands in the place of a quotation that its article no longer has."""
    footer = f"-# {texts.CONTEXT_FOOTER.format(page=page + 1, pages=pages)}"
    return Card(Colour.NOT_COVERED, "", texts.SOURCE_CHANGED, (), footer)


def _around(quote: Quote, article: Article) -> tuple[Span, Span | None, Span | None]:
    """Return the stretch of paragraphs that the quote stands in, the paragraph before it and the one after."""
    places = paragraphs(article.text, article.sections)
    held = [at for at, place in enumerate(places) if place.start < quote.end and quote.start < place.end]
    if not held:
        return Span(quote.start, quote.end), None, None
    first, last = held[0], held[-1]
    own = Span(min(places[first].start, quote.start), max(places[last].end, quote.end))
    before = places[first - 1] if first else None
    return own, before, places[last + 1] if last + 1 < len(places) else None


def _block(article: Article, part: Span, quote: Quote, room: int, *, heading: bool) -> str:
    """Return a stretch of the article as a block quote of at most `room` units, the heading above it where wanted."""
    above = next((section.heading for section in article.sections if section.start <= part.start < section.end), "")
    line = f"-# {name(above, _MAX_HEADING)}\n" if heading and above else ""
    before, after = f"-# {texts.CUT_BEFORE}\n", f"\n-# {texts.CUT_AFTER}"
    text = part.of(article.text)
    start, end = max(quote.start, part.start) - part.start, min(quote.end, part.end) - part.start
    marked = [Span(start, end)] if start < end else []
    free = room - units(line)
    shown = excerpt(text, marked, free)
    if shown != Span(0, len(text)):
        shown = excerpt(text, marked, free - units(before) - units(after))
    inside = [Span(span.start - shown.start, span.end - shown.start) for span in marked]
    block = block_quote(shown.of(text), inside)
    return f"{line}{before if shown.start else ''}{block}{after if shown.end < len(text) else ''}"
