"""Links to a quote in its source: `#page=` for a PDF, a text fragment for a web page.

Text fragments: https://wicg.github.io/scroll-to-text-fragment/. A browser that does not support them, or does not find
the words any more, opens the source at its beginning, so an outdated link never points to other words.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from index.sources.http.addresses import is_address

if TYPE_CHECKING:
    from index.models import Article

_EDGE_WORDS: Final = 6  # from each end of a quote that is too long or spans several lines
_MAX_WHOLE: Final = 150  # characters, percent-encoded, of a quote that is searched for as a whole
_MAX_EDGE: Final = 100  # the same for one end
_PREFIX_WORDS: Final = (3, 6, 10)  # words of context before a quote, to distinguish it from earlier places
_PREFIX_CHARACTERS: Final = 500  # characters before a quote from which the context is taken
# Files that browsers do not show as text.
_NO_TEXT: Final = re.compile(r"\.(?:docx?|odt|odp|pptx?|rtf|epub|zip|srt|vtt|csv|tsv|xlsx?)$", re.IGNORECASE)
_MESSAGE: Final = re.compile(r"https://(?:\w+\.)?discord\.com/channels/")
_MARKER: Final = re.compile(r"^(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>+)\s+")
_MARKUP: Final = frozenset("|`*[]#_\\~")  # may be markup, which the page does not show


def addresses_in(source: str) -> list[str]:
    """Return the web addresses in an article's `source`, which may list several sources."""
    return [part for part in source.split(", ") if is_address(part)]


def address_in(source: str) -> str:
    """Return the first web address in an article's `source`, empty if there is none."""
    return next(iter(addresses_in(source)), "")


def link_to(article: Article, start: int, end: int) -> str:
    """Return the most precise address of `start:end` of an article in its source; empty if the source has none."""
    address = address_in(article.source)
    if not address or _MESSAGE.match(address):
        return address
    page = article.page(start)
    path = urlsplit(address).path
    if page and not _NO_TEXT.search(path):
        return address if "#" in address else f"{address}#page={page}"
    directive = "" if page or article.times or _NO_TEXT.search(path) else _directive(article.text, start, end)
    if not directive:
        return address
    return f"{address}{'' if '#' in address else '#'}:~:text={directive}"


def _directive(text: str, start: int, end: int) -> str:
    """Return the text directive of a quote: all of it, or its first and last words, with context before it if needed.

    Empty if no directive would be certain to lead to the quote.
    """
    rows = [row for row in text[start:end].splitlines() if _longest_plain_stretch(row)]
    if not rows:
        return ""
    sought = _longest_plain_stretch(rows[0])
    if len(rows) > 1 or len(_encoded(sought)) > _MAX_WHOLE:
        last = _edge_words(_longest_plain_stretch(rows[-1]), at_end=True)
        sought = _edge_words(sought)
        parts = [_encoded(sought), _encoded(last)]
    else:
        parts = [_encoded(sought)]
    if not all(parts):
        return ""
    earlier = _normalized(text[:start])
    if _normalized(sought) not in earlier:
        return ",".join(parts)
    before = _last_stretch(text[:start]) if _without_marker(rows[0]).startswith(sought) else []
    for count in _PREFIX_WORDS:
        prefix = " ".join(before[-count:])
        if prefix and _normalized(f"{prefix} {sought}") not in earlier:
            return ",".join([f"{_encoded(prefix)}-", *parts])
    return ""  # every directive would match an earlier place


def _without_marker(line: str) -> str:
    """Return a line with single spaces, without the marker of a list, heading or block quote."""
    return " ".join(_MARKER.sub("", line.strip(), count=1).split())


def _longest_plain_stretch(line: str) -> str:
    """Return the longest stretch of a line without markup, which a page shows as written."""
    stretches: list[list[str]] = [[]]
    for word in _without_marker(line).split():
        if _MARKUP.isdisjoint(word):
            stretches[-1].append(word)
        else:
            stretches.append([])
    return max((" ".join(stretch) for stretch in stretches), key=len)


def _last_stretch(text: str) -> list[str]:
    """Return the last words of a text, back to the start of their line or the last markup in it."""
    line = next(
        (bare for row in reversed(text[-_PREFIX_CHARACTERS:].splitlines()) if (bare := _without_marker(row))), ""
    )
    return list(takewhile(_MARKUP.isdisjoint, reversed(line.split())))[::-1]


def _edge_words(row: str, *, at_end: bool = False) -> str:
    """Return the first or last words of a line, as many as the limits allow."""
    words = row.split()
    pieces = (" ".join(words[-count:] if at_end else words[:count]) for count in range(_EDGE_WORDS, 0, -1))
    return next((piece for piece in pieces if len(_encoded(piece)) <= _MAX_EDGE), "")


def _normalized(text: str) -> str:
    """Return a text as browsers compare it, ignoring case and the kind of white space."""
    return " ".join(text.casefold().split())


def _encoded(text: str) -> str:
    """Percent-encode a part of a directive, including "-", "&" and ",", which have a meaning there."""
    return quote(text, safe="").replace("-", "%2D")
