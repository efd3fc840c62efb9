"""The printed lines of a PDF in the order of reading, each with the edges of its column; tables stand apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

from index.parsers.pdf.close_cells import with_parted_cells
from index.parsers.pdf.columns import Line, regions, text_of
from index.parsers.pdf.pieces import HYPHENS, Piece
from index.parsers.pdf.running_lines import body_size
from index.parsers.pdf.tables import Table, with_tables

LARGER: Final = 1.12  # times the font size: lines that differ less are of one size
_LINE_SPACING: Final = 1.55  # times the font size: a larger line spacing separates paragraphs
_WIDE_SPACING: Final = 2.6  # times the font size: the largest line spacing of a text
_MANY: Final = 5  # lines, from which the spacing of a column is known
_INITIAL: Final = 1.8  # times the body's font size: a single letter is the initial of a paragraph
_MAX_INITIALS: Final = 20  # of a page
_UNPRINTED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\ufeff\ufffe\uffff\ud800-\udfff]")
_HYPHEN: Final = re.compile(r"(?<=\w)[\ufffe\x02](?=\w|$)")
_LEADER: Final = re.compile(  # a line of a table of contents, with its dots
    r"(?<![.…·_])(?<![.…·_]\s)(?:\s?[.…·_]){5,}+\s*+(?:\d++|[ivxlc]++)?+$"
)


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One printed line. Positions, font size and line spacing are in points.

    Attributes:
        region: The number of its column in the document; `start` and `edge` are where that begins and ends.
        spacing: How far apart lines of one paragraph are at most.
    """

    text: str
    page: int
    left: float
    right: float
    base: float
    size: float
    bold: bool
    monospaced: bool
    region: int
    start: float
    edge: float
    spacing: float


def printed_lines(pages: Sequence[Sequence[Piece]]) -> Iterator[PrintedLine | Table]:
    """Yield the lines and tables of all pages, without those of tables of contents."""
    body = body_size([piece for pieces in pages for piece in pieces])
    number = 0
    for pieces in pages:
        for region in regions(_with_initials(pieces, body)):
            number += 1
            kept = [line for line in region if not _LEADER.search(text_of(line))]
            found = list(with_tables(with_parted_cells(kept)))
            lines = [each for each in found if not isinstance(each, Table)]
            sizes = [piece.size for line in lines for piece in line]
            usual = LARGER * median(sizes) if sizes else 0.0
            start = min((line[0].left for line in lines), default=0.0)
            edge = max((p.right for line in lines for p in line if p.size <= usual), default=0.0)
            spacing = _spacing(lines)
            for each in found:
                if isinstance(each, Table):
                    yield each
                elif (line := _printed(each, number, start, edge, spacing)).text.strip(HYPHENS):
                    yield line


def clean(text: str) -> str:
    """Return a line without control characters and with single spaces; a hyphen at its end is a plain one.

    What pdfium returns for such a hyphen is elsewhere a glyph without a meaning, unless it is in a word.
    """
    text = _HYPHEN.sub("-", text.rstrip())
    text = re.sub(r"[\ufffe\x02]", "\ufffd", text)
    return " ".join(_UNPRINTED.sub("", text).split())


def _printed(line: Line, region: int, start: float, edge: float, spacing: float) -> PrintedLine:
    size = max(line, key=lambda piece: len(piece.text)).size
    monospaced = all(piece.monospaced for piece in line)
    text = _spaced(line) if monospaced else text_of(line)
    ending = text[-1] if text[-1] in HYPHENS else ""
    text = _UNPRINTED.sub("", text).rstrip() if monospaced else clean(text[: -1 if ending else None])
    return PrintedLine(
        text + ending,
        line[0].page,
        line[0].left,
        max(piece.right for piece in line),
        line[0].base,
        size,
        all(piece.bold for piece in line),
        monospaced,
        region,
        start,
        edge,
        max(_LINE_SPACING * size, spacing),
    )


def _spaced(line: Line) -> str:
    """Return the pieces of a line of code with as many spaces between them as printed."""
    text = line[0].text
    for above, piece in pairwise(line):
        width = max(0.1, (piece.right - piece.left) / max(1, len(piece.text)))
        text += " " * max(1, min(40, round((piece.left - above.right) / width))) + piece.text
    return text


def _spacing(lines: Sequence[Line]) -> float:
    """Return the largest distance of lines in one paragraph where the lines of a column are set wide, else 0."""
    distances = [
        above[0].base - line[0].base for above, line in pairwise(lines) if abs(above[0].size - line[0].size) < 1
    ]
    if len(distances) < _MANY:
        return 0.0
    usual = median(distances)
    return 1.15 * usual if usual <= _WIDE_SPACING * lines[0][0].size else 0.0


def _with_initials(pieces: Sequence[Piece], body: float) -> list[Piece]:
    """Return the pieces with each large initial letter put before the line that it begins."""
    found = list(pieces)
    initials = [p for p in pieces if len(p.text) == 1 and p.text.isalpha() and p.size >= _INITIAL * body]
    for initial in initials[:_MAX_INITIALS]:
        beside = [
            n
            for n, piece in enumerate(found)
            if piece is not initial
            and 0 <= piece.left - initial.right + 2 <= initial.size
            and initial.base - 1 <= piece.base <= initial.base + initial.size
            and piece.size < initial.size / _INITIAL * LARGER
        ]
        if len(beside) > 1:
            first = max(beside, key=lambda n: found[n].base)
            found[first] = replace(found[first], text=initial.text + found[first].text)
            found = [piece for piece in found if piece is not initial]
    return found
