"""Text to sentences, as spans of code points. The splitting itself is sentencex's; lines and bounds are ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from sentencex import get_sentence_boundaries

from index.models import Span
from index.text.blocks import Block, blocks, lines, trim

MAX_QUOTATION = 400  # code points; sentencex keeps a quotation whole, a longer one is split inside
MAX_SENTENCE = 1000  # code points; longer "sentences" lack punctuation and are cut, so that nothing is unbounded

_WINDOW = 10_000  # code points; sentencex takes quadratic time where quotation marks do not match
_SPARE = 20  # code points that a wrapped line may leave unused before its break counts as meant
_QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»‹›「」『』()[]{}（）', " "))
_MARKER = re.compile(r"\s*(?:[-*+•‣◦▪>]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s*$")
_CLAUSE = re.compile(r"[;:,—–،、；：，](?=\s)|[、；：，]|\s[-–—](?=\s)")
# Where sentencex breaks but a reader does not: 9 p.m. ET, Vol. 3, Non-U.S. The bar stands for the break.
_NO_BREAK = re.compile(r"[ap]\.m\.\|[A-Z]{2,4}\b|\b(?:Vol|Ch|Fig|Sec|Art|Nr|pp?)\.\|\d|-U\.\|S\.")
_JOINERS = "\u200d\ufe0e\ufe0f"


def sentence_spans(text: str) -> list[Span]:
    """Return the sentences of `text`, trimmed, in order; together they hold every character that is not white space."""
    return [span for block in blocks(text) for span in sentences_of(text, block)]


def sentences_of(text: str, block: Block) -> list[Span]:
    """Return the sentences of one block of `text`, as `sentence_spans` does of all."""
    found: list[Span] = []
    for span in _block_sentences(text, block):
        found += [span] if span.end - span.start <= MAX_SENTENCE else cut(text, span, MAX_SENTENCE)
    return found


def cut(text: str, span: Span, limit: int) -> list[Span]:
    """Cut a span into trimmed pieces of at most `limit` code points, at clauses, else at white space, else anywhere.

    A character is kept together with its combining marks and joiners where `limit` allows.
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
    while end > start + 1 and _clings(text, end):
        end -= 1
    return end if end > start + 1 else stop


def _clings(text: str, place: int) -> bool:
    """Tell whether the characters on both sides of `place` are seen as one."""
    if place >= len(text):
        return False
    after, before = text[place], text[place - 1]
    return unicodedata.category(after).startswith("M") or after in _JOINERS or before == "\u200d"


def _block_sentences(text: str, block: Block) -> list[Span]:
    """Return the sentences of one block: a table's rows, code as it stands, or prose."""
    if block.kind == "code":
        whole = Span(block.start, block.end)
        return [whole] if block.end - block.start <= MAX_SENTENCE else _rows(text, block)
    found: list[Span] = []
    if block.kind == "table":
        for row in _rows(text, block):
            if found and not any(map(str.isalnum, row.of(text))):  # the line below the head of a table
                found[-1] = Span(found[-1].start, row.end)
            else:
                found.append(row)
        return found
    for run in _runs(text, block):
        found += _prose(text, run)
    return found


def _rows(text: str, block: Block) -> list[Span]:
    """Return the rows of a block that are not blank, trimmed."""
    spans = (trim(text, block.start + s.start, block.start + s.end) for s in lines(text[block.start : block.end]))
    return [span for span in spans if span.start < span.end]


def _runs(text: str, block: Block) -> Iterator[Span]:
    """Yield the parts of a block between line breaks that are meant: where the next word would have fitted.

    So hard-wrapped prose stays together, while verses, addresses and titles end with their line.
    """
    rows = _rows(text, block)
    width = max(row.end - row.start for row in rows)
    start = rows[0].start
    for above, below in pairwise(rows):
        first_word = below.of(text).split()[0]
        roomy = (above.end - above.start) + 1 + len(first_word) + _SPARE <= width
        if roomy and not first_word[0].islower() and first_word[0].isalnum() and text[above.end - 1] not in ",;-.":
            yield Span(start, above.end)
            start = below.start
    yield Span(start, rows[-1].end)


def _prose(text: str, run: Span) -> list[Span]:
    """Return the sentences of a run of prose; long quotations are split inside."""
    found: list[Span] = []
    for span in _windowed(text, run):
        if span.end - span.start > MAX_QUOTATION:
            found += _boundaries(text, span, span.of(text).translate(_QUOTES))
        else:
            found.append(span)
    return found


def _windowed(text: str, run: Span) -> Iterator[Span]:
    """Yield the sentences of a run; a very long one is read window by window, each from a sentence's start."""
    start = run.start
    while start < run.end:
        stop = run.end if run.end - start <= _WINDOW else _cut_place(text, start, start + _WINDOW)
        spans = _boundaries(text, Span(start, stop), text[start:stop])
        if stop < run.end and len(spans) > 1:
            stop = spans.pop().start  # it may go on in the next window
        yield from spans
        start = stop


def _boundaries(text: str, run: Span, view: str) -> list[Span]:
    """Return sentencex's sentences of `view`, a copy of the run of the same length, as trimmed spans of `text`.

    A piece without letters or digits (a closing quotation mark, dots) or a list marker joins its neighbour.
    """
    ends = [run.start + int(b["end_index"]) for b in get_sentence_boundaries("en", view)]
    if not ends or ends[-1] != run.end:
        ends.append(run.end)
    found: list[Span] = []
    start = run.start
    for end in ends:
        piece = trim(text, start, end)
        around = f"{text[max(start, piece.end - 8) : piece.end]}|{text[end : min(end + 6, run.end)].lstrip()}"
        goes_on = _MARKER.match(piece.of(text)) or _NO_BREAK.search(around) or _goes_on(text, piece, Span(end, run.end))
        if piece.start == piece.end or (end != run.end and goes_on):
            continue
        if found and not any(char.isalnum() or unicodedata.category(char) == "So" for char in piece.of(text)):
            found[-1] = Span(found[-1].start, piece.end)
        else:
            found.append(piece)
        start = end
    return found


def _goes_on(text: str, piece: Span, rest: Span) -> bool:
    """Tell whether a stray full stop stands in a sentence ("wrote Kim. on his account"): no small letter begins one.

    Texts that are written in small letters altogether are split as they stand.
    """
    first = next((char for char in piece.of(text) if char.isalpha()), "")
    word = re.match(r"\s*([^\W\d_]+)", rest.of(text)[:60])
    return first.isupper() and text[piece.end - 1] == "." and word is not None and word[1].islower()
