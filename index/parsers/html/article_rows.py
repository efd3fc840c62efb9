"""Find the rows of a page that trafilatura considers its article."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

from lxml.html import HtmlElement

from index.parsers.document import Row
from index.parsers.html.to_text import Origin
from index.text.blocks import TERMINAL, fenced_ranges

_MARKER = re.compile(r"\A *(?:- |\d{1,6}\. )")
_WINDOW = 50_000  # characters; how far from the last match the next one is looked for
_NEAR = 2_000  # characters; the same for a key that may be at several places
_COVERED = 0.5  # share of a row
_LINKED, _TEASER = 0.3, 0.6  # share of a row in links; with more it is no sentence, or only a link
_LONG = 250  # code points; a longer row is not only a link
_SENTENCE, _WORDS = 60, 8  # code points and words of the shortest row that counts as prose
_CERTAIN = 2  # the doubt about what tags and roles call boilerplate
_ITEM_LINKED = 0.5  # share of a row of a table or list in links; with more it is one of a list of links
_MOST, _SOME = 0.5, 0.25  # share of the sentences of a page
_SMALL_PAGE = 2_000  # code points; on a smaller page the markup alone decides
_MORE = 5  # how many times as much prose the page's own markup must leave, to be followed instead
_SHORT = 200  # code points
_MOST_BLOCKS = 3_000  # of a page that jusText looks at: its time grows with their square
_DOUBTFUL = 2  # times as much prose or text on one side: the two ways to find the article disagree
_UNSURE = 500  # characters
_PIECE = 40  # characters; the pieces in which a line is looked for that is not found whole


def judge(root: HtmlElement, *, thorough: bool = False) -> str:
    """Return the article of a page as trafilatura extracts it, without formatting.

    `thorough` compares it with what two other algorithms find, which doubles the time.
    """
    trafilatura = import_module("trafilatura")  # takes a second: not before the first page
    huge = sum(1 for _ in root.iter("p", "div", "li", "td", "br")) > _MOST_BLOCKS
    return trafilatura.extract(root, include_comments=False, fast=huge or not thorough) or ""


def missing_lines(judged: str, rows: Sequence[Row]) -> float:
    """Return the share of the sentences of an extracted text, from 0 to 1, that are not in the rows of its page."""
    page = "\n".join(row.text for row in rows)
    lines = [line.strip()[-_SENTENCE:] for line in judged.split("\n") if len(line) >= 2 * _SENTENCE]
    return sum(line not in page for line in lines) / max(1, len(lines))


def select(judged: str, thorough: Callable[[], str], rows: Sequence[Row], origins: Sequence[Origin]) -> set[int]:
    """Return the indices of the rows that belong to the article of a page.

    `judged` is the text that `judge` extracts, `thorough` returns the one that it extracts with more effort: it is
    called if the first one differs much from what the page's own markup calls the article. What the extracted text
    leaves out is added where the page's markup and text call for it.
    """
    own = _own_rows(rows, origins)
    if sum(len(row.text) for row in rows) < _SMALL_PAGE:
        return own
    prose = _Prose(rows, origins)
    found = _extracted(judged, rows, origins)
    size = prose.size(found)
    if prose.size(own) > _DOUBTFUL * size + _SHORT or len(judged) > _DOUBTFUL * size + _UNSURE:
        found = _extracted(thorough(), rows, origins)
    found -= {n for n in found if origins[n].doubt == _CERTAIN and not prose.has(n)}
    if not found or prose.size(own) > _MORE * prose.size(found) + _SHORT:
        return own
    found |= prose.lead(found) | prose.between(found)
    return found | prose.structure(found)


def _extracted(text: str, rows: Sequence[Row], origins: Sequence[Origin]) -> set[int]:
    """Return the rows of which an extracted text has the greater part, without links to other pages."""
    shares = _Alignment(rows).shares(text)
    return {n for n, share in enumerate(shares) if share >= _COVERED and not _is_teaser(rows[n], origins[n])}


def _own_rows(rows: Sequence[Row], origins: Sequence[Origin]) -> set[int]:
    """Return the rows of the article according to the page's markup alone."""
    own = {n for n, row in enumerate(rows) if row.text and not origins[n].doubt}
    unnamed = {n for n, row in enumerate(rows) if row.text and origins[n].doubt < _CERTAIN}
    prose = _Prose(rows, origins)
    inside = {n for n in own if origins[n].landmark}
    if prose.size(own) < _MOST * prose.size(unnamed) and prose.size(inside) < _SOME * prose.size(unnamed):
        return {n for n in unnamed if origins[n].linked < _ITEM_LINKED}
    return inside if inside and prose.size(inside) >= _MOST * prose.size(own) else own


