"""The rows of a PDF: headings by font size and weight, code, tables and paragraphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from index.parsers.document import Row
from index.parsers.pdf.line_hyphens import join_lines, words_of
from index.parsers.pdf.paragraphs import continues, paragraph_rows
from index.parsers.pdf.pieces import Piece
from index.parsers.pdf.printed_lines import LARGER, PrintedLine, clean, printed_lines
from index.parsers.pdf.tables import Table
from index.text.blocks import LIST_ITEM, TERMINAL

_MAX_HEADING: Final = 200  # code points
_MAX_BOLD_HEADING: Final = 120
_HEADING_SPACING: Final = 2.2  # times the font size: lines further apart are two headings
_BOLD_BODY: Final = 0.3  # share of the text: more bold than this, and boldness marks no headings
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
    begun = False
    kinds = _kinds(items)
    for kind, run in groupby(zip(kinds, items, strict=True), key=lambda pair: pair[0]):
        group = [item for _, item in run]
        if begun:
            yield Row("", page=group[0].page)
        begun = True
        if isinstance(group[0], Table):
            yield from _table_rows(group[0], words)
            continue
        found = [item for item in group if isinstance(item, PrintedLine)]
        if kind.name == "heading":
            text = found[0].text
            for line in found[1:]:
                text, _ = join_lines(text, line.text, words)
            yield Row(clean(text), kind.level, page=found[0].page)
        elif kind.name == "code":
            yield from _code(found)
        else:
            yield from paragraph_rows(found, words)


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
    kinds: list[_Kind] = []
    for number, item in enumerate(items):
        above = items[number - 1] if number else None
        if isinstance(item, Table):
            kinds.append(_Kind("table", 0, number))
            continue
        kind = _Kind("code" if item.monospaced else "text")
        level = levels.get(item.size, 0)
        if not level and of_bold and _is_bold_heading(items, number, kinds[-1] if kinds else None):
            level = of_bold
        if level and any(map(str.isalpha, item.text)):
            kind = _Kind("heading", level, number)
            if above is not None and kinds[-1][:2] == kind[:2] and _is_same_heading(above, item):
                kind = kinds[-1]
        kinds.append(kind)
    return _without_long_headings(items, _with_code_in_lines(items, kinds))


def _is_bold_heading(items: Sequence[_Item], number: int, above_kind: _Kind | None) -> bool:
    """Return whether a line of the body's size is a heading: bold, short, not the end of a sentence, above other text."""
    line = items[number]
    if not isinstance(line, PrintedLine) or not line.bold or line.monospaced or len(line.text) > _MAX_BOLD_HEADING:
        return False
    if TERMINAL.search(line.text) or line.text[0].islower():
        return False
    above = items[number - 1] if number else None
    if isinstance(above, PrintedLine) and above_kind is not None and above_kind.name == "text":
        if above.bold or continues([above], line):
            return False
    below = items[number + 1] if number + 1 < len(items) else None
    return below is not None and not (isinstance(below, PrintedLine) and LIST_ITEM.match(line.text) and below.bold)


def _is_same_heading(above: _Item, line: PrintedLine) -> bool:
    near = isinstance(above, PrintedLine) and above.region == line.region
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


def _table_rows(table: Table, words: Counter[str]) -> Iterator[Row]:
    """Yield the rows of a table as Markdown writes them."""
    for number, cells in enumerate(table.rows):
        yield Row(f"| {' | '.join(map(clean, cells))} |", page=table.page)
        if table.has_head and not number:
            yield Row(f"| {' | '.join('---' for _ in cells)} |", page=table.page)
