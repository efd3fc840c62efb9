"""Split text into sentences, as spans of code points, with rules for line breaks and a maximum length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.models import Span
from index.text.blocks import Block, blocks, lines, trim
from index.text.sentence_ends import sentence_ends

MAX_SENTENCE = 1000  # code points; longer "sentences" lack punctuation and are cut

_SPARE = 20  # code points that a wrapped line may leave unused before its break counts as intended
_LONG_WORD = 40  # code points: a longer word is not wrapped
_STANDS_OUT = 1.25  # how many times as long as the next line an outlier is
_PROSE_LINE = 40  # code points
_CLAUSE = re.compile(r"[;:,—–،、；：，](?=\s)|[、；：，]|\s[-–—](?=\s)")
_JOINERS = "\u200d\ufe0e\ufe0f"


def sentence_spans(text: str, language: str | None = None) -> list[Span]:
    """Return the sentences of `text`, trimmed, in order. They contain every character that is not white space."""
    return [span for block in blocks(text) for span in sentences_of(text, block, language)]


def sentences_of(text: str, block: Block, language: str | None = None) -> list[Span]:
    """Return the sentences of one block of `text`, as `sentence_spans` does for all blocks."""
    found: list[Span] = []
    for span in _block_sentences(text, block, language):
        found += [span] if span.end - span.start <= MAX_SENTENCE else cut(text, span, MAX_SENTENCE)
    return found


def cut(text: str, span: Span, limit: int) -> list[Span]:
    """Cut a span into trimmed pieces of at most `limit` code points: after clauses, else at white space, else anywhere.

    A character is not separated from its combining marks and joiners unless `limit` leaves no choice.
    """
    found: list[Span] = []
    start = span.start
    while span.end - start > limit:
        end = _cut_place(text, start, start + max(1, limit))
        found.append(trim(text, start, end))
        start = trim(text, end, span.end).start
    found.append(trim(text, start, span.end))
    return [piece for piece in found if piece.start < piece.end]


def _cut_place(text: str, start: int, stop: int) -> int:
    """Return where to cut `text[start:stop]`, preferring its second half."""
    window = text[start : stop + 1]
    half = (stop - start) // 2
    for pattern in (_CLAUSE, re.compile(r"\s+")):
        ends = [m.end() for m in pattern.finditer(window) if half < m.end() <= stop - start]
        if ends:
            return start + ends[-1]
    end = stop
    while end > start + 1 and _is_inside_character(text, end):
        end -= 1
    return end if end > start + 1 else stop


def _is_inside_character(text: str, offset: int) -> bool:
    """Return whether `offset` is inside a grapheme cluster (the marks and joiners of Unicode UAX #29 only)."""
    if offset >= len(text):
        return False
    after, before = text[offset], text[offset - 1]
    return unicodedata.category(after).startswith("M") or after in _JOINERS or before == "\u200d"


def _block_sentences(text: str, block: Block, language: str | None) -> list[Span]:
    """Return the sentences of one block: the rows of a table, a code block as a whole, or sentences of prose."""
    if block.kind == "code":
        whole = Span(block.start, block.end)
        return [whole] if block.end - block.start <= MAX_SENTENCE else _rows(text, block)
    found: list[Span] = []
    if block.kind == "table":
        for row in _rows(text, block):
            if found and not any(map(str.isalnum, row.of(text))):  # the delimiter row below the head of a table
                found[-1] = Span(found[-1].start, row.end)
            else:
                found.append(row)
        return found
    for run in _line_runs(text, block):
        found += _prose_sentences(text, run, language)
    return found


def _rows(text: str, block: Block) -> list[Span]:
    """Return the non-blank rows of a block, trimmed."""
    spans = (trim(text, block.start + s.start, block.start + s.end) for s in lines(text[block.start : block.end]))
    return [span for span in spans if span.start < span.end]


def _line_runs(text: str, block: Block) -> Iterator[Span]:
    """Yield the parts of a block between intended line breaks: those after which the next word would still have fitted.

    This keeps hard-wrapped prose together, while verses, addresses and titles end with their line.
    """
    rows = _rows(text, block)
    if len(rows) == 1:
        yield rows[0]
        return
    width = _wrap_width(text, rows)
    start = rows[0].start
    for above, below in pairwise(rows):
        first_word = below.of(text).split()[0]
        would_fit = (above.end - above.start) + 1 + len(first_word) + _SPARE <= width
        if would_fit and not first_word[0].islower() and first_word[0].isalnum() and text[above.end - 1] not in ",;-.":
            yield Span(start, above.end)
            start = below.start
    yield Span(start, rows[-1].end)


def _wrap_width(text: str, rows: Sequence[Span]) -> int:
    """Return the width that the lines of a paragraph seem to be wrapped at: the longest, unless it stands out.

    A line stands out if it has a word that could not be wrapped, such as an address, or if it is much longer than all
    the others and these are as long as lines of prose.
    """
    wrapped = [row.end - row.start for row in rows if max(map(len, row.of(text).split())) <= _LONG_WORD]
    lengths = sorted(wrapped if len(wrapped) > 1 else [row.end - row.start for row in rows])
    while len(lengths) > 3 and lengths[-1] > _STANDS_OUT * lengths[-2] and lengths[len(lengths) // 2] >= _PROSE_LINE:
        lengths.pop()
    return lengths[-1]


def _prose_sentences(text: str, run: Span, language: str | None) -> list[Span]:
    """Return the sentences of a run of prose. A piece without letters and digits is joined with the one before."""
    found: list[Span] = []
    start = run.start
    for end in (*sentence_ends(run.of(text), language), run.end - run.start):
        piece = trim(text, start, run.start + end)
        start = run.start + end
        if found and not _says_something(text, piece):
            found[-1] = Span(found[-1].start, piece.end)
        elif piece.start < piece.end:
            found.append(piece)
    return found


def _says_something(text: str, piece: Span) -> bool:
    """Return whether a piece has a letter, a digit or an emoji."""
    chars = piece.of(text)
    return chars[:1].isalnum() or any(char.isalnum() or unicodedata.category(char) == "So" for char in chars)
