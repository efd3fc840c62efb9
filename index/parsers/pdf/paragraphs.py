"""Join the printed lines of prose into paragraphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from index.parsers.document import Row
from index.parsers.pdf.line_hyphens import join_lines
from index.parsers.pdf.pieces import HYPHENS
from index.parsers.pdf.printed_lines import LARGER, PrintedLine, clean
from index.text.blocks import LIST_ITEM, TERMINAL

_FULL: Final = 0.85  # share of the column's width: a shorter line that ends a sentence, or begins one, ends there
_HALF: Final = 0.5  # the same for other lines, as prose was already seen to go on from line to line
_INDENT: Final = 0.7  # times the font size: a line indented further begins a paragraph
_SPACE: Final = 0.3  # times the font size: the width of a space


def paragraph_rows(lines: Sequence[PrintedLine], words: Counter[str]) -> Iterator[Row]:
    """Yield a row for each paragraph, and a blank one between those set apart. `words` are as in `join_lines`."""
    paragraph = [lines[0]]
    for line in lines[1:]:
        above = paragraph[-1]
        if continues(paragraph, line):
            paragraph.append(line)
            continue
        yield _row(paragraph, words)
        if not is_near(above, line) or line.left > above.left + _INDENT * line.size:
            yield Row("", page=line.page)
        paragraph = [line]
    yield _row(paragraph, words)


def continues(paragraph: Sequence[PrintedLine], line: PrintedLine) -> bool:
    """Return whether a line continues the paragraph of the lines before it."""
    first, above = paragraph[0], paragraph[-1]
    ended = TERMINAL.search(above.text) is not None
    fits = _fits(above, line)
    if LIST_ITEM.match(line.text) and (ended or fits or not line.text[0].isdigit()):
        return False
    lowercase = line.text[0].islower() or above.text[-1] in f"-,{HYPHENS}"
    if above.region != line.region:  # the next column or page
        return _is_alike(above, line) and not ended and (lowercase or not fits)
    if not is_near(above, line):
        return False
    in_item = LIST_ITEM.match(above.text) is not None
    if line.left > first.left + _INDENT * line.size and ended and not in_item:
        return False
    if ended and len(paragraph) > 1 and line.left < above.left - _INDENT * line.size:
        return False  # the first line of an entry whose other lines are indented
    full = _FULL if ended or len(paragraph) == 1 else _HALF
    return lowercase or not fits or above.right - above.left >= full * (above.edge - above.left)


def is_near(above: PrintedLine, line: PrintedLine) -> bool:
    """Return whether two lines are spaced and sized like lines of one paragraph."""
    together = above.region == line.region and _is_alike(above, line)  # footnotes are smaller
    return together and 0 <= above.base - line.base <= max(above.spacing, line.spacing)


def _is_alike(above: PrintedLine, line: PrintedLine) -> bool:
    return max(above.size, line.size) <= LARGER * min(above.size, line.size)


def _fits(above: PrintedLine, line: PrintedLine) -> bool:
    """Return whether the first word of a line has room at the end of the line above: its author ended that line."""
    word = len(line.text.split(" ", 1)[0]) / len(line.text) * (line.right - line.left)
    return above.right + _SPACE * line.size + word < above.edge - _SPACE * line.size


def _row(paragraph: Sequence[PrintedLine], words: Counter[str]) -> Row:
    """Join lines; the row has the offset at which each further page begins."""
    text = paragraph[0].text
    page = paragraph[0].page
    turns: list[tuple[int, int]] = []
    for line in paragraph[1:]:
        text, start = join_lines(text, line.text, words)
        if line.page != page:
            page = line.page
            turns.append((start, page))
    if text[-1] in HYPHENS:
        text = f"{text[:-1]}-"
    return Row(text if turns else clean(text), page=paragraph[0].page, turns=tuple(turns))
