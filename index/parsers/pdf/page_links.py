"""Read the link annotations of a PDF (ISO 32000-1, 12.5.6.5), and find their words in the rows of the text."""

from __future__ import annotations

import ctypes
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
from rapidfuzz.distance import Postfix, Prefix

from index.models import Link
from index.parsers.document import Row
from index.text.link_addresses import MAX_ADDRESS, link_address

_MAX_LINKS: Final = 2_000  # of a page
_MAX_CHARACTERS: Final = 200_000  # of a page
_MAX_QUADS: Final = 50  # lines of one link
_AROUND: Final = 40  # letters before and after the words
_ENOUGH: Final = 3  # letters around the words that must be the same
_DISTINCT: Final = 12  # letters of words that are found once, whatever is around them
_MAX_PLACES: Final = 200  # of the same words on a page


class PrintedLink(NamedTuple):
    """A link on a page: its words and what stands around them, all as letters and digits alone, and its address."""

    page: int
    before: str
    words: str
    after: str
    address: str


_Place = tuple[str, int, int]  # a letter or digit, the number of its row, and its offset there


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float


def page_links(pdf: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, number: int) -> list[PrintedLink]:
    """Return the links of a page to web and mail addresses; `number` is the page number, from 1."""
    boxes = list(_boxes(pdf, page))
    if not boxes:
        return []
    letters, middles = _letters(page.get_textpage())
    by_height = sorted(range(len(letters)), key=lambda at: middles[at][1])
    heights = [middles[at][1] for at in by_height]
    found: list[PrintedLink] = []
    for box, address in boxes:
        rows = by_height[bisect_left(heights, box.bottom) : bisect_right(heights, box.top)]
        inside = sorted(at for at in rows if box.left <= middles[at][0] <= box.right)
        for first, last in _runs(inside):
            before, words = letters[max(0, first - _AROUND) : first], letters[first : last + 1]
            after = letters[last + 1 : last + 1 + _AROUND]
            found.append(PrintedLink(number, "".join(before), "".join(words), "".join(after), address))
    return found


def with_links(rows: Sequence[Row], links: Sequence[PrintedLink]) -> list[Row]:
    """Return the rows of a PDF with the links whose words they have; words are whole words."""
    by_page: defaultdict[int, list[PrintedLink]] = defaultdict(list)
    for link in links:
        by_page[link.page].append(link)
    spans: defaultdict[int, list[Link]] = defaultdict(list)
    written: defaultdict[int, list[_Place]] = defaultdict(list)
    for number, row in enumerate(rows):
        for page, start, end in _parts(row):
            written[page] += _places(row.text, number, start, end) if page in by_page else ()
    for page, own in by_page.items():
        places = written[page]
        key = "".join(char for char, _, _ in places)
        for link in own:
            start = _find(key, link)
            for number, first, last in _by_row(places[start : start + len(link.words)] if start >= 0 else []):
                spans[number].append(_whole_words(rows[number].text, first, last, link.address))
    return [
        replace(row, links=tuple(_merged(row.text, spans[number]))) if number in spans else row
        for number, row in enumerate(rows)
    ]


