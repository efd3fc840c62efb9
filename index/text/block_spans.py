"""The tables, lists and code blocks of an article, with the sentences that introduce them. Offsets are code points."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from index.models import Section, Span
from index.text.blocks import Block, blocks, lines, trim
from index.text.sentences import sentences_of

_DELIMITER: Final = re.compile(r"[\s|:+=-]*-[\s|:+=-]*$")
_MARKER: Final = re.compile(r"(\s*)(?:[-*+•‣◦▪]|\(?(\d{1,3})[.)]|\(?([a-zA-Z])\))\s")
_MAX_LABEL: Final = 40  # code points; a longer first cell is no column name
_COLUMNS: Final = 3  # a narrower table without a delimiter row may be pairs of name and value
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
class ListSpan:
    """A list. An item includes its marker, its further paragraphs and the lists inside it.

    `introduction` is the last sentence directly above in the same section, or None; for a list inside an item it is
    the last sentence of this item above the list. `ordered` means that the items have numbers or letters.
    """

    span: Span
    items: tuple[Span, ...]
    ordered: bool
    introduction: Span | None


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A code block, fences included, with the last sentence of the prose or list item directly above, or None."""

    span: Span
    introduction: Span | None


@dataclass(frozen=True, slots=True)
class BlockSpans:
    """The tables, lists and code blocks of an article in text order; a list stands before those inside its items."""

    tables: tuple[TableSpan, ...]
    lists: tuple[ListSpan, ...]
    code: tuple[CodeSpan, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """A list item with its marker's indent, whether it is numbered, and its number (0 without one)."""

    span: Span
    own_end: int  # where its first block ends
    indent: int
    ordered: bool
    number: int


def block_spans(text: str, sections: Sequence[Section]) -> BlockSpans:
    """Return the tables, lists and code blocks in the sections of an article."""
    tables: list[TableSpan] = []
    lists: list[ListSpan] = []
    code: list[CodeSpan] = []
    for section in sections:
        found = [_shift(block, section.start) for block in blocks(text[section.start : section.end])]
        for number, block in enumerate(found):
            if block.kind == "table":
                tables.append(_table(text, block, _introduction(text, found, number)))
            elif block.kind == "code":
                code.append(CodeSpan(Span(block.start, block.end), _introduction(text, found, number)))
        for first, items in _runs(text, found):
            lists += _lists(text, items, _introduction(text, found, first))
    return BlockSpans(tuple(tables), tuple(lists), tuple(code))


def _shift(block: Block, by: int) -> Block:
    return Block(block.start + by, block.end + by, block.kind)


def _introduction(text: str, found: Sequence[Block], number: int) -> Span | None:
    """Return the last sentence of the block above block `number`, or None if that block introduces nothing."""
    if not number or found[number - 1].kind not in {"prose", "item"}:
        return None
    above, block = found[number - 1], found[number]
    announces = text[above.end - 1] == ":" or (block.kind == "code" and _indent(text, block) > 0)
    if above.kind == "item" and not announces:
        return None
    return _last_sentence(text, Span(above.start, above.end), above.kind == "item")


def _last_sentence(text: str, span: Span, in_item: bool) -> Span:
    own = Block(0, span.end - span.start, "item" if in_item else "prose")
    last = sentences_of(span.of(text), own)[-1]
    return Span(span.start + last.start, span.start + last.end)


def _table(text: str, block: Block, introduction: Span | None) -> TableSpan:
    rows = [trim(text, block.start + row.start, block.start + row.end) for row in lines(text[block.start : block.end])]
    rows = [row for row in rows if row.start < row.end]
    marked = len(rows) > 1 and _DELIMITER.match(rows[1].of(text)) is not None
    body = [row for row in rows if not _DELIMITER.match(row.of(text))]
    head = None
    if body and (marked or _is_head([cells_of(row.of(text)) for row in body])):
        first, *body = body
        head = first if any(map(str.isalnum, first.of(text))) else None
    return TableSpan(Span(block.start, block.end), head, tuple(body), introduction)


def cells_of(row: str) -> list[str]:
    """Return the cells of a table's row, trimmed; an escaped bar is part of its cell."""
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", inner)]


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


def _indent(text: str, block: Block) -> int:
    """Return how far the first line of a block is indented."""
    return block.start - (text.rfind("\n", 0, block.start) + 1)


def _runs(text: str, found: Sequence[Block]) -> Iterator[tuple[int, list[_Item]]]:
    """Yield each run of list items, with the number of its first block. Indented blocks between items belong to them.

    So does a code block between two steps that are numbered one after the other.
    """
    number = 0
    while number < len(found):
        if found[number].kind != "item":
            number += 1
            continue
        first, items = number, [_item(text, found[number])]
        number += 1
        while number < len(found):
            block = found[number]
            if block.kind == "item":
                items.append(_item(text, block))
            elif _indent(text, block) > items[0].indent or _is_between_steps(text, found, number, items):
                last = items[-1]
                whole = Span(last.span.start, block.end)
                items[-1] = _Item(whole, last.own_end, last.indent, last.ordered, last.number)
            else:
                break
            number += 1
        yield first, items


def _is_between_steps(text: str, found: Sequence[Block], number: int, items: Sequence[_Item]) -> bool:
    """Return whether a code block has the next step directly below it."""
    if found[number].kind != "code" or number + 1 == len(found) or found[number + 1].kind != "item":
        return False
    following = _item(text, found[number + 1])
    return any(item.number and item.number + 1 == following.number for item in items[::-1][:1])


def _item(text: str, block: Block) -> _Item:
    """Return a block of kind "item" as an item."""
    line = text.rfind("\n", 0, block.start) + 1
    marker = _MARKER.match(text, line)
    ordered = marker is not None and (marker[2] or marker[3]) is not None
    number = int(marker[2]) if marker is not None and marker[2] else 0
    return _Item(Span(block.start, block.end), block.end, block.start - line, ordered, number)


def _lists(text: str, items: Sequence[_Item], introduction: Span | None) -> list[ListSpan]:
    """Return the lists that a run of items makes up: by marker at the outer level, and those inside the items."""
    found: list[ListSpan] = []
    group: list[_Item] = []
    inner: list[ListSpan] = []

    def close() -> None:
        if group:
            spans = tuple(item.span for item in group)
            above = introduction if not found else None
            found.append(ListSpan(Span(spans[0].start, spans[-1].end), spans, group[0].ordered, above))
            found.extend(inner)
        group.clear()
        inner.clear()

    number = 0
    while number < len(items):
        item = items[number]
        below = number + 1
        while below < len(items) and items[below].indent > item.indent + 1:
            below += 1
        if group and (item.ordered != group[-1].ordered or item.number < group[-1].number):
            close()
        nested = items[number + 1 : below]
        if nested:
            inner += _lists(text, nested, _last_sentence(text, Span(item.span.start, item.own_end), True))
            item = _Item(Span(item.span.start, nested[-1].span.end), *_rest(item))
        group.append(item)
        number = below
    close()
    return found


def _rest(item: _Item) -> tuple[int, int, bool, int]:
    return item.own_end, item.indent, item.ordered, item.number
