"""Paragraphs, headings, list items, code and tables of Office files, and how they are written as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from itertools import groupby
from operator import itemgetter
from typing import Final, Literal

from index.parsers.html.dom import MARKER
from index.text.blocks import LIST_ITEM

_BREAK: Final = re.compile(r"<br\s*/?>")
_CODE_LINE: Final = re.compile(r"\A(?: {2,}|\t)|[{};:\\)>=&|]\s*\Z|\A\s*[})\]$#>]")
_LONGEST_CELL: Final = 2000  # code points; a table with a longer cell arranges text and is no data
_DEEPEST: Final = 8  # levels of nested lists
_CODE_STYLE: Final = re.compile(
    r"(?i)\bsource|(?<![a-z])(?:source ?)?code(?![a-z])|code ?(?:block|text|example|listing|line)|preformatted|verbatim"
)
TYPEWRITER_FONT: Final = re.compile(
    r"(?i)courier|mono|consolas|menlo|typewriter|lucida console|andale|fixedsys|inconsol"
)
_NUMBER: Final = re.compile(r"(\d{1,6})\.")
_TAGS: Final = re.compile(r"<[^<>]*+>")
_ENDED: Final = re.compile(r"[.!?:;,。！？]\s*$")


@dataclass(frozen=True, slots=True)
class OfficeBlock:
    """A block: its kind and its inline content as HTML, without an element around it.

    Attributes:
        kind: "code" is a line of code, "monospaced" a paragraph that may be one.
        html: The inline content; empty for a table.
        marker: The bullet ("-") or number of a list item, as the program shows it.
        level: The level of a heading, counted from 1, or of a list item, counted from 0.
        rows: The rows of a table.
    """

    kind: Literal["text", "heading", "item", "code", "monospaced", "table"]
    html: str = ""
    marker: str = ""
    level: int = 0
    rows: tuple[tuple[Cell, ...], ...] = ()

    @property
    def size(self) -> int:
        """The number of code points of the text, without markup."""
        return len(_TAGS.sub("", self.html)) + sum(cell.size for row in self.rows for cell in row)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its blocks, the columns and rows that it spans, and whether it belongs to the head."""

    blocks: tuple[OfficeBlock, ...]
    columns: int = 1
    rows: int = 1
    head: bool = False

    @property
    def size(self) -> int:
        """The number of code points of the text, without markup."""
        return sum(block.size for block in self.blocks)


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell with the column at which it begins, and whether it continues the cell above in this column."""

    column: int
    continues: bool
    cell: Cell


def spanning_rows(rows: Sequence[Sequence[PlacedCell]]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a table in which each cell that is continued below spans those rows."""
    found = []
    for number, row in enumerate(rows):
        cells = []
        for placed in row:
            if placed.continues and number:
                continue
            below = number + 1
            while below < len(rows) and any(p.continues and p.column == placed.column for p in rows[below]):
                below += 1
            cells.append(replace(placed.cell, rows=below - number))
        found.append(tuple(cells))
    return tuple(found)


def is_code_style(name: str) -> bool:
    """Return whether a paragraph style of this name is one for code."""
    return _CODE_STYLE.search(name.replace("_20_", " ")) is not None


def blocks_html(blocks: Sequence[OfficeBlock]) -> str:
    """Return blocks as HTML.

    Monospaced paragraphs are code; where most of the text is monospaced, as in a typewritten letter, only those among
    other text that look like code.
    """
    monospaced = sum(block.size for block in blocks if block.kind == "monospaced")
    mostly = monospaced > 0 and 2 * monospaced > sum(block.size for block in blocks)
    mixed = any(block.size and block.kind != "monospaced" for block in blocks)
    code: list[bool] = []
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        rows = list(run)
        is_code = kind == "code" or (kind == "monospaced" and (not mostly or (mixed and _looks_like_code(rows))))
        code += [is_code] * len(rows)
    parts: list[str] = []
    for is_code, pairs in groupby(zip(code, blocks, strict=True), key=itemgetter(0)):
        run_of = [block for _, block in pairs]
        if is_code:
            parts.append(f"<pre>{'<br>'.join(block.html for block in run_of)}</pre>")
        else:
            parts += map(_block_html, run_of)
    return "".join(parts)


def _looks_like_code(blocks: Sequence[OfficeBlock]) -> bool:
    """Return whether at least half of the lines are indented or end with a mark of programming languages."""
    lines = [line for block in blocks for line in _BREAK.split(block.html) if _TAGS.sub("", line).strip()]
    return 2 * sum(_CODE_LINE.search(unescape(_TAGS.sub("", line))) is not None for line in lines) >= len(lines)


def _block_html(block: OfficeBlock) -> str:
    if block.kind == "table":
        return _table_html(block.rows)
    if block.kind == "heading":
        tag = f"h{min(6, block.level)}"
        return f"<{tag}>{block.html}</{tag}>"
    return _item_html(block) if block.kind == "item" else f"<p>{block.html}</p>"


def _item_html(item: OfficeBlock) -> str:
    """Return a list item as HTML; one whose number is unlike those of plain text is a paragraph that begins with it."""
    outer = min(_DEEPEST, item.level)
    around, end = "<ul>" * outer, "</ul>" * outer
    if item.marker == "-":
        return f"{around}<ul><li>{item.html}</li></ul>{end}"
    if number := _NUMBER.fullmatch(item.marker):
        return f'{around}<ol start="{number[1]}"><li>{item.html}</li></ol>{end}'
    if LIST_ITEM.match(f"{item.marker} x"):
        return f'{around}<ol><li {MARKER}="{escape(item.marker)}">{item.html}</li></ol>{end}'
    return f"<p>{escape(item.marker)} {item.html}</p>"


def _table_html(rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table as HTML; one that arranges text on the page becomes the blocks in its cells."""
    if _is_layout(rows):
        return "".join(blocks_html(cell.blocks) for row in rows for cell in row)
    lines = ("".join(map(_cell_html, row)) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _is_layout(rows: Sequence[Sequence[Cell]]) -> bool:
    if max(map(len, rows), default=0) < 2:
        return True
    cells = [cell for row in rows for cell in row]
    one_row = len(rows) == 1 and any(len(cell.blocks) > 2 or _has_headings(cell) for cell in cells)
    return one_row or any(cell.size > _LONGEST_CELL for cell in cells)


def _has_headings(cell: Cell) -> bool:
    return any(block.kind == "heading" for block in cell.blocks)


def _cell_html(cell: Cell) -> str:
    tag = "th" if cell.head else "td"
    return f'<{tag} colspan="{cell.columns}" rowspan="{cell.rows}">{_inline(cell.blocks)}</{tag}>'


def _inline(blocks: Sequence[OfficeBlock]) -> str:
    """Return the blocks of a cell on one line: list items, and the rows of a table inside, end with a semicolon."""
    parts = list(_cell_lines(blocks))
    for number, (line, listed) in enumerate(parts[:-1]):
        ends = listed and not _ENDED.search(_TAGS.sub("", line))
        parts[number] = f"{line};" if ends and parts[number + 1][1] else line, listed
    return "<br>".join(line for line, _ in parts)


def _cell_lines(blocks: Sequence[OfficeBlock]) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a cell, and whether each is an item of a list or a row of a table."""
    for block in blocks:
        if block.kind == "table":
            for row in block.rows:
                cells = (_inline(cell.blocks) for cell in row)
                if line := " ".join(cell for cell in cells if cell):
                    yield line, True
        elif block.html:
            numbered = block.kind == "item" and block.marker != "-"
            yield f"{escape(block.marker)} {block.html}" if numbered else block.html, block.kind == "item"
