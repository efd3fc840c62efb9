"""The tables of a passage: which row answers, and which of its cells. Offsets are code points of the passage's text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from index.models import Span
from index.text.analyzer import content_terms, index_terms
from index.text.block_spans import cell_spans
from index.text.blocks import blocks
from index.text.sentences import sentences_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reading.protocol import Reading

_ABBREVIATED: Final = re.compile(
    r"(mon|tues|wednes|thurs|fri|satur|sun)day|januari|februari|march|april|august|(septem|octo|novem|decem)ber"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or the part of one that a passage holds; `head` is its first row, with the delimiter row below it."""

    head: Span | None
    rows: tuple[Span, ...]

    def row_at(self, start: int, end: int) -> Span | None:
        """Return the row that contains most of `start:end`, the head included; None if there is none."""
        lines = (self.head, *self.rows) if self.head else self.rows
        row = max(lines, key=lambda each: overlap(each, start, end), default=None)
        return row if row and overlap(row, start, end) > 0 else None


@lru_cache(maxsize=512)
def tables_in(text: str) -> tuple[Table, ...]:
    """Return the tables of a passage in order."""
    return tuple(_table(text, sentences_of(text, block)) for block in blocks(text) if block.kind == "table")


def row_around(text: str, start: int, end: int) -> tuple[Table, Span] | None:
    """Return the first table of a passage with a row around `start:end`, and that row; None outside of tables."""
    for table in tables_in(text):
        if row := table.row_at(start, end):
            return table, row
    return None


def _table(text: str, rows: Sequence[Span]) -> Table:
    has_head = bool(rows) and any(not any(map(str.isalnum, line)) for line in rows[0].of(text).split("\n"))
    return Table(rows[0] if has_head else None, tuple(rows[1:] if has_head else rows))


def clip_to_cell(text: str, span: Span) -> Span:
    """Return the part of a span that lies in one cell, if it is in a table: a reading never spans two cells."""
    placed = row_around(text, span.start, span.end)
    if placed is None:
        return span
    cell = max(cell_spans(text, placed[1]), key=lambda each: overlap(each, span.start, span.end))
    clipped = Span(max(cell.start, span.start), min(cell.end, span.end))
    return clipped if clipped.start < clipped.end else span


def in_asked_row(question: str, text: str, reading: Reading) -> Reading | None:
    """Return a reading in the row that the question names, if another one than its own; None if no row answers.

    Readers choose the right column more reliably than the right row, so the reading moves to the same column of the row
    that has more of the question's words, the rarest counting most. A reading in the head that leads to no row does not
    answer. Readings outside of tables, and those in rows that no other row surpasses, stay as they are.
    """
    placed = row_around(text, reading.start, reading.end)
    if placed is None:
        return reading
    table, own = placed
    matches = _matches(question, text, table.rows)
    best = max(table.rows, key=lambda row: (matches[row], row == own), default=None)
    if own in matches and best and matches[own] >= matches[best]:
        return reading
    if best is None or not matches[best]:
        return None
    return _moved(question, text, reading, table.head, (own, best))


def _moved(question: str, text: str, reading: Reading, head: Span | None, rows: tuple[Span, Span]) -> Reading:
    """Return a reading moved from the first row to the second, in its column if the question has that column's name.

    Otherwise it is of the whole row: the column may be as wrong as the row was.
    """
    columns, cells = (cell_spans(text, row) for row in rows)
    names = cell_spans(text, head) if head else []
    column = max(range(len(columns)), key=lambda at: overlap(columns[at], reading.start, reading.end))
    asked = content_terms(question)
    if reading.exact and column < min(len(cells), len(names)) and cells[column].start < cells[column].end:
        cell, name = cells[column], index_terms(names[column].of(text))
        if any(is_same_term(term, other) for term in asked for other in name):
            return replace(reading, start=cell.start, end=cell.end)
    return replace(reading, start=rows[1].start, end=rows[1].end, exact=False)


@lru_cache(maxsize=64)  # a table has many readings for one question
def _matches(question: str, text: str, rows: tuple[Span, ...]) -> dict[Span, float]:
    """Return how much of the question each row has: the sum of its words' inverse frequencies among the rows."""
    terms = {row: frozenset(index_terms(row.of(text))) for row in rows}
    found = dict.fromkeys(rows, 0.0)
    for asked in content_terms(question):
        having = [row for row in rows if any(is_same_term(asked, term) for term in terms[row])]
        for row in having if len(having) < len(rows) else ():
            found[row] += math.log(1 + len(rows) / len(having))
    return found


def is_same_term(asked: str, term: str) -> bool:
    """Whether two terms are equal, or one abbreviates the other, which is the name of a weekday or month."""
    if asked == term:
        return True
    short, long = sorted((asked, term), key=len)
    return len(short) >= 3 and long.startswith(short) and bool(_ABBREVIATED.fullmatch(long))


def overlap(part: Span, start: int, end: int) -> int:
    """Return how many code points of `start:end` are in a part; 0 or less if none."""
    return min(part.end, end) - max(part.start, start)