def _boxes(pdf: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> Iterator[tuple[_Box, str]]:
    """Yield the boxes of each link, one for a line, and its address."""
    at, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    for _ in range(_MAX_LINKS):
        if not pdfium.FPDFLink_Enumerate(page, at, link):
            break
        if address := _address(pdf, link):
            yield from ((box, address) for box in _link_boxes(link))


def _address(pdf: pypdfium2.PdfDocument, link: Any) -> str | None:
    action = pdfium.FPDFLink_GetAction(link)
    if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
        return None
    size = pdfium.FPDFAction_GetURIPath(pdf, action, None, 0)
    if not 1 < size <= 4 * MAX_ADDRESS:
        return None
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAction_GetURIPath(pdf, action, buffer, size)
    return link_address(buffer.value.decode("utf-8", "replace"))


def _link_boxes(link: Any) -> Iterator[_Box]:
    points = pdfium.FS_QUADPOINTSF()
    count = min(pdfium.FPDFLink_CountQuadPoints(link), _MAX_QUADS)
    for at in range(count):
        if pdfium.FPDFLink_GetQuadPoints(link, at, points):
            xs = (points.x1, points.x2, points.x3, points.x4)
            ys = (points.y1, points.y2, points.y3, points.y4)
            yield _Box(min(xs), min(ys), max(xs), max(ys))
    rectangle = pdfium.FS_RECTF()
    if not count and pdfium.FPDFLink_GetAnnotRect(link, rectangle):
        left, right = sorted((rectangle.left, rectangle.right))
        bottom, top = sorted((rectangle.bottom, rectangle.top))
        yield _Box(left, bottom, right, top)


def _letters(textpage: pypdfium2.PdfTextPage) -> tuple[list[str], list[tuple[float, float]]]:
    """Return the letters and digits of a page in the order of its text, and the middle of each."""
    letters: list[str] = []
    middles: list[tuple[float, float]] = []
    box = pdfium.FS_RECTF()
    for at in range(min(textpage.count_chars(), _MAX_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(textpage, at)
        found = _key(chr(code)) if 0 < code <= 0x10FFFF else ""
        if found and pdfium.FPDFText_GetLooseCharBox(textpage, at, box):
            letters += found
            middles += [((box.left + box.right) / 2, (box.bottom + box.top) / 2)] * len(found)
    return letters, middles


def _key(char: str) -> str:
    """Return the letters and digits that a character stands for, such as the two of a ligature."""
    normal = char if char.isascii() else unicodedata.normalize("NFKC", char)
    return "".join(filter(str.isalnum, normal))


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of numbers that follow each other."""
    starts = [at for at in range(len(numbers)) if not at or numbers[at] != numbers[at - 1] + 1]
    yield from ((numbers[start], numbers[end - 1]) for start, end in pairwise([*starts, len(numbers)]))


def _parts(row: Row) -> Iterator[tuple[int, int, int]]:
    """Yield the pages that a row is on, with the offsets at which its part on that page begins and ends."""
    pages = [row.page, *(page for _, page in row.turns)]
    edges = [0, *(offset for offset, _ in row.turns), len(row.text)]
    yield from ((page, *edge) for page, edge in zip(pages, pairwise(edges), strict=True))


def _places(text: str, number: int, start: int, end: int) -> Iterator[_Place]:
    """Yield each letter or digit of a part of a row."""
    for offset in range(start, end):
        for char in _key(text[offset]):
            yield char, number, offset


def _find(key: str, link: PrintedLink) -> int:
    """Return where the words of a link are among the letters of its page, -1 if that is not certain."""
    scores: list[tuple[int, int]] = []
    at = key.find(link.words)
    while at >= 0 and len(scores) < _MAX_PLACES:
        end = at + len(link.words)
        before = Postfix.similarity(link.before, key[max(0, at - _AROUND) : at])
        scores.append((before + Prefix.similarity(link.after, key[end : end + _AROUND]), -at))
        at = key.find(link.words, at + 1)
    if not scores:
        return -1
    best, place = max(scores)
    enough = best >= min(_ENOUGH, len(link.before) + len(link.after))
    return -place if enough or (len(scores) == 1 and len(link.words) >= _DISTINCT) else -1


def _by_row(places: Sequence[_Place]) -> Iterator[tuple[int, int, int]]:
    """Yield the rows that letters are in, each with the offsets of the first and the last one."""
    rows: dict[int, tuple[int, int]] = {}
    for _, number, offset in places:
        first, _ = rows.get(number, (offset, offset))
        rows[number] = first, offset
    yield from ((number, first, last) for number, (first, last) in rows.items())


def _whole_words(text: str, first: int, last: int, address: str) -> Link:
    while first and text[first - 1].isalnum():
        first -= 1
    end = last + 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return Link(first, end, address)


def _merged(text: str, links: Sequence[Link]) -> Iterator[Link]:
    """Yield the links of a row in order; parts of one link, such as those on two lines, are one."""
    last: Link | None = None
    for link in sorted(links):
        if last is not None and link.address == last.address and not any(map(str.isalnum, text[last.end : link.start])):
            last = Link(last.start, max(last.end, link.end), last.address)
            continue
        if last is not None:
            yield last
        last = link
    if last is not None:
        yield last
