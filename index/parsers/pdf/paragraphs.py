"""Join the printed lines of prose into paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from index.parsers.document import Row
from index.parsers.pdf.line_hyphens import join_lines
from index.parsers.pdf.pieces import CAPTION, HYPHENS
from index.parsers.pdf.printed_lines import LARGER, PrintedLine, clean
from index.text.blocks import LIST_ITEM, TERMINAL

_FULL: Final = 0.85  # share of the column's width: a shorter line that ends a sentence, or begins one, ends there
_HALF: Final = 0.5  # the same for other lines, as prose was already seen to go on from line to line
_INDENT: Final = 0.7  # times the font size: a line indented further begins a paragraph
_LABEL: Final = re.compile(r"[^\W\d_a-z]{4,}:")  # NOTE:, SOURCE:
_LABEL_LENGTH: Final = 20  # characters; a shorter line may be the label of something in a figure
_UNFINISHED: Final = frozenset(  # words with which no line of a heading, list or caption ends
    "the a an of and or to in for with by from der die das und oder von le la les de du des et el los y un una".split()
)
_INTERRUPTED: Final = 8.0  # times the font size: how far from the edge the last line before an interruption may end
_CENTRED: Final = 1.5  # times the font size: a centred line is further from the edges of its column
_SYMMETRY: Final = 0.5  # times the font size: its distances from both edges differ less
_SPACE: Final = 0.3  # times the font size: the width of a space


def paragraphs_of(lines: Sequence[PrintedLine]) -> Iterator[list[PrintedLine]]:
    """Yield the lines of each paragraph."""
    paragraph = [lines[0]]
    for line in lines[1:]:
        if continues(paragraph, line):
            paragraph.append(line)
        else:
            yield paragraph
            paragraph = [line]
    yield paragraph


def is_set_apart(above: PrintedLine, line: PrintedLine) -> bool:
    """Return whether a paragraph that begins with `line` is set apart from the one that ends with `above`."""
    return not is_near(above, line) or line.left > above.left + _INDENT * line.size


def is_interrupted(paragraph: Sequence[PrintedLine], other: Sequence[PrintedLine]) -> bool:
    """Return whether a paragraph of another column or page continues one that stops within a sentence."""
    last, first = paragraph[-1], other[0]
    if last.region == first.region or not _is_alike(last, first) or TERMINAL.search(last.text):
        return False
    wide = last.right - last.left >= _HALF * (last.edge - last.start)
    if not wide or (len(first.text) < _LABEL_LENGTH and not TERMINAL.search(first.text)) or is_caption(first):
        return False
    to_edge = last.right >= last.edge - _INTERRUPTED * last.size or last.text[-1] in HYPHENS
    goes_on = first.text[0].islower() or last.text[-1] in f",{HYPHENS}" or last.text.split()[-1] in _UNFINISHED
    return to_edge and goes_on and not LIST_ITEM.match(first.text)


def continues(paragraph: Sequence[PrintedLine], line: PrintedLine) -> bool:
    """Return whether a line continues the paragraph of the lines before it."""
    above = paragraph[-1]
    ended = TERMINAL.search(above.text) is not None
    fits = _fits(above, line)
    if LIST_ITEM.match(line.text) and (ended or fits or not line.text[0].isdigit()):
        return False
    lowercase = line.text[0].islower() or above.text[-1] in f"-,{HYPHENS}"
    if above.region != line.region:  # the next column or page
        return _is_alike(above, line) and not ended and (lowercase or not fits)
    if not is_near(above, line) or _begins_paragraph(paragraph, line, ended, lowercase):
        return False
    full = _FULL if ended or len(paragraph) == 1 else _HALF
    return lowercase or not fits or above.right - above.left >= full * (above.edge - above.left)


def _begins_paragraph(paragraph: Sequence[PrintedLine], line: PrintedLine, ended: bool, lowercase: bool) -> bool:
    """Return whether the place of a line shows that it begins a paragraph below that of the lines before it."""
    first, above = paragraph[0], paragraph[-1]
    fits = _fits(above, line)
    indent = _INDENT * line.size
    in_item = LIST_ITEM.match(above.text) is not None
    if ended and not in_item and line.left > (above.left if len(paragraph) > 1 else first.left) + indent:
        return True
    if ended and len(paragraph) > 1 and line.left < above.left - indent:
        return True  # the first line of an entry whose other lines are indented
    if ended and _LABEL.match(line.text):
        return True
    if lowercase or _is_centred(above) == _is_centred(line):
        return False
    # a heading in the middle of the column
    return line.left < above.left - indent if _is_centred(above) else fits and line.left > above.left + indent


def is_near(above: PrintedLine, line: PrintedLine) -> bool:
    """Return whether two lines are spaced and sized like lines of one paragraph."""
    together = above.region == line.region and _is_alike(above, line)  # footnotes are smaller
    return together and 0 <= above.base - line.base <= max(above.spacing, line.spacing)


def is_caption(line: PrintedLine) -> bool:
    """Return whether a line begins the caption of a figure or table."""
    return CAPTION.match(line.text) is not None


def _is_alike(above: PrintedLine, line: PrintedLine) -> bool:
    return max(above.size, line.size) <= LARGER * min(above.size, line.size)


def _fits(above: PrintedLine, line: PrintedLine) -> bool:
    """Return whether the first word of a line has room at the end of the line above: its author ended that line."""
    word = len(line.text.split(" ", 1)[0]) / len(line.text) * (line.right - line.left)
    return above.right + _SPACE * line.size + word < above.edge - _SPACE * line.size


def _is_centred(line: PrintedLine) -> bool:
    """Return whether a line stands in the middle of its column, far from both its edges."""
    before, after = line.left - line.start, line.edge - line.right
    return min(before, after) > _CENTRED * line.size and abs(before - after) < _SYMMETRY * line.size


def paragraph_row(paragraph: Sequence[PrintedLine], words: Counter[str]) -> Row:
    """Join lines; the row has the offset at which each further page begins. `words` are as in `join_lines`."""
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