class _Prose:
    """The rows of a page that are sentences rather than labels and links."""

    def __init__(self, rows: Sequence[Row], origins: Sequence[Origin]) -> None:
        self._rows, self._origins = rows, origins
        self._prose = {n for n, row in enumerate(rows) if origins[n].linked < _LINKED and _is_prose(row)}
        counts = Counter(rows[n].text for n in self._prose)
        self._once = {n for n in self._prose if counts[rows[n].text] == 1}  # captions and teasers repeat

    def size(self, numbers: set[int]) -> int:
        """Return the number of code points in sentences."""
        return sum(len(self._rows[n].text) for n in numbers & self._prose)

    def has(self, number: int) -> bool:
        """Return whether a row is prose."""
        return number in self._prose

    def lead(self, found: set[int]) -> set[int]:
        """Return the sentences between the title and the first row found."""
        return self._undoubted(range(self._title(found), min(found))) & self._once

    def between(self, found: set[int]) -> set[int]:
        """Return the sentences between two rows found."""
        return self._undoubted(range(min(found), max(found))) & self._once

    def structure(self, found: set[int]) -> set[int]:
        """Return the tables, lists and code near the rows found, and the headings above these."""
        last = max(found)
        following = next((n for n in range(last + 1, len(self._rows)) if self._rows[n].text), last)
        parts = {n for n in self._undoubted(range(min(found), last)) if self._is_part(n)}
        parts |= {n for n in self._undoubted(range(self._title(found), min(found))) if self._is_item(n)}
        for first, end in fenced_ranges([row.text for row in self._rows]):
            if (end > min(found) and first < last) or first == following or found & set(range(first, end)):
                parts |= self._undoubted(range(first, end))
        below = None
        for number in sorted(self._undoubted(range(len(self._rows))) | found, reverse=True):
            if self._rows[number].level and self._origins[number].linked < 1 and below in found | parts:
                parts.add(number)
            below = number
        return parts

    def _title(self, found: set[int]) -> int:
        """Return the last title before the rows found, else the first of them."""
        titles = [n for n in range(min(found)) if self._rows[n].level == 1 and not self._origins[n].doubt]
        return titles[-1] if titles else min(found)

    def _is_part(self, number: int) -> bool:
        """Return whether a row is that of a table or an item of a list, and not only a link."""
        text = self._rows[number].text
        listed = text.startswith("|") or _MARKER.match(text) is not None
        return listed and self._origins[number].linked < _ITEM_LINKED

    def _is_item(self, number: int) -> bool:
        """Return whether a row is that of a table or an item of a list, and neither a sentence nor a link."""
        return self._is_part(number) and number not in self._prose and not self._origins[number].linked

    def _undoubted(self, numbers: Iterable[int]) -> set[int]:
        return {n for n in numbers if self._rows[n].text and not self._origins[n].doubt}


def _is_prose(row: Row) -> bool:
    text = row.text.rstrip()
    return not row.level and len(text) >= _SENTENCE and bool(TERMINAL.search(text)) and len(text.split()) >= _WORDS


def _is_teaser(row: Row, origin: Origin) -> bool:
    """Return whether a row by itself is a link to another page."""
    plain = not row.level and not _MARKER.match(row.text) and not row.text.startswith("|")
    return plain and origin.linked >= _TEASER and len(row.text) < _LONG


class _Alignment:
    """Finds lines of an extracted text in the rows of its page, by their letters and digits."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._keys = [_key(row.text) for row in rows]
        self._starts: list[int] = []
        self._whole: dict[str, list[int]] = {}  # where rows with this key start
        at = 0
        for key in self._keys:
            self._starts.append(at)
            self._whole.setdefault(key, []).append(at)
            at += len(key)
        self._page = "".join(self._keys)
        self._covered = bytearray(at)
        self._at = 0  # where the last match ends

    def shares(self, text: str) -> list[float]:
        """Return for each row the share of it that lines of `text` cover."""
        for line in text.split("\n"):
            key = _key(line)
            if key and not self._cover(key):
                for first in range(0, len(key), _PIECE):
                    self._cover(key[first : first + _PIECE], _PIECE // 2)
        return [
            sum(self._covered[start : start + len(key)]) / len(key) if key else 0.0
            for start, key in zip(self._starts, self._keys, strict=True)
        ]

    def _cover(self, key: str, shortest: int = 0) -> bool:
        """Mark the place of a key as covered. Return False if it is not found, or shorter than `shortest`."""
        found = self._find(key) if len(key) >= shortest else -1
        if found < 0:
            return False
        self._covered[found : found + len(key)] = b"\1" * len(key)
        if len(key) >= _PIECE or found - self._at < _NEAR:
            self._at = found + len(key)
        return True

    def _find(self, key: str) -> int:
        """Return where a key is in the page: a whole row, else a part; after the last match, else before it; or -1."""
        rows = self._whole.get(key, [])
        if rows:
            following = bisect_left(rows, self._at)
            near = following < len(rows) and rows[following] - self._at < _WINDOW
            return rows[following] if near else min(rows, key=lambda row: abs(row - self._at))
        ahead = _WINDOW if len(key) > _PIECE else _NEAR
        found = self._page.find(key, self._at, self._at + ahead + len(key))
        if found < 0 and len(key) > _PIECE // 2:
            found = self._page.find(key, max(0, self._at - _WINDOW), self._at + _WINDOW)
        return found


def _key(text: str) -> str:
    """Return the letters and digits of a line, without the marker of a list item."""
    text = _MARKER.sub("", text, count=1)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, text))
