"""The sources of an answer, as plain values: every article that says a quotation, with date, place and link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from cogs.ui.answer_card import MAX_TEXT, Card, Colour, line_of
from cogs.ui.escape import link, units
from i18n import texts
from index.models import Article, Span
from qa.outcome import Quote
from qa.quoting.links import addresses_in
from qa.quoting.quotes import quote_span
from storage.models import StoredQuote

_MOST_ADDRESSES: Final = 5  # of one article, which several sources may have brought
_MAX_ADDRESS: Final = 150

Find = Callable[[str, int], Article | None]


def entries(quotes: Sequence[StoredQuote], find: Find) -> list[str]:
    """Return a line for every place where these quotes stand; `find` gives an article of a library."""
    lines = []
    for number, kept in enumerate(quotes, 1):
        heading = f"**{texts.QUOTATION.format(number=number)}**"
        quote = kept.quote(find(kept.library, kept.article_id))
        if quote is None:
            lines.append(f"{heading}\n-# {texts.SOURCE_CHANGED}")
            continue
        lines.append(f"{heading}\n{_entry(quote)}")
        for place in kept.also_in:
            article = find(place.library, place.article_id)
            if article is not None:
                lines.append(_entry(quote_span(place.library, article, Span(place.start, place.end), (), 0.0)))
    return lines


def pages_of(lines: Sequence[str]) -> list[Card]:
    """Return the pages that show these lines, each as full as a message may be."""
    pages: list[list[str]] = [[]]
    room = MAX_TEXT - units(texts.SOURCES_HEADING) - 200
    for line in lines:
        if pages[-1] and sum(units(other) + 1 for other in pages[-1]) + units(line) > room:
            pages.append([])
        pages[-1].append(line)
    footer = [f"-# {texts.SOURCES_FOOTER.format(page=page, pages=len(pages))}" for page in range(1, len(pages) + 1)]
    return [
        Card(Colour.READING, texts.SOURCES_HEADING, "\n".join(page), (), below)
        for page, below in zip(pages, footer, strict=True)
    ]


def _entry(quote: Quote) -> str:
    """Return the line of one article: as below its quotation, with all addresses that it has."""
    others = (link(texts.OPEN, address) for address in addresses_in(quote.source)[1:] if len(address) <= _MAX_ADDRESS)
    return ", ".join([line_of(quote), *[other for other in others if other][: _MOST_ADDRESSES - 1]])
