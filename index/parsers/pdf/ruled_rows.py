"""Add the lines between the rows of a table whose columns alone are ruled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from index.parsers.pdf.columns import Line, lines_of
from index.parsers.pdf.pieces import Piece
from index.parsers.pdf.rulings import Grid, Ruling

_MIN_LINES: Final = 4  # of text between two rulings; cells seldom have more
_NUMBERS: Final = 0.5  # share of the pieces that have digits
_FILLED: Final = 0.5  # share of the columns with text where a row begins


def with_row_rulings(grid: Grid, pieces: Sequence[Piece]) -> Grid:
    """Return a grid with a horizontal line above each line of numbers that no ruling separates from the one before."""
    found: list[float] = []
    for top, bottom in _bands(grid):
        inside = [p for p in pieces if not p.turned and bottom < p.middle < top and grid.xs[0] < p.left < grid.xs[-1]]
        lines = lines_of(inside)
        numbers = [any(map(str.isdigit, piece.text)) for piece in inside]
        if len(lines) < _MIN_LINES or sum(numbers) < _NUMBERS * len(numbers):
            continue
        full = [len(_columns(line, grid)) >= max(2, _FILLED * (len(grid.xs) - 1)) for line in lines]
        found += [
            (above[0].base + line[0].base + line[0].size) / 2
            for (above, line), begins in zip(pairwise(lines), full[1:], strict=True)
            if begins
        ]
    rulings = [Ruling(vertical=False, at=at, start=grid.xs[0], end=grid.xs[-1]) for at in found]
    return replace(
        grid,
        ys=tuple(sorted({*grid.ys, *found}, reverse=True)),
        rulings=(*grid.rulings, *rulings),
    )


def _bands(grid: Grid) -> list[tuple[float, float]]:
    """Return the top and bottom of each strip between horizontal lines that part at least two columns."""
    borders = [
        y
        for y in grid.ys
        if sum(grid.separates(vertical=False, at=y, middle=(one + other) / 2) for one, other in pairwise(grid.xs)) > 1
    ]
    return list(pairwise(borders))


def _columns(line: Line, grid: Grid) -> set[int]:
    return {sum(border < (piece.left + piece.right) / 2 for border in grid.xs[1:-1]) for piece in line}
