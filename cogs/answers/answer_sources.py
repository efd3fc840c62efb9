"""Pages that list every article containing a quote of an answer, with date, place and links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from cogs.ui.answer_card import Card, Colour
from cogs.ui.captions import source_line
from cogs.ui.escape import link, utf16_length
from cogs.ui.limits import MAX_TEXT
from i18n import texts
from index.models import Article, Span
from qa.outcome import Quote
from qa.quoting.links import addresses_in
from qa.quoting.quotes import quote_span
from storage.stored_answers import StoredQuote

_MOST_ADDRESSES: Final = 5  # addresses of one article, which may have several sources
_MAX_ADDRESS: Final = 150
_FOOTER_UNITS: Final = 200  # UTF-16 units reserved for the footer

FindArticle = Callable[[str, int], Article | None]


def source_entries(quotes: Sequence[StoredQuote], find: FindArticle) -> list[str]:
    """Return an entry per article that contains one of the quotes; `find` returns an article by library and id."""
    entries = []
    for number, stored in enumerate(quotes, 1):
        heading = f"**{texts.QUOTATION.format(number=number)}**"
        quote = stored.quote(find(stored.library, stored.article_id))
        if quote is None:
            entries.append(f"{heading}\n-# {texts.SOURCE_CHANGED}")
            continue
        entries.append(f"{heading}\n{_entry(quote)}")
        for place in stored.also_in:
            article = find(place.library, place.article_id)
            if article is not None:
                entries.append(_entry(quote_span(place.library, article, Span(place.start, place.end), (), 0.0)))
    return entries


def source_pages(entries: Sequence[str]) -> list[Card]:
    """Distribute the entries over as few pages as the size of a message allows."""
    pages: list[list[str]] = [[]]
    available = MAX_TEXT - utf16_length(texts.SOURCES_HEADING) - _FOOTER_UNITS
    for entry in entries:
        if pages[-1] and sum(utf16_length(other) + 1 for other in pages[-1]) + utf16_length(entry) > available:
            pages.append([])
        pages[-1].append(entry)
    footers = [f"-# {texts.SOURCES_FOOTER.format(page=page, pages=len(pages))}" for page in range(1, len(pages) + 1)]
    return [
        Card(Colour.READING, texts.SOURCES_HEADING, "\n".join(page), (), footer)
        for page, footer in zip(pages, footers, strict=True)
    ]


def _entry(quote: Quote) -> str:
    """Return the entry of one article: its source line, and links to its other addresses."""
    others = (link(texts.OPEN, address) for address in addresses_in(quote.source)[1:] if len(address) <= _MAX_ADDRESS)
    return ", ".join([source_line(quote), *[other for other in others if other][: _MOST_ADDRESSES - 1]])
