"""Join the printed lines of a table into rows: a row may have several lines, some of which fill only some cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from index.parsers.pdf.columns import Line
from index.parsers.pdf.pieces import Piece

WIDE: Final = 2.2  # times the font size: lines of one cell that are set wide
_NEAR: Final = 1.45  # times the font size: lines of one cell
_SPACE: Final = 0.2  # times the font size: the width of a space
_TIGHT: Final = 0.75  # share of the usual distance between rows: lines of one cell
_OVERLAP: Final = 0.15  # share of a piece that is over a further column
_COVERED: Final = 0.5  # share of a column that a piece covers
Columns = Sequence[tuple[float, float]]  # the left and right edge of each


def table_rows(lines: Sequence[Line], columns: Columns, heads: int, *, parted: bool = False) -> list[tuple[str, ...]]:
    """Return the cells of each row; the first `heads` lines are one row, if `parted` without those that follow."""
    cells = [line_cells(line, columns) for line in lines]
    usual = _usual_distance(lines, cells)
    named = _names_below(lines, cells, usual)
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        if not number or (parted and number == heads):
            begins = True
        elif number < heads or number - 1 in named:
            begins = False
        else:
            begins = number in named or not _continues(lines[number - 1], line, cells[number], columns, usual)
        if begins:
            rows.append(cells[number])
        else:
            rows[-1] = [f"{one} {other}".strip() for one, other in zip(rows[-1], cells[number], strict=True)]
    return [tuple(row) for row in rows]


def _usual_distance(lines: Sequence[Line], cells: Sequence[Sequence[str]]) -> float:
    """Return the distance between neighbouring lines that fill several cells, else that of these from any line."""
    several = [sum(map(bool, texts)) > 1 for texts in cells]
    distances = [above[0].base - line[0].base for above, line in pairwise(lines)]
    near = [distance for distance, pair in zip(distances, pairwise(several), strict=True) if all(pair)]
    near = near or [distance for distance, is_row in zip(distances, several[1:], strict=True) if is_row]
    return median(near) if near else 0.0


def _names_below(lines: Sequence[Line], cells: Sequence[Sequence[str]], usual: float) -> set[int]:
    """Return the lines that have only the beginning of a row's name: the other cells are in the next line.

    Such a line is nearer to the next one than rows are to each other, and nearer than to the one above.
    """
    found: set[int] = set()
    for number in range(len(lines) - 2, -1, -1):
        if not cells[number][0] or any(cells[number][1:]):
            continue
        below = lines[number][0].base - lines[number + 1][0].base
        above = lines[number - 1][0].base - lines[number][0].base if number else usual
        whole = any(cells[number + 1][1:]) or number + 1 in found
        if whole and below < _TIGHT * usual and below <= _NEAR * lines[number][0].size and below < above:
            found.add(number)
    return found


def _continues(above: Line, line: Line, cells: Sequence[str], columns: Columns, usual: float) -> bool:
    """Return whether a line belongs to the row of the line above it."""
    distance = above[0].base - line[0].base
    if distance <= _NEAR * line[0].size and not all(cells) and (not cells[0] or distance < _TIGHT * usual):
        return True
    return _goes_on(above, line, columns)


def _goes_on(above: Line, line: Line, columns: Columns) -> bool:
    """Return whether all pieces of a line continue the cells above: their first words had no room there.

    The first column has nothing in such a line.
    """
    if above[0].base - line[0].base > WIDE * line[0].size:
        return False
    for piece in line:
        place = spanned(piece, columns)
        start_of = [each for each in above if spanned(each, columns) == place]
        if place[:1] == [0] or len(place) != 1 or not start_of:
            return False
        word = len(piece.text.split(" ", 1)[0]) / len(piece.text) * (piece.right - piece.left)
        if start_of[-1].right + _SPACE * piece.size + word < columns[place[0]][1]:
            return False
    return True


def spanned(piece: Piece, columns: Columns) -> list[int]:
    """Return the columns over which a piece stands; those of which it only touches the edge do not count."""
    overlaps = [min(end, piece.right) - max(start, piece.left) for start, end in columns]
    most = max(overlaps, default=0.0)
    least = _OVERLAP * (piece.right - piece.left)
    return [
        n
        for n, (overlap, (start, end)) in enumerate(zip(overlaps, columns, strict=True))
        if overlap > 0 and (overlap == most or overlap > min(least, _COVERED * (end - start)))
    ]


def line_cells(line: Line, columns: Columns) -> list[str]:
    """Return the cells of a line; the text of one that spans several columns is repeated in each."""
    cells = [""] * len(columns)
    for piece in line:
        for at in spanned(piece, columns):
            cells[at] = f"{cells[at]} {piece.text}".strip()
    return cells


def unfolded(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the rows of a table; parts that stand beside each other, as its head repeats, are put below each other."""
    head = rows[0] if rows else ()
    for width in range(2, len(head) // 2 + 1):
        names = head[:width]
        if len(head) % width == 0 and names * (len(head) // width) == head and len({*names, ""}) == width + 1:
            parts = [row[at : at + width] for at in range(0, len(head), width) for row in rows[1:]]
            return [names, *(part for part in parts if any(part))]
    return list(rows)
