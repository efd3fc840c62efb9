"""The lines, blocks and paragraphs of a text. Offsets are code points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.models import Section, Span

TERMINAL = re.compile(r"[.!?。！？｡．…؟۔।॥:;][\"'”’»)\]*_]*$")
LIST_ITEM = re.compile(r"^\s*(?:[-*+•‣◦▪]|\(?\d{1,3}[.)]|\(?[a-zA-Z][)])\s+\S")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
SETEXT = re.compile(r"^ {0,3}(=+|-+)\s*$")

_LONG_LINE = 100  # code points: lines longer than this on average are paragraphs, not wrapped prose


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table or code block, without surrounding white space."""

    start: int
    end: int
    kind: Literal["prose", "item", "table", "code"]


def lines(text: str) -> list[Span]:
    """Return the lines of `text`, each including its line feed. No other character ends a line."""
    ends = [found.end() for found in re.finditer("\n", text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return [Span(start, end) for start, end in pairwise([0, *ends])]


def trim(text: str, start: int, end: int) -> Span:
    """Return `start:end` of `text` without surrounding white space."""
    while start < end and text[start].isspace():  # no copy of the rest, which `cut` would take for each of its pieces
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, max(start, end))


def fenced_ranges(rows: Sequence[str]) -> list[tuple[int, int]]:
    """Return the half-open row ranges of fenced code blocks that are closed, fences included (CommonMark, 4.5)."""
    found: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    for number, row in enumerate(rows):
        fence = FENCE.match(row)
        if fence is None:
            continue
        if opened is None:
            opened = (number, fence[1])
        elif fence[1].startswith(opened[1]) and not row.strip().strip(fence[1][0]):
            found.append((opened[0], number + 1))
            opened = None
    return found


def blocks(text: str) -> list[Block]:
    """Return the blocks of `text` in order; together they contain every character that is not white space."""
    spans = lines(text)
    rows = [span.of(text) for span in spans]
    code = dict(fenced_ranges(rows))
    found: list[Block] = []
    number = 0
    while number < len(rows):
        last, kind = _block_end(rows, number, code)
        if kind is not None:
            span = trim(text, spans[number].start, spans[last - 1].end)
            found.append(Block(span.start, span.end, kind))
        number = last
    return found


def _block_end(
    rows: Sequence[str], first: int, code: dict[int, int]
) -> tuple[int, Literal["prose", "item", "table", "code"] | None]:
    """Return the row after the block that starts at row `first`, and the block's kind (None for a blank row)."""
    if first in code:
        return code[first], "code"
    if not rows[first].strip():
        return first + 1, None
    table = rows[first].lstrip().startswith("|")
    last = first + 1
    while last < len(rows) and rows[last].strip() and last not in code:
        if table != rows[last].lstrip().startswith("|") or LIST_ITEM.match(rows[last]):
            break
        last += 1
    if table:
        return last, "table"
    if LIST_ITEM.match(rows[first]):
        return last, "item"
    block = [row.strip() for row in rows[first:last]]
    if all(TERMINAL.search(row) for row in block) and sum(map(len, block)) >= _LONG_LINE * len(block):
        return first + 1, "prose"  # each line is a paragraph, as word processors save text
    return last, "prose"


def paragraphs(text: str, sections: Sequence[Section]) -> list[Span]:
    """Return the paragraphs of an article in order. A list item, table or code block counts as one; headings do not."""
    return [
        Span(section.start + block.start, section.start + block.end)
        for section in sections
        for block in blocks(text[section.start : section.end])
    ]
