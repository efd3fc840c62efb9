"""Renders the private pages of an answer: further quotes, and a quote in its context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.answer_card import Card, Colour, render_quotes
from cogs.ui.captions import quote_caption
from cogs.ui.escape import block_quote, utf16_length
from cogs.ui.limits import MAX_TEXT
from cogs.ui.truncate import escaped_name, excerpt
from i18n import texts
from index.models import Article, Span
from index.text.blocks import paragraphs
from qa.outcome import Quote

PER_PAGE: Final = 3
_NEIGHBOUR_UNITS: Final = 900  # UTF-16 units for each of the paragraphs before and after
_MAX_HEADING: Final = 200


def page_count(count: int) -> int:
    """Return the number of pages for `count` further quotes."""
    return -(-count // PER_PAGE)


def more_quotes_card(quotes: Sequence[Quote | None], page: int, pages: int) -> Card:
    """Return a page of further quotes, the number `page` (from 0) of `pages`.

    None stands for a quote that its article no longer contains.
    """
    found = [quote for quote in quotes if quote is not None]
    missing = len(quotes) - len(found)
    changed = texts.SOURCE_CHANGED if missing == 1 else texts.SOURCES_CHANGED.format(count=missing)
    statement = "\n".join([texts.MORE_HEADING, f"-# {changed}"] if missing else [texts.MORE_HEADING])
    footer = f"-# {texts.MORE_FOOTER.format(page=page + 1, pages=pages)}"
    available = MAX_TEXT - utf16_length(statement) - utf16_length(footer)
    return Card(Colour.READING, "", statement, render_quotes(found, available), footer)


def context_card(quote: Quote, article: Article, page: int, pages: int) -> Card:
    """Return a page with a quote, in bold, in its paragraph and with the paragraphs before and after.

    Each paragraph is a separate block quote. `page` counts from 0.
    """
    footer = f"-# {texts.CONTEXT_FOOTER.format(page=page + 1, pages=pages)}"
    caption = quote_caption(quote)
    available = MAX_TEXT - utf16_length(texts.CONTEXT_HEADING) - utf16_length(footer) - utf16_length(caption) - 1
    own, before, after = _around(quote, article)
    neighbours = [
        _block(article, part, quote, _NEIGHBOUR_UNITS, heading=part is before) if part else ""
        for part in (before, after)
    ]
    available -= sum(utf16_length(text) + 2 for text in neighbours)
    middle = _block(article, own, quote, available, heading=before is None)
    body = "\n\n".join(text for text in (neighbours[0], middle, neighbours[1]) if text)
    return Card(Colour.READING, "", texts.CONTEXT_HEADING, (f"{body}\n{caption}",), footer)


def changed_quote_card(page: int, pages: int) -> Card:
    """Return the page shown instead of a quote that its article no longer contains."""
    footer = f"-# {texts.CONTEXT_FOOTER.format(page=page + 1, pages=pages)}"
    return Card(Colour.NOT_COVERED, "", texts.SOURCE_CHANGED, (), footer)


def _around(quote: Quote, article: Article) -> tuple[Span, Span | None, Span | None]:
    """Return the span of the paragraphs that contain the quote, and the paragraphs before and after it."""
    spans = paragraphs(article.text, article.sections)
    containing = [at for at, span in enumerate(spans) if span.start < quote.end and quote.start < span.end]
    if not containing:
        return Span(quote.start, quote.end), None, None
    first, last = containing[0], containing[-1]
    own = Span(min(spans[first].start, quote.start), max(spans[last].end, quote.end))
    before = spans[first - 1] if first else None
    return own, before, spans[last + 1] if last + 1 < len(spans) else None


def _block(article: Article, part: Span, quote: Quote, max_units: int, *, heading: bool) -> str:
    """Return a part of the article as a block quote of at most `max_units`, below its section heading if wanted."""
    above = next((section.heading for section in article.sections if section.start <= part.start < section.end), "")
    line = f"-# {escaped_name(above, _MAX_HEADING)}\n" if heading and above else ""
    before, after = f"-# {texts.CUT_BEFORE}\n", f"\n-# {texts.CUT_AFTER}"
    text = part.of(article.text)
    start, end = max(quote.start, part.start) - part.start, min(quote.end, part.end) - part.start
    highlights = [Span(start, end)] if start < end else []
    available = max_units - utf16_length(line)
    shown = excerpt(text, highlights, available)
    if shown != Span(0, len(text)):
        shown = excerpt(text, highlights, available - utf16_length(before) - utf16_length(after))
    shown_highlights = [Span(span.start - shown.start, span.end - shown.start) for span in highlights]
    block = block_quote(shown.of(text), shown_highlights)
    return f"{line}{before if shown.start else ''}{block}{after if shown.end < len(text) else ''}"
