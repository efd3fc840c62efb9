"""Find which places of a grid are one cell: those that no line separates, unless their text shows several cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from index.parsers.pdf.pieces import Piece
from index.parsers.pdf.rulings import Grid

_MANY_ROWS: Final = 5  # a cell that spans so many rows has its text in fewer of them
_FILLED: Final = 0.8  # share of its rows
CROSSING: Final = 2.0  # points: text that reaches further over a border crosses it
Place = tuple[int, int]  # row and column


def merged_cells(grid: Grid, placed: Mapping[Place, Sequence[Piece]]) -> dict[Place, tuple[Place, ...]]:
    """Return for each place of the grid all places of its cell; `placed` is the text of each place."""
    groups = _unseparated(grid)
    return {place: group for each in set(groups.values()) for group in _cells(each, grid, placed) for place in group}


def _unseparated(grid: Grid) -> dict[Place, tuple[Place, ...]]:
    """Return for each place those that no line separates from it."""
    rows, columns = len(grid.ys) - 1, len(grid.xs) - 1
    groups: dict[Place, tuple[Place, ...]] = {(r, c): ((r, c),) for r in range(rows) for c in range(columns)}

    def merge(one: Place, other: Place) -> None:
        if groups[one] is not groups[other]:
            joined = groups[one] + groups[other]
            for place in joined:
                groups[place] = joined

    for row in range(rows):
        for column in range(columns):
            y = (grid.ys[row] + grid.ys[row + 1]) / 2
            x = (grid.xs[column] + grid.xs[column + 1]) / 2
            if column + 1 < columns and not grid.separates(vertical=True, at=grid.xs[column + 1], middle=y):
                merge((row, column), (row, column + 1))
            if row + 1 < rows and not grid.separates(vertical=False, at=grid.ys[row + 1], middle=x):
                merge((row, column), (row + 1, column))
    return groups


def _cells(
    group: tuple[Place, ...], grid: Grid, placed: Mapping[Place, Sequence[Piece]]
) -> Iterator[tuple[Place, ...]]:
    """Yield a group, or its parts: columns with text of their own, and rows of a column that nearly all have text."""
    filled = {place for place in group if placed.get(place)}
    columns = {column for _, column in group}
    if len({column for _, column in filled}) > 1 and not any(
        piece.left < grid.xs[border] - CROSSING and piece.right > grid.xs[border] + CROSSING
        for place in filled
        for piece in placed[place]
        for border in range(min(columns) + 1, max(columns) + 1)
        if not piece.turned
    ):
        by_column: defaultdict[int, list[Place]] = defaultdict(list)
        for place in group:
            by_column[place[1]].append(place)
        parts = [tuple(part) for part in by_column.values()]
    else:
        parts = [group]
    for part in parts:
        is_column = len({column for _, column in part}) == 1
        if is_column and len(part) >= _MANY_ROWS and len(filled & set(part)) >= _FILLED * len(part):
            yield from ((place,) for place in part)
        else:
            yield part
