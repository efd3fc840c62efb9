"""The paragraphs, tables, lists and code blocks of an article, and what introduces them. Offsets are code points."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

from index.models import Section, Span
from index.text.blocks import Block, blocks, lines, trim
from index.text.list_spans import ListSpan, indent_of, last_sentence, list_runs, lists_of

_DELIMITER: Final = re.compile(r"(?=[\s|:+=]*+-)[\s|:+=-]*+$")
_BAR: Final = re.compile(r"(?<!\\)\|")
_MAX_LABEL: Final = 40  # code points; a longer first cell is no column name
_COLUMNS: Final = 3  # a narrower table without a delimiter row may be pairs of name and value
_Block = TypeVar("_Block", "TableSpan", "CodeSpan")
_ENOUGH: Final = 0.8  # of the rows have digits in a column whose head has none


@dataclass(frozen=True, slots=True)
class TableSpan:
    """A table whose cells are separated by `|`.

    Attributes:
        span: The whole table.
        head: The row with the names of the columns, or None; the delimiter row below it (`|---|`) is not part of it.
        rows: The other rows in order, without the delimiter row.
        introduction: The last sentence of the paragraph directly above in the same section, or None.
    """

    span: Span
    head: Span | None
    rows: tuple[Span, ...]
    introduction: Span | None


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A code block, fences included, with the last sentence of the prose or list item directly above, or None."""

    span: Span
    introduction: Span | None


@dataclass(frozen=True, slots=True)
class BlockSpans:
    """The tables, lists and code blocks of an article in text order; a list stands before those inside its items.

    `paragraphs` are as `index.text.blocks.paragraphs` returns them.
    """

    paragraphs: tuple[Span, ...]
    tables: tuple[TableSpan, ...]
    lists: tuple[ListSpan, ...]
    code: tuple[CodeSpan, ...]

    def table_at(self, offset: int) -> TableSpan | None:
        """Return the table that contains an offset, or None."""
        return _last_at(self.tables, offset)

    def list_at(self, offset: int) -> ListSpan | None:
        """Return the innermost list that contains an offset, or None."""
        at = bisect_right(self.lists, offset, key=_start)
        while at:
            at -= 1
            if offset < self.lists[at].span.end:
                return self.lists[at]
            if not self.lists[at].depth:
                break
        return None

    def code_at(self, offset: int) -> CodeSpan | None:
        """Return the code block that contains an offset, or None."""
        return _last_at(self.code, offset)


def block_spans(text: str, sections: Sequence[Section], language: str | None = None) -> BlockSpans:
    """Return the paragraphs, tables, lists and code blocks in the sections of an article in a language."""
    paragraphs: list[Span] = []
    tables: list[TableSpan] = []
    lists: list[ListSpan] = []
    code: list[CodeSpan] = []
    for section in sections:
        found = [_shift(block, section.start) for block in blocks(text[section.start : section.end])]
        paragraphs += [Span(block.start, block.end) for block in found]
        for number, block in enumerate(found):
            if block.kind == "table":
                tables.append(_table(text, block, _introduction(text, found, number, language)))
            elif block.kind == "code":
                code.append(CodeSpan(Span(block.start, block.end), _introduction(text, found, number, language)))
        for first, items in list_runs(text, found):
            lists += lists_of(text, items, _introduction(text, found, first, language), language)
    return BlockSpans(tuple(paragraphs), tuple(tables), tuple(lists), tuple(code))


def _start(found: TableSpan | ListSpan | CodeSpan) -> int:
    return found.span.start


def _last_at(found: Sequence[_Block], offset: int) -> _Block | None:
    """Return the one that contains an offset; they do not overlap."""
    at = bisect_right(found, offset, key=_start) - 1
    return found[at] if at >= 0 and offset < found[at].span.end else None


def _shift(block: Block, by: int) -> Block:
    return Block(block.start + by, block.end + by, block.kind)


def _introduction(text: str, found: Sequence[Block], number: int, language: str | None) -> Span | None:
    """Return the last sentence of the block above block `number`, or None if that block introduces nothing."""
    if not number or found[number - 1].kind not in {"prose", "item"}:
        return None
    above, block = found[number - 1], found[number]
    announces = text[above.end - 1] == ":" or (block.kind == "code" and indent_of(text, block) > 0)
    if above.kind == "item" and not announces:
        return None
    return last_sentence(text, Span(above.start, above.end), language, in_item=above.kind == "item")


def _table(text: str, block: Block, introduction: Span | None) -> TableSpan:
    rows = [trim(text, block.start + row.start, block.start + row.end) for row in lines(text[block.start : block.end])]
    rows = [row for row in rows if row.start < row.end]
    marked = len(rows) > 1 and _DELIMITER.match(rows[1].of(text)) is not None
    body = [row for row in rows if not _DELIMITER.match(row.of(text))]
    head = None
    if body and (marked or _is_head([[cell.of(text) for cell in cell_spans(text, row)] for row in body])):
        first, *body = body
        head = first if any(map(str.isalnum, first.of(text))) else None
    return TableSpan(Span(block.start, block.end), head, tuple(body), introduction)


def cell_spans(text: str, row: Span) -> list[Span]:
    """Return the cells of a table's row, without the white space around them; an escaped bar is part of its cell."""
    bars = [row.start - 1, *(match.start() for match in _BAR.finditer(text, row.start, row.end)), row.end]
    if len(bars) > 2 and bars[1] == row.start:
        del bars[0]
    if len(bars) > 2 and bars[-2] == row.end - 1:
        del bars[-1]
    return [trim(text, left + 1, right) for left, right in pairwise(bars)]


def _is_head(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row of a table without a delimiter row names the columns."""
    first, below = rows[0], rows[1:]
    if len(below) < 2 or any(not cell or len(cell) > _MAX_LABEL or _has_digit(cell) for cell in first):
        return False
    if len(first) >= _COLUMNS:
        return True
    columns = ([row[n] for row in below if n < len(row)] for n in range(len(first)))
    return any(sum(map(_has_digit, column)) >= _ENOUGH * len(below) for column in columns)


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))
