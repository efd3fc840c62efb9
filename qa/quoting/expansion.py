"""Expands the words that answer to whole sentences: usually one, more where it cannot be understood alone.

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

LONGEST = 350  # characters up to which a quote may include more than the answering sentence
_MAX_WITH_CONTEXT = 300  # the same for the sentence that a pronoun refers to
_RIVAL_MARGIN = 6.0  # log-odds: a reading at most this far below the best is a rival; chosen in benchmarks/RESULTS.md
_REFERRING_START = re.compile(
    r"[\"'“‘(]*(he|she|it|they|his|her|its|their|this|these|that|those|both|the (former|latter|other))\b", re.IGNORECASE
)


def expand_to_sentences(
    text: str, reading: Reading, others: Sequence[Reading] = (), language: str | None = None
) -> Span:
    """Return the sentences of the passage `text` that contain a reading, with what is needed to understand them.

    `others` are the other readings of the passage. A list is included as a whole if a sentence introduces it or several
    items answer; a row of a table is quoted alone. A sentence that begins with a referring word comes with the one
    before it, and one whose neighbour answers nearly as well comes with that neighbour. A reading of white space alone
    is expanded to the whole passage.
    """
    sentences = _sentences(text, language)
    first, last = _containing_range(sentences, reading)
    rivals = [other for other in others if reading.exact and 0 <= reading.score - other.score <= _RIVAL_MARGIN]
    grouped = _within_list_or_table(text, containing_sentences(text, reading, language), rivals, language)
    if grouped:
        return grouped
    if first and _refers_back(text, sentences, first, last):
        first -= 1
    first, last = _include_rival(text, sentences, (first, last), rivals)
    return Span(sentences[first].start, sentences[last].end)


def containing_sentences(text: str, reading: Reading, language: str | None = None) -> Span:
    """Return the sentences that contain a reading, and nothing else."""
    sentences = _sentences(text, language)
    first, last = _containing_range(sentences, reading)
    return Span(sentences[first].start, sentences[last].end)


def _containing_range(sentences: Sequence[Span], reading: Reading) -> tuple[int, int]:
    """Return the numbers of the first and last sentence that contain a reading; of all for one of white space."""
    containing = [place for place, s in enumerate(sentences) if s.start < reading.end and reading.start < s.end]
    return (containing[0], containing[-1]) if containing else (0, len(sentences) - 1)


@lru_cache(maxsize=512)
def _sentences(text: str, language: str | None) -> list[Span]:
    return sentence_spans(text, language) or [Span(0, len(text))]


@lru_cache(maxsize=512)
def _blocks(text: str) -> list[Block]:
    return blocks(text)


def _within_list_or_table(text: str, span: Span, rivals: Sequence[Reading], language: str | None) -> Span | None:
    """Return the part of a list or table to quote for a span in it; None if it is in neither or that is too long."""
    parts = _blocks(text)
    for part in parts:
        if part.kind == "table" and part.start <= span.start and span.end <= part.end:
            return span
    for items in _lists(parts):
        start = _introduction(text, parts, items[0], language)
        if start <= span.start and span.end <= items[-1].end:
            own = [part for part in items if _overlap(part, span)]
            several = any(_overlap(part, rival) for rival in rivals for part in items if part not in own)
            belongs_together = start < items[0].start or several
            narrow = Span(own[0].start, own[-1].end) if own else Span(start, items[0].end)
            whole = _unless_too_long(Span(start, items[-1].end)) if belongs_together else None
            return whole or _unless_too_long(narrow)
    return None


def _overlap(part: Block, span: Span | Reading) -> bool:
    return part.start < span.end and span.start < part.end


def _lists(parts: Sequence[Block]) -> list[list[Block]]:
    """Return the lists: runs of consecutive list items."""
    return [list(run) for is_item, run in groupby(parts, lambda part: part.kind == "item") if is_item]


def _introduction(text: str, parts: Sequence[Block], first: Block, language: str | None) -> int:
    """Return the start of the sentence that introduces a list ("You need:"), or of the list if there is none."""
    before = [part for part in parts if part.end <= first.start]
    if not before or before[-1].kind != "prose" or not text[: before[-1].end].rstrip("*_").endswith((":", "：")):
        return first.start
    return next(s.start for s in reversed(_sentences(text, language)) if s.end <= before[-1].end)


def _unless_too_long(span: Span) -> Span | None:
    return span if span.end - span.start <= LONGEST else None


def _refers_back(text: str, sentences: Sequence[Span], first: int, last: int) -> bool:
    """Whether a sentence begins with a referring word, such as "it", and can be quoted with the one before."""
    before, start = sentences[first - 1], sentences[first].start
    same_paragraph = "\n\n" not in text[before.end : start]
    short = sentences[last].end - before.start <= _MAX_WITH_CONTEXT
    return same_paragraph and short and bool(_REFERRING_START.match(text, start))


def _include_rival(
    text: str, sentences: Sequence[Span], containing: tuple[int, int], rivals: Sequence[Reading]
) -> tuple[int, int]:
    """Include a neighbouring sentence that contains a rival reading, unless that is too long."""
    first, last = containing
    for rival in sorted(rivals, key=lambda other: -other.score):
        for low, high in ((first - 1, last), (first, last + 1)):
            if low < 0 or high >= len(sentences):
                continue
            new, span = sentences[low if low < first else high], Span(sentences[low].start, sentences[high].end)
            inside = new.start <= rival.start and rival.end <= new.end
            if inside and "\n\n" not in span.of(text) and _unless_too_long(span):
                return low, high
    return containing
