"""Find the tables among the lines of a column: lines whose pieces stand below each other in columns of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from index.parsers.pdf.columns import Line, merged_intervals
from index.parsers.pdf.pieces import CAPTION, MARKER, Piece, is_number
from index.parsers.pdf.table_rows import WIDE, Columns, line_cells, spanned, table_rows, unfolded

_MIN_ROWS: Final = 3  # of a table with two columns; one with more needs two rows
_MAX_SPACING: Final = 4.5  # times the font size, between the lines of a table
_NEAR: Final = 1.45  # times the font size: lines of one cell
_CLOSE: Final = 0.1  # times the font size: the narrowest gap between columns, in all lines of a table
_KEPT_COLUMNS: Final = 0.6  # share of the pieces of the widest line that must remain columns of their own
_MIN_FURTHER: Final = 3  # cells of a row that stands apart from its table
_MAX_LINES: Final = 300  # of a table on one page
_MANY: Final = 5  # lines, from which names that stand over several columns are looked for
_HEADS: Final = 2  # first lines, in which they are looked for
_MAX_HEADS: Final = 6  # the same above numbers
_NUMBERS: Final = 0.5  # share of the cells of a table of numbers
_LONGEST_NAME: Final = 60  # code points


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, each with its cells; `has_head` says whether the first row is the names of the columns."""

    rows: tuple[tuple[str, ...], ...]
    has_head: bool
    page: int


def with_tables(lines: Sequence[Line]) -> Iterator[Line | Table]:
    """Yield the lines of a column in order, those of each table as one table."""
    at = 0
    known: Sequence[tuple[float, float]] = ()  # the columns of the table above
    ends: dict[int, int] = {}
    while at < len(lines):
        for piece in lines[at]:
            if piece.cells:
                yield Table(piece.cells, piece.has_head, piece.page)
        if any(piece.cells for piece in lines[at]):
            if rest := tuple(piece for piece in lines[at] if not piece.cells):
                yield rest
            at += 1
            continue
        end, heads = _whole_table(lines, at, ends)
        if end:
            known, heads = _columns(lines[at:end], heads)
            yield _table(lines[at:end], known, heads)
            at = end
            continue
        if _is_further_row(lines[at], known):
            yield Table((tuple(line_cells(lines[at], known)),), has_head=False, page=lines[at][0].page)
        else:
            yield lines[at]
        at += 1


def _whole_table(lines: Sequence[Line], first: int, ends: dict[int, int]) -> tuple[int, int]:
    """Return where the table that begins with line `first` ends, or 0 if none does, and how many names it begins with.

    Names that stand over several columns are no table of their own. `ends` are those found so far.
    """
    end = _known_end(lines, first, ends)
    for start in range(first + 1, min(len(lines), first + _MAX_HEADS + 1)):
        if not _is_head(lines, start - 1):
            break
        later = _known_end(lines, start, ends)
        if later > end and later - start >= _MANY and _are_heads(lines[first:start], lines[start:later]):
            return later, start - first
    return end, 0


def _known_end(lines: Sequence[Line], first: int, ends: dict[int, int]) -> int:
    if first not in ends:
        ends[first] = _table_end(lines, first)
    return ends[first]


def _is_head(lines: Sequence[Line], number: int) -> bool:
    """Return whether a line may be names of columns, just above the next one."""
    line, below = lines[number], lines[number + 1]
    if _is_code(line) or any(piece.cells or len(piece.text) > _LONGEST_NAME for piece in line):
        return False
    return 0 < line[0].base - below[0].base <= WIDE * max(line[0].size, below[0].size)


def _are_heads(heads: Sequence[Line], body: Sequence[Line]) -> bool:
    """Return whether lines have only names of the columns of the table below: no name is over the first and others."""
    columns = merged_intervals((piece for line in body for piece in line), _CLOSE)
    start, end = columns[0][0], columns[-1][1]
    widest = 0
    for line in heads:
        places = [spanned(piece, columns) for piece in line]
        if any(not each or (each[0] == 0 and len(each) > 1) for each in places) or places == [[0]]:
            return False
        if any(p.left < start - p.size or p.right > end + p.size or CAPTION.match(p.text) for p in line):
            return False
        widest = max(widest, *map(len, places))
    return len(columns) > 2 and widest > 1 and _has_numbers(body)


def _has_numbers(lines: Sequence[Line]) -> bool:
    """Return whether most cells after the first of each line are numbers."""
    cells = [piece.text for line in lines for piece in line[1:]]
    return sum(map(is_number, cells)) > _NUMBERS * len(cells)


