"""Find the tables whose cells have borders, and put each in the place of its text as one piece."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from index.parsers.pdf.close_cells import parted_at
from index.parsers.pdf.columns import lines_of, text_of
from index.parsers.pdf.line_hyphens import join_lines
from index.parsers.pdf.merged_cells import CROSSING, Place, merged_cells
from index.parsers.pdf.pieces import Piece
from index.parsers.pdf.ruled_columns import with_column_rulings
from index.parsers.pdf.ruled_rows import with_row_rulings
from index.parsers.pdf.rulings import Grid
from index.parsers.pdf.table_rows import unfolded

_MAX_CELL: Final = 1500  # characters; a grid with a longer cell frames the page
_MIN_CELLS: Final = 3  # with text
_MIN_FILLED: Final = 0.25  # share of the cells


def with_ruled_tables(pieces: Sequence[Piece], grids: Sequence[Grid]) -> list[Piece]:
    """Return the pieces of a page; those in the cells of a grid are one piece with `cells`."""
    found = list(pieces)
    for lines in sorted(grids, key=lambda grid: len(grid.xs) * len(grid.ys), reverse=True):
        grid = with_row_rulings(with_column_rulings(lines, found), found)
        added = {ruling.at for ruling in grid.rulings if ruling.vertical} - {ruling.at for ruling in lines.rulings}
        placed: defaultdict[Place, list[Piece]] = defaultdict(list)
        sources = [piece for piece in found if _place(piece, grid) is not None]
        for source in sources:
            for piece in parted_at(source, [(x, x) for x in added]):
                for place in _places(piece, grid, added):
                    placed[place].append(piece)
        table = _table(placed, grid)
        if table is not None:
            inside = set(map(id, sources))
            first = next(n for n, piece in enumerate(found) if id(piece) in inside)
            found[first:first] = [table]
            found = [piece for piece in found if id(piece) not in inside]
    return found


def _place(piece: Piece, grid: Grid) -> Place | None:
    """Return the row and column of the cell in which the middle of a piece is, or None."""
    if piece.cells:
        return None
    x, y = _middle(piece)
    if not (grid.xs[0] <= x <= grid.xs[-1] and grid.ys[-1] <= y <= grid.ys[0]):
        return None
    row = sum(y < border for border in grid.ys[1:-1])
    column = sum(x > border for border in grid.xs[1:-1])
    return row, column


def _places(piece: Piece, grid: Grid, added: Container[float]) -> Iterator[Place]:
    """Yield the place of a piece, and those over which it also stands and that no drawn line separates."""
    place = _place(piece, grid)
    if place is None:
        return
    row, column = place
    yield place
    if piece.turned:
        return
    for n in range(column, 0, -1):
        if grid.xs[n] not in added or piece.left > grid.xs[n] - CROSSING:
            break
        yield row, n - 1
    for n in range(column + 1, len(grid.xs) - 1):
        if grid.xs[n] not in added or piece.right < grid.xs[n] + CROSSING:
            break
        yield row, n


def _middle(piece: Piece) -> tuple[float, float]:
    """Return the middle of a piece, also if its text is turned, as the names of narrow columns are."""
    along, across = (piece.left + piece.right) / 2, piece.middle
    return ((along, across), (-across, along), (-along, -across), (across, -along))[piece.turned]


def _table(placed: dict[Place, list[Piece]], grid: Grid) -> Piece | None:
    """Return the piece of a table, or None if the grid is no table."""
    rows, columns = len(grid.ys) - 1, len(grid.xs) - 1
    merged = merged_cells(grid, placed)
    texts, bold = _texts(merged, placed)
    if any(len(text) > _MAX_CELL for text in texts.values()):
        return None
    filled = [
        row
        for row in range(rows)
        if any(texts[row, column] for column in range(columns))
        and not all((row - 1, column) in merged[row, column] for column in range(columns))
    ]
    used = [column for column in range(columns) if any(texts[row, column] for row in filled)]
    count = sum(bool(texts[group[0]]) for group in set(merged.values()))
    enough = count >= max(_MIN_CELLS, _MIN_FILLED * len(filled) * len(used))
    if min(len(filled), len(used)) < 2 or not enough:
        return None
    cells = tuple(unfolded([tuple(texts[row, column] for column in used) for row in filled]))
    is_bold = [all(bold[row, column] for column in used if texts[row, column]) for row in filled]
    first = next((p for each in placed.values() for p in each if not p.turned), None)
    if first is None:
        return None
    return replace(
        first,
        text=" ".join(text for row in cells for text in row if text),
        left=grid.xs[0],
        right=grid.xs[-1],
        base=grid.ys[0] - first.size,
        bold=False,
        monospaced=False,
        cells=cells,
        has_head=is_bold[0] and not all(is_bold),
    )


def _texts(
    merged: Mapping[Place, tuple[Place, ...]], placed: Mapping[Place, list[Piece]]
) -> tuple[dict[Place, str], dict[Place, bool]]:
    """Return the text of each cell, at all places that it stands over, and whether it is bold."""
    texts: dict[Place, str] = {}
    bold: dict[Place, bool] = {}
    for group in set(merged.values()):
        inside = list({id(piece): piece for place in group for piece in placed.get(place, ())}.values())
        text = _cell_text(inside)
        for place in group:
            texts[place] = text
            bold[place] = bool(inside) and all(piece.bold for piece in inside)
    return texts, bold


def _cell_text(pieces: Sequence[Piece]) -> str:
    text = ""
    turns = sorted({piece.turned for piece in pieces})
    for line in (line for turned in turns for line in lines_of(p for p in pieces if p.turned == turned)):
        below = text_of(line)
        text = join_lines(text, below, Counter())[0] if text else below
    return text
