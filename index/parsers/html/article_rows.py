"""Find the rows of a page that trafilatura considers its article."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from lxml.html import HtmlElement
from trafilatura import extract

from index.parsers.document import Row

_MARKER = re.compile(r" *(?:- |\d{1,6}\. )")
_WINDOW = 20_000  # characters; how far ahead of the last match the next one is looked for
_PIECE = 40  # characters; the pieces in which a line is looked for that is not found whole


def coverage(root: HtmlElement, rows: Sequence[Row]) -> list[float]:
    """Return for each row the share of its letters and digits that trafilatura's article has."""
    keys = [_key(_MARKER.sub("", row.text, count=1)) for row in rows]
    starts = [0]
    for key in keys:
        starts.append(starts[-1] + len(key))
    covered = _covered("".join(keys), _judged(root))
    return [
        sum(covered[start : start + len(key)]) / len(key) if key else 0.0
        for start, key in zip(starts, keys, strict=False)
    ]


def _judged(root: HtmlElement) -> list[str]:
    """Return the lines of the article according to trafilatura."""
    return (extract(root, include_comments=False) or "").split("\n")


def _covered(page: str, lines: Sequence[str]) -> bytearray:
    """Return one byte for each character of a page: 1 if it is part of the lines, which are in the page's order."""
    covered = bytearray(len(page))
    at = 0
    for line in lines:
        key = _key(_MARKER.sub("", line, count=1))
        if not key:
            continue
        found = _find(page, key, at)
        if found >= 0:
            covered[found : found + len(key)] = b"\1" * len(key)
            at = found + len(key)
            continue
        for first in range(0, len(key), _PIECE):
            piece = key[first : first + _PIECE]
            found = page.find(piece, at, at + _WINDOW) if len(piece) > _PIECE // 2 else -1
            if found >= 0:
                covered[found : found + len(piece)] = b"\1" * len(piece)
                at = found + len(piece)
    return covered


def _find(page: str, key: str, at: int) -> int:
    """Return where a key is in the page, first after `at`, then anywhere if it is long; -1 if it is not found."""
    found = page.find(key, at, at + _WINDOW + len(key))
    return page.find(key, max(0, at - 5 * _WINDOW), at + 5 * _WINDOW) if found < 0 and len(key) > _PIECE else found


def _key(text: str) -> str:
    """Return the letters and digits of a text."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, text))
