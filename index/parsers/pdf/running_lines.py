"""Remove the running heads and feet of a PDF: what the pages repeat at their top or bottom, and page numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from index.parsers.pdf.columns import Line, lines_of, text_of
from index.parsers.pdf.pieces import Piece

_EDGE: Final = 3  # lines at the top and at the bottom of a page that may be running heads and feet
_REPEATED: Final = 3  # pages that must begin or end alike
_FEW: Final = 4  # lines: a page with fewer, such as a slide, loses only what most pages repeat
_LARGER: Final = 1.12  # times the font size of the body: a heading
_LINE_SPACING: Final = 1.55  # times the font size: lines further apart are not of one paragraph
_HEIGHT: Final = 3.0  # points: running lines of several pages differ less in height
_NUMBER: Final = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER: Final = re.compile(
    r"(?i)[-–—|\[(\s]*+(?:(?:page|seite|p\.|página|pagina|strona)\s*+)?(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*+(?:/|of|von|sur|de|di|van)\s*+\d{1,4})?[-–—|\])\s]*+"
)


def without_running_lines(pages: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Return the pieces of each page without running heads, feet and page numbers."""
    body = body_size([piece for pieces in pages for piece in pieces])
    lines = [lines_of(_upright(pieces)) for pieces in pages]
    full = [len(page) >= _FEW for page in lines]
    removed: set[int] = set()
    for _ in range(_EDGE):
        for place in (0, -1):
            running = _running(lines, place, body, full)
            removed.update(id(piece) for number in running for piece in lines[number][place])
            for number in running:
                del lines[number][place]
    return [[piece for piece in pieces if id(piece) not in removed] for pieces in pages]


def _upright(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces that are turned like most of the page's text."""
    counts = Counter[int]()
    for piece in pieces:
        counts[piece.turned] += len(piece.text)
    most = max(counts, key=counts.__getitem__, default=0)
    return [piece for piece in pieces if piece.turned == most]


def body_size(pieces: Sequence[Piece]) -> float:
    """Return the font size in points of most of the text."""
    sizes = Counter[float]()
    for piece in pieces:
        sizes[piece.size] += len(piece.text)
    return max(sizes, key=sizes.__getitem__, default=0.0)


def _running(pages: Sequence[list[Line]], place: int, body: float, full: Sequence[bool]) -> list[int]:
    """Return the pages whose first (`place` 0) or last (-1) line is a running one."""
    alike = Counter(_placed(_pattern(lines[place]), lines[place]) for lines in pages if lines)
    equal = Counter(_placed(text_of(lines[place]), lines[place]) for lines in pages if lines)
    numbered = _numbered(pages, place)

    def is_running(number: int) -> bool:
        lines = pages[number]
        line = lines[place]
        if len(lines) < 2 or max(line, key=lambda piece: len(piece.text)).size > _LARGER * body:
            return False
        text = text_of(line)
        if _PAGE_NUMBER.fullmatch(text) and any(map(str.isalnum, text)):
            return _is_set_apart(lines, place) or number in numbered
        same = _count(alike, _pattern(line), line)
        identical = _count(equal, text, line)
        if not full[number]:
            return same >= max(_REPEATED, len(pages) / 2)
        repeated = same >= _REPEATED or identical == len(pages) == 2
        is_everywhere = identical >= max(_REPEATED, len(pages) / 2)
        return (repeated or number in numbered) and (is_everywhere or _is_set_apart(lines, place))

    return [number for number, lines in enumerate(pages) if lines and is_running(number)]


def _placed(text: str, line: Line) -> tuple[str, int]:
    """Return a text with the height of its line, in steps of `_HEIGHT`."""
    return text, round(line[0].base / _HEIGHT)


def _count(counts: Counter[tuple[str, int]], text: str, line: Line) -> int:
    """Return how many pages have a text at about the height of a line."""
    _, height = _placed(text, line)
    return sum(counts[text, height + by] for by in (-1, 0, 1))


def _numbered(pages: Sequence[list[Line]], place: int) -> set[int]:
    """Return the pages whose first or last line, at one height, begins or ends with a number that counts the pages."""
    found: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for number, lines in enumerate(pages):
        if lines:
            text = text_of(lines[place])
            for match in (re.match(r"\d{1,4}\b", text), re.search(r"\b\d{1,4}$", text)):
                if match:
                    found[int(match[0]) - number, round(lines[place][0].base / _HEIGHT)].add(number)
    return {number for numbers in found.values() if len(numbers) >= _REPEATED for number in numbers}


def _is_set_apart(lines: Sequence[Line], place: int) -> bool:
    """Return whether the first or last line is further from its neighbour than lines of a paragraph."""
    one, other = (lines[0], lines[1]) if place == 0 else (lines[-2], lines[-1])
    size = max(one[0].size, other[0].size)
    alike = size <= _LARGER * min(one[0].size, other[0].size)
    return not alike or one[0].base - other[0].base > _LINE_SPACING * size


def _pattern(line: Line) -> str:
    """Return the text of a line with its numbers replaced: the same for the running lines of all pages."""
    return _NUMBER.sub("#", text_of(line))
