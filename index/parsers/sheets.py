"""The sheets of spreadsheets, and tables of CSV files, as rows of text: tables with their head, titles above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from index.parsers.document import Row
from index.parsers.linked_text import LinkedText, carried, joined, shifted
from index.parsers.table_heads import delimiter_row, is_value

_LONGEST_NAME: Final = 80  # code points; a longer cell is no name of a column
_NAMED: Final = 0.8  # of the cells of a head have a text
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, and the text of its cells row by row. Rows may be of different lengths."""

    name: str
    cells: Sequence[Sequence[LinkedText]]


def sheet_rows(sheets: Sequence[Sheet]) -> tuple[Row, ...]:
    """Return the tables of sheets. The name of a sheet is the heading above it if several sheets have text."""
    filled = [sheet for sheet in sheets if any(map(any, sheet.cells))]
    rows: list[Row] = []
    for sheet in filled:
        if len(filled) > 1 and sheet.name:
            rows += [Row(sheet.name, 1), Row("")]
        rows += _tables(sheet.cells)
    return tuple(rows)


def _tables(cells: Sequence[Sequence[LinkedText]]) -> Iterator[Row]:
    """Yield the tables of a sheet, which blank rows separate; a table's only cells in a row are text above it."""
    texts = [[_on_one_line(cell) for cell in row] for row in cells]
    used = sorted({column for row in texts for column, cell in enumerate(row) if cell})
    rows = [[row[column] if column < len(row) else LinkedText() for column in used] for row in texts]
    head: list[list[LinkedText]] = []  # a row that a blank one separates from the table below
    for has_text, run in groupby(rows, key=any):
        if has_text:
            table = list(run)
            if len(table) == 1 and _is_head(list(filter(None, table[0]))) and sum(map(bool, table[0])) > 1 and not head:
                head = table
                continue
            if head and not _has_columns(head[0], table[0]):
                yield from _table(head)
                head = []
            yield from _table([*head, *table])
            head = []
    if head:
        yield from _table(head)


def _on_one_line(cell: LinkedText) -> LinkedText:
    text = " ".join(cell.text.split())
    return LinkedText(text, carried(cell.text, cell.links, [text])[0] if cell.links else ())


def _has_columns(head: Sequence[LinkedText], row: Sequence[LinkedText]) -> bool:
    """Return whether a head names all columns of a row, which has several."""
    filled = [column for column, cell in enumerate(row) if cell]
    return len(filled) > 1 and all(head[column] for column in filled)


def _table(rows: list[list[LinkedText]]) -> Iterator[Row]:
    """Yield a table with its head, if its first row names the columns, and the lines of text above it."""
    first = next((n for n, row in enumerate(rows) if sum(map(bool, row)) > 1), len(rows))
    for row in rows[:first]:
        only = next(filter(None, row))
        yield from (Row(only.text, links=only.links), Row(""))
    table = rows[first:]
    if not table:
        return
    while all(not row[-1] for row in table):
        table = [row[:-1] for row in table]
    while all(not row[0] for row in table):
        table = [row[1:] for row in table]
    for number, row in enumerate(table):
        whole = joined(row, " | ")
        yield Row(f"| {whole.text} |", links=shifted(whole.links, 2))
        if not number and len(table) > 1 and _is_head(row):
            yield Row(delimiter_row(row))
    yield Row("")


def _is_head(row: Sequence[LinkedText]) -> bool:
    """Return whether a row names the columns: nearly all have a short text; only years are numbers among them."""
    named = [cell.text for cell in row if cell]
    values = [cell for cell in named if is_value(cell)]
    if len(named) < _NAMED * len(row) or any(len(cell) > _LONGEST_NAME for cell in named):
        return False
    return len(values) < len(named) and all(map(_YEAR.fullmatch, values))
