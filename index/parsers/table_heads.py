"""Recognises the head of a table that its file does not mark as one, and marks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

_VALUE: Final = re.compile(
    r"[^\W\d]{0,3}[\s.,:/%€$£+−-]*+(?:\d[\s\d.,:/%€$£-]*+(?:[+−][\s.,:/%€$£+−-]*+(?=\d))?+)++[^\W\d]{0,3}"
)
_LONGEST_NAME: Final = 60  # code points; a longer cell is no name of a column
_ROWS: Final = {2: 3}  # rows needed below: pairs of a name and a value have two columns, but rarely only numbers
_FEW_ROWS: Final = 2


def delimiter_row(columns: Iterable[object]) -> str:
    """Return the row that Markdown writes below the head of a table with these columns."""
    return f"| {' | '.join('---' for _ in columns)} |"


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row of a table names its columns: words only, above at least one column of numbers.

    The names differ from each other. The rows must have as many cells as the first one.
    """
    if not rows:
        return False
    head, body = rows[0], rows[1:]
    width = len(head)
    if width < 2 or len(body) < _ROWS.get(width, _FEW_ROWS) or any(len(row) != width for row in body):
        return False
    if len(set(head)) < width or not all(map(_is_name, head)):
        return False
    return any(all(is_value(row[column]) for row in body) for column in range(1, width))


def _is_name(cell: str) -> bool:
    return len(cell) <= _LONGEST_NAME and any(map(str.isalpha, cell)) and not any(map(str.isdigit, cell))


def is_value(cell: str) -> bool:
    """Return whether a cell is a number, a date or a time, with a short unit or currency."""
    return _VALUE.fullmatch(cell) is not None
