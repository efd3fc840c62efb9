"""Find the tables that have lines only above, below and between rows, and put each in the place of its text.

The first of at least three lines of one width begins the head of such a table, the second its rows, the last ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from index.parsers.pdf.close_cells import parted_at, parted_loosely
from index.parsers.pdf.columns import Line, lines_of
from index.parsers.pdf.pieces import Piece
from index.parsers.pdf.ruled_columns import persistent_gaps
from index.parsers.pdf.rulings import Ruling, joined
from index.parsers.pdf.table_rows import WIDE, Columns, table_rows, unfolded

_ALIKE: Final = 3.0  # points: ends of lines that differ less are at one place, and lines that close are one
_OVER: Final = 2.0  # points: text may reach so far beyond the lines
_WIDE: Final = 0.6  # share of the width: text that is wider is no cell
_FEW: Final = 0.25  # share of the lines of a table that may be so wide
_WIDE_IN_HEAD: Final = 0.3  # times the font size: a space between names, if it is at the gap between two columns
_WIDE_IN_BODY: Final = 0.5  # the same below the head
_SPACE: Final = 0.3  # times the font size: the width of a space
_WORDS: Final = 3  # of a line of running text, at least
_PARAGRAPH: Final = 8  # lines of running text; more are no cell
_MAX_HEADS: Final = 8  # lines
_UNDER: Final = 1.0  # times the font size: how far below a name the line over its columns is
Band = list[Line]


def with_open_tables(pieces: Sequence[Piece], rulings: Sequence[Ruling]) -> list[Piece]:
    """Return the pieces of a page; those between the lines of a table are one piece with `cells`."""
    found = list(pieces)
    level = joined([ruling for ruling in rulings if not ruling.vertical])
    upright = [ruling for ruling in rulings if ruling.vertical]
    for group in _alike(level):
        for borders in _tables(group, found):
            if not any(_is_inside(ruling, borders) for ruling in upright):
                found = _with_table(found, borders, level)
    return found


def _alike(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    """Return the lines of one width below each other, from top to bottom; only groups of at least three."""
    groups: list[list[Ruling]] = []
    for ruling in sorted(rulings, key=lambda each: -each.at):
        for group in groups:
            first = group[0]
            if abs(first.start - ruling.start) <= _ALIKE and abs(first.end - ruling.end) <= _ALIKE:
                if group[-1].at - ruling.at > _ALIKE:
                    group.append(ruling)
                break
        else:
            groups.append([ruling])
    return [group for group in groups if len(group) > 2]


def _is_inside(upright: Ruling, borders: Sequence[Ruling]) -> bool:
    """Return whether a vertical line is between the first and last line of a table: its cells have borders."""
    top, bottom = borders[0].at, borders[-1].at
    inside = borders[0].start + _ALIKE < upright.at < borders[0].end - _ALIKE
    return inside and upright.start < top - _ALIKE and upright.end > bottom + _ALIKE


def _tables(group: Sequence[Ruling], pieces: Sequence[Piece]) -> Iterator[list[Ruling]]:
    """Yield the neighbouring lines of a group that have cells of the same columns between them."""
    borders = list(pairwise(group))
    bands = [_band(above, below, pieces) for above, below in borders]
    at = 0
    while at + 1 < len(bands):
        end = at + 1
        gaps = _gaps([*bands[at], *bands[end]])
        if gaps and _has_cells(bands[at], group[at], 0) and _has_cells(bands[end], group[at], _FEW):
            end += 1
            while end < len(bands) and _has_cells(bands[end], group[at], _FEW) and _fits(bands[end], gaps):
                end += 1
            yield list(group[at : end + 1])
        at = end


def _gaps(lines: Sequence[Line]) -> list[tuple[float, float, float]]:
    """Return the gaps between the columns of a table, as `persistent_gaps` does."""
    return persistent_gaps([tuple(part for piece in line for part in parted_loosely(piece)) for line in lines])


def _fits(band: Band, gaps: Sequence[tuple[float, float, float]]) -> bool:
    """Return whether most lines of a band have no text over the gaps between columns."""
    crossing = [
        any(sum(part.left < x < part.right for *_, x in gaps) > 1 for piece in line for part in parted_loosely(piece))
        for line in band
    ]
    return sum(crossing) <= _FEW * len(band)


def _band(above: Ruling, below: Ruling, pieces: Sequence[Piece]) -> Band:
    """Return the lines of text between two lines."""
    inside = [p for p in pieces if not p.turned and below.at < p.middle < above.at and _is_over(p, above)]
    return lines_of(inside)


def _is_over(piece: Piece, ruling: Ruling) -> bool:
    return ruling.start < (piece.left + piece.right) / 2 < ruling.end


def _has_cells(band: Band, border: Ruling, few: float) -> bool:
    """Return whether the text between two lines may be cells: parted, and neither wide nor beyond their ends.

    `few` is the share of its lines that may be wide.
    """
    width = border.end - border.start
    pieces = [piece for line in band for piece in line]
    if any(piece.cells or piece.left < border.start - _OVER or piece.right > border.end + _OVER for piece in pieces):
        return False
    parts = [[part for piece in line for part in parted_loosely(piece)] for line in band]
    wide = sum(any(part.right - part.left > _WIDE * width for part in line) for line in parts)
    return any(len(line) > 1 for line in parts) and wide <= few * len(band)


def _with_table(pieces: list[Piece], borders: Sequence[Ruling], level: Sequence[Ruling]) -> list[Piece]:
    """Return the pieces with those between the borders as one table, if they are one."""
    bands = [_band(above, below, pieces) for above, below in pairwise(borders)]
    lines = [line for band in bands for line in band]
    gaps = _gaps(lines)
    edges = [(start, end) for start, end, _ in gaps]
    wide = [_WIDE_IN_HEAD, *(_WIDE_IN_BODY for _ in bands[1:])]
    bands = [
        [tuple(part for piece in line for part in parted_at(piece, edges, least)) for line in band]
        for band, least in zip(bands, wide, strict=True)
    ]
    columns = list(pairwise([borders[0].start, *(place for *_, place in gaps), borders[0].end]))
    if len(columns) < 2 or len(bands[0]) > _MAX_HEADS or not _are_close(bands[0]):
        return pieces
    if max(map(_longest_paragraph, _by_column(bands, columns))) > _PARAGRAPH:
        return pieces
    heads = [_widened(line, level, columns) for line in bands[0]]
    body = [line for band in bands[1:] for line in band]
    if not body:
        return pieces
    rows = unfolded(table_rows([*heads, *body], columns, len(heads), parted=True))
    inside = {id(piece) for line in lines for piece in line}
    at = next(n for n, piece in enumerate(pieces) if id(piece) in inside)
    table = replace(
        lines[0][0],
        text=" ".join(text for row in rows for text in row if text),
        left=borders[0].start,
        right=borders[0].end,
        bold=False,
        monospaced=False,
        spaces=(),
        cells=tuple(rows),
        has_head=True,
    )
    return [*(p for p in pieces[:at] if id(p) not in inside), table, *(p for p in pieces[at:] if id(p) not in inside)]


def _are_close(lines: Sequence[Line]) -> bool:
    """Return whether lines are near to each other, as those of a head are."""
    return all(above[0].base - line[0].base <= WIDE * line[0].size for above, line in pairwise(lines))


def _by_column(bands: Sequence[Band], columns: Columns) -> Iterator[list[Piece]]:
    """Yield the text of each column below the head."""
    pieces = [piece for band in bands[1:] for line in band for piece in line]
    for start, end in columns:
        yield [piece for piece in pieces if start < (piece.left + piece.right) / 2 < end]


def _longest_paragraph(pieces: Sequence[Piece]) -> int:
    """Return how many lines of running text follow each other: each ends where the next word has no room."""
    lines = [line[0] for line in lines_of(pieces)]
    width = max((line.right - line.left for line in lines), default=0.0)
    longest = run = 1
    for above, line in pairwise(lines):
        words = line.text.split(" ")
        first = (line.right - line.left) * len(words[0]) / len(line.text)
        is_forced = above.right - above.left + _SPACE * line.size + first < width
        run = run + 1 if len(words) >= _WORDS and not is_forced else 1
        longest = max(longest, run)
    return longest


def _widened(line: Line, level: Sequence[Ruling], columns: Columns) -> Line:
    """Return the names of columns; one with a line below it stands over all columns of that line."""
    found: list[Piece] = []
    for piece in line:
        under = [
            ruling
            for ruling in level
            if 0 < piece.base - ruling.at <= _UNDER * piece.size
            and ruling.start < piece.left + _ALIKE
            and piece.right < ruling.end + _ALIKE
            and not any(ruling.start < each.right and each.left < ruling.end for each in line if each is not piece)
        ]
        named = [column for column in columns if under and under[0].start < sum(column) / 2 < under[0].end]
        found += [replace(piece, left=named[0][0] + 1, right=named[-1][1] - 1) if named else piece]
    return tuple(found)
