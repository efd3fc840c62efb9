"""The rows of an HTML table in which merged cells are repeated, so that each row can be understood by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from lxml.html import HtmlElement

from index.parsers.linked_text import LinkedText

_MAX_COLUMNS: Final = 100  # of a row; repeated cells beyond are left out
_MAX_REPEATED: Final = 200  # code points; a longer cell is not repeated
_MAX_ROWS: Final = 65_534  # that a cell may span (HTML Living Standard, 4.9.11)


def table_rows(
    table: HtmlElement, text_of: Callable[[HtmlElement], LinkedText]
) -> Iterator[tuple[list[LinkedText], bool]]:
    """Yield the cells of each row with text, and whether the row is a head.

    A cell with `colspan` or `rowspan` is repeated in each column and row that it spans (HTML Living Standard, "forming
    a table"), except one that makes up its row alone. A head has only `th` cells, or is inside `thead`.
    """
    group, below = None, dict[int, tuple[int, LinkedText]]()  # below: for a column, how many rows more its cell spans
    for row in table.iter("tr"):
        if row.getparent() is not group:
            group, below = row.getparent(), {}  # no cell reaches into the next group of rows
        own = [(cell, text_of(cell)) for cell in row.iterchildren("td", "th")]
        alone = len(own) == 1 and not below
        cells, below = _fill_row([(text, *_spans(cell, alone=alone)) for cell, text in own], below)
        if any(text for _, text in own):
            only_heads = all(cell.tag == "th" for cell, _ in own)
            yield cells, only_heads or (group is not None and group.tag == "thead")


def _fill_row(
    own: list[tuple[LinkedText, int, int]], above: dict[int, tuple[int, LinkedText]]
) -> tuple[list[LinkedText], dict[int, tuple[int, LinkedText]]]:
    """Return the cells of a row, and what its columns hand down, given its own (text, columns, rows) and what is above.

    Both mappings have, for a column, how many rows more a cell spans, and its text.
    """
    cells: list[LinkedText] = []
    below: dict[int, tuple[int, LinkedText]] = {}

    def put(text: LinkedText, rows: int) -> None:
        if rows > 0:
            below[len(cells)] = rows, text
        cells.append(text)

    def put_from_above() -> None:
        while len(cells) in above:
            rows, text = above[len(cells)]
            put(text, rows - 1)

    for text, columns, rows in own:
        put_from_above()
        repeated = text if len(text) <= _MAX_REPEATED else LinkedText()
        put(text, 0)
        if rows > 1:
            below[len(cells) - 1] = rows - 1, repeated
        for _ in range(min(columns, _MAX_COLUMNS - len(cells) + 1) - 1):
            put(repeated, rows - 1)
    put_from_above()
    return cells, below


def _spans(cell: HtmlElement, *, alone: bool) -> tuple[int, int]:
    """Return how many columns and rows a cell spans; a row's only cell spans one column."""
    columns, rows = (_count(cell.get(name)) for name in ("colspan", "rowspan"))
    return 1 if alone else max(1, columns), rows or _MAX_ROWS  # `rowspan="0"` spans the rest of its group


def _count(value: str | None) -> int:
    found = re.match(r"\s*(\d{1,5})", value or "")
    return min(int(found[1]), _MAX_ROWS) if found else 1
