"""The rows of a PDF: headings by font size and weight, code, tables and paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from index.parsers.document import Row
from index.parsers.pdf.interruptions import Block, with_whole_paragraphs
from index.parsers.pdf.line_hyphens import join_lines, words_of
from index.parsers.pdf.paragraphs import continues, is_near, is_set_apart, paragraph_row, paragraphs_of
from index.parsers.pdf.pieces import Piece
from index.parsers.pdf.printed_lines import LARGER, PrintedLine, clean, printed_lines
from index.parsers.pdf.tables import Table
from index.parsers.table_heads import delimiter_row, names_columns
from index.text.blocks import TERMINAL

_MAX_HEADING: Final = 200  # code points
_MAX_BOLD_HEADING: Final = 120
_MAX_BOLD_LINES: Final = 3
_HEADING_SPACING: Final = 2.2  # times the font size: lines further apart are two headings
_BOLD_BODY: Final = 0.3  # share of the text: more bold than this, and boldness marks no headings
_NUMBERED: Final = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?\s")  # a line that begins the heading of a section
_DEEPEST: Final = 6
_Item = PrintedLine | Table


class _Kind(NamedTuple):
    """What a line belongs to: a table, code, text, or a heading of a level; `number` parts neighbours of one kind."""

    name: str
    level: int = 0
    number: int = 0


def rows_of_pages(pages: Sequence[Sequence[Piece]]) -> Iterator[Row]:
    """Yield the rows of a PDF, whose pages are given without their running lines."""
    items = list(printed_lines(pages))
    lines = [item for item in items if isinstance(item, PrintedLine)]
    words = words_of(line.text for line in lines)
    above: Block | None = None
    for block in with_whole_paragraphs(list(_blocks(items))):
        if above is not None and not (block.kind == above.kind == "text" and not _are_apart(above, block)):
            yield Row("", page=block.page)
        yield from _block_rows(block, words)
        above = block


def _blocks(items: Sequence[_Item]) -> Iterator[Block]:
    """Yield the paragraphs, headings, tables and pieces of code."""
    for kind, run in groupby(zip(_kinds(items), items, strict=True), key=lambda pair: pair[0]):
        group = [item for _, item in run]
        if kind.name != "text":
            yield Block(kind.name, kind.level, tuple(group))
            continue
        for paragraph in paragraphs_of([item for item in group if isinstance(item, PrintedLine)]):
            yield Block("text", 0, tuple(paragraph))


def _are_apart(above: Block, block: Block) -> bool:
    return is_set_apart(above.lines[-1], block.lines[0])


def _block_rows(block: Block, words: Counter[str]) -> Iterator[Row]:
    lines = block.lines
    if isinstance(block.items[0], Table):
        yield from _table_rows(block.items[0])
    elif block.kind == "heading":
        text = lines[0].text
        for line in lines[1:]:
            text, _ = join_lines(text, line.text, words)
        yield Row(clean(text), block.level, page=block.page)
    elif block.kind == "code":
        yield from _code(lines)
    else:
        yield paragraph_row(lines, words)


def _kinds(items: Sequence[_Item]) -> list[_Kind]:
    """Return the kind of each line and table."""
    lines = [item for item in items if isinstance(item, PrintedLine)]
    sizes = Counter[float]()
    bold = 0
    for line in lines:
        sizes[line.size] += len(line.text)
        bold += len(line.text) * line.bold
    body = max(sizes, key=sizes.__getitem__, default=0.0)
    larger = sorted({line.size for line in lines if line.size > body * LARGER}, reverse=True)
    levels = {size: min(_DEEPEST, level) for level, size in enumerate(larger, 1)}
    of_bold = min(_DEEPEST, len(levels) + 1) if bold <= _BOLD_BODY * sizes.total() else 0
    by_weight = _bold_headings(items) if of_bold else set()
    kinds: list[_Kind] = []
    for number, item in enumerate(items):
        above = items[number - 1] if number else None
        if isinstance(item, Table):
            kinds.append(_Kind("table", 0, number))
            continue
        kind = _Kind("code" if item.monospaced else "text")
        level = levels.get(item.size, of_bold if number in by_weight else 0)
        if level and any(map(str.isalpha, item.text)):
            kind = _Kind("heading", level, number)
            if above is not None and kinds[-1][:2] == kind[:2] and _is_same_heading(above, item):
                kind = kinds[-1]
        kinds.append(kind)
    return _without_long_headings(items, _with_code_in_lines(items, kinds))


def _bold_headings(items: Sequence[_Item]) -> set[int]:
    """Return the lines of headings that only their weight marks: bold, short, not the end of a sentence, above text."""
    found: set[int] = set()
    first = 0
    while first < len(items):
        last = first + 1
        while last < len(items) and _is_bold(items[first]) and _is_bold(items[last]):
            above, line = items[last - 1], items[last]
            if not (isinstance(above, PrintedLine) and isinstance(line, PrintedLine) and is_near(above, line)):
                break
            last += 1
        run = [item for item in items[first:last] if isinstance(item, PrintedLine)]
        if last < len(items) and _is_bold(items[first]) and _is_like_heading(run, items[first - 1] if first else None):
            found.update(range(first, last))
        first = last
    return found


def _is_bold(item: _Item) -> bool:
    return isinstance(item, PrintedLine) and item.bold and not item.monospaced


def _is_like_heading(lines: Sequence[PrintedLine], above: _Item | None) -> bool:
    first, last = lines[0], lines[-1]
    if len(lines) > _MAX_BOLD_LINES or sum(len(line.text) for line in lines) > _MAX_BOLD_HEADING:
        return False
    if TERMINAL.search(last.text) or first.text[0].islower():
        return False
    return not (isinstance(above, PrintedLine) and continues([above], first))


def _is_same_heading(above: _Item, line: PrintedLine) -> bool:
    near = isinstance(above, PrintedLine) and above.region == line.region and not _NUMBERED.match(line.text)
    return near and isinstance(above, PrintedLine) and above.base - line.base <= _HEADING_SPACING * line.size


def _with_code_in_lines(items: Sequence[_Item], kinds: list[_Kind]) -> list[_Kind]:
    """Return the kinds with a single monospaced line as text."""
    code = [kind.name == "code" for kind in kinds]
    pages = [item.page for item in items]
    for number, is_code in enumerate(code):
        beside = [n for n in (number - 1, number + 1) if 0 <= n < len(code) and code[n] and pages[n] == pages[number]]
        if is_code and not beside:
            kinds[number] = _Kind("text")
    return kinds


def _without_long_headings(items: Sequence[_Item], kinds: list[_Kind]) -> list[_Kind]:
    """Return the kinds with headings that are too long for one as text."""
    lengths = Counter[_Kind]()
    for kind, item in zip(kinds, items, strict=True):
        if isinstance(item, PrintedLine):
            lengths[kind] += len(item.text)
    return [
        _Kind("text", 0, -kind.number) if kind.name == "heading" and lengths[kind] > _MAX_HEADING else kind
        for kind in kinds
    ]


def _code(lines: Sequence[PrintedLine]) -> Iterator[Row]:
    """Yield monospaced lines between code fences, indented as printed."""
    margin = min(line.left for line in lines)
    yield Row("```", page=lines[0].page)
    for line in lines:
        width = max(0.1, (line.right - line.left) / max(1, len(line.text)))
        yield Row(" " * min(40, round((line.left - margin) / width)) + line.text, page=line.page)
    yield Row("```", page=lines[-1].page)


def _table_rows(table: Table) -> Iterator[Row]:
    """Yield the rows of a table as Markdown writes them."""
    headed = table.has_head or names_columns(table.rows)
    for number, cells in enumerate(table.rows):
        yield Row(f"| {' | '.join(map(clean, cells))} |", page=table.page)
        if headed and not number:
            yield Row(delimiter_row(cells), page=table.page)
