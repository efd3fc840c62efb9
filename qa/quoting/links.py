"""Links to the place: the address of an article's source, with what leads a browser to the quoted words there.

A page of a PDF has a number, a web page takes a text fragment (https://wicg.github.io/scroll-to-text-fragment/). A
browser that knows neither opens the source at its beginning; one that does not find the words any more does the same,
so an old link never points at other words.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from index.sources.http.addresses import is_address

if TYPE_CHECKING:
    from index.models import Article

_WORDS: Final = 6  # from each end of a quotation that is too long, or stands on several lines
_WHOLE: Final = 150  # characters of a percent-encoded quotation that is looked for as a whole
_END: Final = 100  # likewise of one end
_AROUND: Final = (3, 6, 10)  # words before a quotation that tell it from an earlier one
_NEAR: Final = 500  # characters before a quotation in which they are looked for
# Sources that no browser shows as text that could be searched.
_NO_TEXT: Final = re.compile(r"\.(?:docx?|odt|odp|pptx?|rtf|epub|zip|srt|vtt|csv|tsv|xlsx?)$", re.IGNORECASE)
_MESSAGE: Final = re.compile(r"https://(?:\w+\.)?discord\.com/channels/")
_MARKER: Final = re.compile(r"^(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>+)\s+")
_MARKS: Final = frozenset("|`*[]#_\\~")  # may be markup of ours or of the source, which the page does not show


def addresses_in(source: str) -> list[str]:
    """Return the web addresses of an article's source, which may be several."""
    return [part for part in source.split(", ") if is_address(part)]


def address_in(source: str) -> str:
    """Return the first web address of a source; empty where there is none."""
    return next(iter(addresses_in(source)), "")


def link_to(article: Article, start: int, end: int) -> str:
    """Return the address at which `start:end` of an article stands, as near as its source allows; or nothing."""
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
    """Return the text directive of a quotation: whole, or its first and its last words, told from earlier ones."""
    rows = [row for row in text[start:end].splitlines() if _longest(row)]
    if not rows:
        return ""
    sought = _longest(rows[0])
    if len(rows) > 1 or len(_encoded(sought)) > _WHOLE:
        last = _edge(_longest(rows[-1]), at_end=True)
        sought = _edge(sought)
        parts = [_encoded(sought), _encoded(last)]
    else:
        parts = [_encoded(sought)]
    if not all(parts):
        return ""
    earlier = _spaced(text[:start])
    if _spaced(sought) not in earlier:
        return ",".join(parts)
    before = _last_stretch(text[:start]) if _bare(rows[0]).startswith(sought) else []
    for count in _AROUND:
        prefix = " ".join(before[-count:])
        if prefix and _spaced(f"{prefix} {sought}") not in earlier:
            return ",".join([f"{_encoded(prefix)}-", *parts])
    return ""  # nothing would lead there for certain


def _bare(line: str) -> str:
    """Return a line in single spaces, without the marker of a list, heading or block quote."""
    return " ".join(_MARKER.sub("", line.strip(), count=1).split())


def _longest(line: str) -> str:
    """Return the longest stretch of a line that a page shows as it is written."""
    stretches: list[list[str]] = [[]]
    for word in _bare(line).split():
        if _MARKS.isdisjoint(word):
            stretches[-1].append(word)
        else:
            stretches.append([])
    return max((" ".join(stretch) for stretch in stretches), key=len)


def _last_stretch(text: str) -> list[str]:
    """Return the words at the end of a text, back to the beginning of their line or the last mark."""
    line = next((bare for row in reversed(text[-_NEAR:].splitlines()) if (bare := _bare(row))), "")
    return list(takewhile(_MARKS.isdisjoint, reversed(line.split())))[::-1]


def _edge(row: str, *, at_end: bool = False) -> str:
    """Return some words of one end of a line, as many as may be."""
    words = row.split()
    pieces = (" ".join(words[-count:] if at_end else words[:count]) for count in range(_WORDS, 0, -1))
    return next((piece for piece in pieces if len(_encoded(piece)) <= _END), "")


def _spaced(text: str) -> str:
    """Return a text as a browser compares it: case and the kind of white space do not count."""
    return " ".join(text.casefold().split())


def _encoded(text: str) -> str:
    """Percent-encode what is sought; a hyphen, an ampersand and a comma have a meaning of their own there."""
    return quote(text, safe="").replace("-", "%2D")