def _table_end(lines: Sequence[Line], first: int) -> int:
    """Return where the table that begins with line `first` ends, or 0 if none does."""
    if len(lines[first]) < 2 or _is_code(lines[first]):
        return 0
    pieces = list(lines[first])
    widest, end, rows = len(lines[first]), first + 1, 1
    for number in range(first + 1, min(len(lines), first + _MAX_LINES)):
        line, above = lines[number], lines[number - 1]
        spacing = (above[0].base - line[0].base) / max(above[0].size, line[0].size)
        if spacing > _MAX_SPACING or _is_code(line) or any(piece.cells for piece in line):
            break
        columns = merged_intervals([*pieces, *line], _CLOSE)
        widest = max(widest, len(line))
        if len(columns) < max(2, _KEPT_COLUMNS * widest):
            break
        many = rows >= _MIN_ROWS and len(columns) >= _MIN_ROWS
        before = merged_intervals(pieces, _CLOSE)
        in_cell = _is_in_cell(line[0], before, spacing, with_labels=many)
        if len(line) == 1 and not in_cell and not (many and _begins_name(line[0], before, lines[number + 1 :])):
            break
        pieces += line
        if len(line) > 1 or number == end:
            end, rows = number + 1, rows + (len(line) > 1)
    columns = merged_intervals((piece for line in lines[first:end] for piece in line), _CLOSE)
    enough = rows >= (_MIN_ROWS if len(columns) == 2 else 2)
    return end if enough and not _is_list(lines[first:end], columns) else 0


def _is_further_row(line: Line, columns: Sequence[tuple[float, float]]) -> bool:
    """Return whether a single line is one more row of a table that other text has interrupted."""
    if len(line) < _MIN_FURTHER or len(line) < _KEPT_COLUMNS * len(columns) or _is_code(line):
        return False
    starts = [min(columns, key=lambda column: abs(column[0] - piece.left), default=None) for piece in line]
    near = [start is not None and abs(start[0] - p.left) <= p.size for start, p in zip(starts, line, strict=True)]
    return all(near) and len(set(starts)) == len(line)


def _is_code(line: Line) -> bool:
    return all(piece.monospaced for piece in line)


def _is_in_cell(piece: Piece, columns: Sequence[tuple[float, float]], spacing: float, *, with_labels: bool) -> bool:
    """Return whether a piece alone in its line continues a cell: it is in one column, and not wider than that one.

    `with_labels` is whether it may also be the name of a group of rows, in the first column.
    """
    over = [(start, end) for start, end in columns if start < piece.right and piece.left < end]
    if len(over) != 1:
        return False
    if spacing > (WIDE if over[0] != columns[0] else _MAX_SPACING if with_labels else _NEAR):
        return False
    start, end = over[0]
    return start - piece.size <= piece.left and piece.right <= end + piece.size


def _begins_name(piece: Piece, columns: Columns, following: Sequence[Line]) -> bool:
    """Return whether a piece is the first line of a row's name, and the next line has the other cells of the row."""
    if not following or piece.left > columns[0][1] or piece.right > columns[1][0] - _CLOSE * piece.size:
        return False
    below = following[0]
    near = piece.base - below[0].base <= _NEAR * piece.size
    return near and len(below) > 1 and below[-1].left > columns[0][1]


def _is_list(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> bool:
    """Return whether the first of two columns has only list markers, or the second only numbers of equations."""
    if len(columns) != 2:
        return False
    firsts = [line[0].text.strip() for line in lines if line[0].left < columns[0][1]]
    return sum(MARKER.fullmatch(text) is not None for text in firsts) >= 0.8 * len(firsts)


def _table(lines: Sequence[Line], columns: Columns, heads: int) -> Table:
    rows = unfolded(table_rows(lines, columns, heads))
    bold = [all(piece.bold for piece in line) for line in lines]
    has_head = len(rows) > 1 and ((bold[0] and not all(bold)) or heads > 1)
    return Table(tuple(rows), has_head, lines[0][0].page)


def _columns(lines: Sequence[Line], heads: int) -> tuple[list[tuple[float, float]], int]:
    """Return the columns of a table, and how many of its first lines name them together (0 if that is not clear).

    A name over several columns, in one of the first lines, makes them no single column. `heads` is how many lines are
    known to be such names.
    """
    everything = [piece for line in lines for piece in line]
    columns = merged_intervals(everything, _CLOSE)
    if len(lines) < _MANY:
        return columns, 0
    most = _MAX_HEADS if _has_numbers(lines) else _HEADS
    bodies = {
        n: merged_intervals((piece for line in lines[n:] for piece in line), _CLOSE)
        for n in range(heads or 1, max(heads, min(most, len(lines) - _MIN_ROWS)) + 1)
    }
    first = max(bodies, key=lambda n: (len(bodies[n]), -n), default=0)
    over = {id(p) for line in lines[:first] for p in line if len(spanned(p, bodies[first])) > 1}
    kept = merged_intervals((piece for piece in everything if id(piece) not in over), _CLOSE)
    if len(kept) <= len(columns):
        return columns, heads and heads + 1
    last = max(n for n, line in enumerate(lines[:first]) if any(id(piece) in over for piece in line))
    heads = max(heads, last + 1)
    while heads < first and len(lines[heads]) < len(kept) / 2:
        heads += 1
    return kept, heads + 1
