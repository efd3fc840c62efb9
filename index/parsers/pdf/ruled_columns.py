"""Add the lines between the columns of a table where some columns have no rulings between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Final

from index.parsers.pdf.close_cells import parted_loosely
from index.parsers.pdf.columns import Line, lines_of
from index.parsers.pdf.pieces import MARKER, Piece
from index.parsers.pdf.rulings import Grid, Ruling

_MIN_LINES: Final = 3  # of text with a gap at one place
_PARTED: Final = 0.5  # share of the lines with that gap
_GAP: Final = 0.3  # times the font size: the narrowest gap, in all lines
_WALL: Final = 0.5  # share of the rows of a grid
_FILLED: Final = 0.2  # share of the lines with text in a column
_CROSSED: Final = 0.25  # share of the lines, such as names over several columns, that may cross it


def with_column_rulings(grid: Grid, pieces: Sequence[Piece]) -> Grid:
    """Return a grid with a vertical line in each gap that persists over the lines between two rulings."""
    xs, rulings = list(grid.xs), list(grid.rulings)
    inside = [p for p in pieces if not p.turned and not p.cells and grid.ys[-1] < p.middle < grid.ys[0]]
    for left, right in pairwise(_walls(grid)):
        column = [piece for piece in inside if left < (piece.left + piece.right) / 2 < right]
        lines = lines_of(part for piece in column for part in parted_loosely(piece))
        for start, end, middle in persistent_gaps(lines):
            x = next((x for x in grid.xs if start <= x <= end), middle)
            xs += [] if x in grid.xs else [x]
            rulings += _rulings(lines, x, grid)
    return replace(grid, xs=tuple(sorted(xs)), rulings=tuple(rulings))


def _walls(grid: Grid) -> list[float]:
    """Return the places of the edges of a grid, and of the vertical lines beside at least half of its rows."""
    middles = [(top + bottom) / 2 for top, bottom in pairwise(grid.ys)]
    inner = [
        x
        for x in grid.xs[1:-1]
        if sum(grid.separates(vertical=True, at=x, middle=y) for y in middles) >= _WALL * len(middles)
    ]
    return [grid.xs[0], *inner, grid.xs[-1]]


def persistent_gaps(lines: Sequence[Line]) -> list[tuple[float, float, float]]:
    """Return the gaps at which most of the lines are parted and which few of them cross.

    Each is given as its edges and the place in it that the fewest lines cross.
    """
    if len(lines) < _MIN_LINES:
        return []
    size = median(piece.size for line in lines for piece in line)
    edges = sorted({edge for line in lines for piece in line for edge in (piece.left, piece.right)})
    found: list[tuple[float, float, float]] = []
    gap: list[tuple[int, float, float]] = []  # neighbouring strips, with how many lines cross each
    for start, end in [*pairwise(edges), (edges[-1], edges[-1])]:
        crossing = sum(is_crossed(line, (start + end) / 2) for line in lines)
        if start < end and crossing <= _CROSSED * len(lines):
            gap.append((crossing, start, end))
            continue
        if gap and gap[-1][2] - gap[0][1] >= _GAP * size:
            best = min(gap, key=lambda strip: (strip[0], strip[1] - strip[2]))
            found.append((gap[0][1], gap[-1][2], (best[1] + best[2]) / 2))
        gap = []
    enough = max(_MIN_LINES, _PARTED * len(lines))
    return _with_columns(lines, [g for g in found if _parted(lines, g[2]) >= enough and not _marks(lines, g[2])])


def _with_columns(lines: Sequence[Line], gaps: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Return the gaps that have text between them in several lines; of two that have none, the wider one."""
    least = max(_MIN_LINES - 1, _FILLED * len(lines))
    number = 1
    while number < len(gaps):
        (_, left, _), (right, _, _) = gaps[number - 1 : number + 1]
        filled = sum(any(left <= piece.left and piece.right <= right for piece in line) for line in lines)
        if filled >= least:
            number += 1
            continue
        narrow = min(gaps[number - 1 : number + 1], key=lambda gap: gap[1] - gap[0])
        gaps.remove(narrow)
        number = max(1, number - 1)
    return gaps


def _parted(lines: Sequence[Line], x: float) -> int:
    """Return how many lines have text on both sides of a place, and none over it."""
    return sum(line[0].right <= x <= line[-1].left and not is_crossed(line, x) for line in lines)


def _marks(lines: Sequence[Line], x: float) -> bool:
    """Return whether all text left of a place is the marks of list items."""
    return all(MARKER.fullmatch(piece.text) for line in lines for piece in line if piece.right <= x)


def is_crossed(line: Line, x: float) -> bool:
    """Return whether a piece of a line stands over a place."""
    return any(piece.left < x < piece.right for piece in line)


def _rulings(lines: Sequence[Line], x: float, grid: Grid) -> list[Ruling]:
    """Return a vertical line at a place in each row, unless its text only crosses that."""
    found: list[Ruling] = []
    borders = [y for y in grid.ys if grid.separates(vertical=False, at=y, middle=x)]
    for top, bottom in pairwise(sorted({grid.ys[0], *borders, grid.ys[-1]}, reverse=True)):
        row = [line for line in lines if bottom < line[0].middle < top]
        if _parted(row, x) or not any(is_crossed(line, x) for line in row):
            found.append(Ruling(vertical=True, at=x, start=bottom, end=top))
    return found
