"""From the words that answer to the whole sentences a person needs: never the middle of one, rarely more than one.

Offsets are code points of a passage's text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from index.models import Span
from index.text.blocks import Block, blocks
from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reading.protocol import Reading

LONGEST = 350  # characters up to which a quote may take in more than the sentence that answers
_COMFORT = 300  # the same for the sentence that a pronoun leans on
_RIVAL = 6.0  # log-odds: how far below the best reading a neighbour's may lie; chosen in benchmarks/RESULTS.md
_LEANS = re.compile(
    r"[\"'“‘(]*(he|she|it|they|his|her|its|their|this|these|that|those|both|the (former|latter|other))\b", re.IGNORECASE
)


def whole(text: str, reading: Reading, others: Sequence[Reading] = ()) -> Span:
    """Return the sentences that hold a reading, with what they need: whole sentences of the passage `text`.

    `others` are the readings of the same passage. A list comes whole where a sentence introduces it or more than one
    item answers, a row of a table with the table's head. A sentence that leans on the one before brings it; so does a
    sentence whose neighbour answers nearly as well. A reading of white space alone gives the whole passage.
    """
    sentences = _sentences(text)
    first, last = _held(sentences, reading)
    rivals = [other for other in others if reading.exact and 0 <= reading.score - other.score <= _RIVAL]
    grouped = _grouped(text, statement(text, reading), rivals)
    if grouped:
        return grouped
    if first and _leans(text, sentences, first, last):
        first -= 1
    first, last = _with_rival(text, (first, last), rivals)
    return Span(sentences[first].start, sentences[last].end)


def statement(text: str, reading: Reading) -> Span:
    """Return the sentences that hold a reading, and nothing else."""
    sentences = _sentences(text)
    first, last = _held(sentences, reading)
    return Span(sentences[first].start, sentences[last].end)


def _held(sentences: Sequence[Span], reading: Reading) -> tuple[int, int]:
    """Return the first and the last sentence that hold a reading; all of them for a reading of white space."""
    held = [place for place, s in enumerate(sentences) if s.start < reading.end and reading.start < s.end]
    return (held[0], held[-1]) if held else (0, len(sentences) - 1)


@lru_cache(maxsize=2048)
def _sentences(text: str) -> list[Span]:
    return sentence_spans(text) or [Span(0, len(text))]


@lru_cache(maxsize=2048)
def _blocks(text: str) -> list[Block]:
    return blocks(text)


def _grouped(text: str, span: Span, rivals: Sequence[Reading]) -> Span | None:
    """Return what a span of a list or table is quoted with, or None where it stands in neither or that is too long."""
    parts = _blocks(text)
    for part in parts:
        if part.kind == "table" and part.start <= span.start and span.end <= part.end:
            return _fitting(Span(part.start, span.end))
    for items in _lists(parts):
        start = _introduction(text, parts, items[0])
        if start <= span.start and span.end <= items[-1].end:
            own = [part for part in items if _meet(part, span)]
            several = any(_meet(part, rival) for rival in rivals for part in items if part not in own)
            belongs_together = start < items[0].start or several
            narrow = Span(own[0].start, own[-1].end) if own else Span(start, items[0].end)
            return (_fitting(Span(start, items[-1].end)) if belongs_together else None) or _fitting(narrow)
    return None


def _meet(part: Block, span: Span | Reading) -> bool:
    return part.start < span.end and span.start < part.end


def _lists(parts: Sequence[Block]) -> list[list[Block]]:
    """Return the runs of list items."""
    return [list(run) for is_item, run in groupby(parts, lambda part: part.kind == "item") if is_item]


def _introduction(text: str, parts: Sequence[Block], first: Block) -> int:
    """Return where the sentence begins that announces a list ("You need:"), or where the list itself does."""
    before = [part for part in parts if part.end <= first.start]
    if not before or before[-1].kind != "prose" or not text[: before[-1].end].rstrip("*_").endswith((":", "：")):
        return first.start
    return next(s.start for s in reversed(_sentences(text)) if s.end <= before[-1].end)


def _fitting(span: Span) -> Span | None:
    return span if span.end - span.start <= LONGEST else None


def _leans(text: str, sentences: Sequence[Span], first: int, last: int) -> bool:
    """Whether a sentence begins with a word that points back, and its neighbour is near enough to be quoted with it."""
    before, start = sentences[first - 1], sentences[first].start
    same_paragraph = "\n\n" not in text[before.end : start]
    short = sentences[last].end - before.start <= _COMFORT
    return same_paragraph and short and bool(_LEANS.match(text, start))


def _with_rival(text: str, held: tuple[int, int], rivals: Sequence[Reading]) -> tuple[int, int]:
    """Take in the neighbouring sentence that answers nearly as well, if there is one and room for it."""
    sentences, (first, last) = _sentences(text), held
    for rival in sorted(rivals, key=lambda other: -other.score):
        for low, high in ((first - 1, last), (first, last + 1)):
            if low < 0 or high >= len(sentences):
                continue
            new, span = sentences[low if low < first else high], Span(sentences[low].start, sentences[high].end)
            inside = new.start <= rival.start and rival.end <= new.end
            if inside and "\n\n" not in span.of(text) and _fitting(span):
                return low, high
    return held
