"""Splits sections into passages: consecutive whole sentences that fit the embedder, as spans of the article's text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from index.incremental import finish
from index.models import Section, Span
from index.text.blocks import blocks
from index.text.sentences import cut, sentence_spans, sentences_of

CHUNKER_VERSION = "1"  # raise it when the same text gives other passages: vectors are rebuilt then

CountTokens = Callable[[Sequence[str]], list[int]]

_STEP_CHARACTERS = 20_000  # split or counted in one step: some 40 ms
_FULL_ENOUGH = 0.6  # of the budget: a passage this full may end at a paragraph's end
_TOO_SMALL = 0.4  # of the budget: a smaller last passage is balanced with the one before


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a part of one that exceeds the budget on its own."""

    span: Span
    tokens: int
    ends_paragraph: bool


def chunk(text: str, sections: Sequence[Section], count_tokens: CountTokens, budget: int) -> list[tuple[Span, str]]:
    """Return an article's passages, (span, heading) each: whole sentences of one section, at most `budget` tokens.

    `count_tokens` counts the tokens of each text, special tokens excluded; it is called with many sentences at once.
    A sentence above the budget is split at clauses or white space. Every character of a section that is not white
    space is in a passage. Raises ValueError for a budget below 1.
    """
    return finish(chunk_in_steps(text, sections, count_tokens, budget))


def chunk_in_steps(
    text: str, sections: Sequence[Section], count_tokens: CountTokens, budget: int
) -> Generator[None, None, list[tuple[Span, str]]]:
    """Do the same as `chunk` in steps of about `_STEP_CHARACTERS` characters."""
    if budget < 1:
        raise ValueError(f"a passage needs a budget of at least one token, not {budget}")
    spans, ends = yield from _sentences(text, sections)
    units = yield from _units(text, spans, ends, count_tokens, budget)
    starts = [unit.span.start for unit in units]
    found: list[tuple[Span, str]] = []
    for section in sections:
        own = units[bisect_left(starts, section.start) : bisect_left(starts, section.end)]
        for first, last in _balance_last_two(own, _fill_ranges(own, budget), budget):
            found.append((Span(own[first].span.start, own[last - 1].span.end), section.heading))
    return (yield from _halve_oversized(text, found, count_tokens, budget))


def _sentences(text: str, sections: Sequence[Section]) -> Generator[None, None, tuple[list[Span], set[int]]]:
    """Return the sentences of all sections, and the offsets at which their paragraphs end."""
    spans: list[Span] = []
    ends: set[int] = set()
    done = 0
    for section in sections:
        own = text[section.start : section.end]
        for block in blocks(own):
            ends.add(section.start + block.end)
            spans += [Span(section.start + s.start, section.start + s.end) for s in sentences_of(own, block)]
            done += block.end - block.start
            if done >= _STEP_CHARACTERS:
                done = 0
                yield
    return spans, ends


def _count_in_steps(texts: Sequence[str], count_tokens: CountTokens) -> Generator[None, None, list[int]]:
    """Return the number of tokens of each text."""
    found: list[int] = []
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _STEP_CHARACTERS:
            found += count_tokens(batch)
            batch, size = [], 0
            yield
    return found + (count_tokens(batch) if batch else [])


def _units(
    text: str, spans: list[Span], ends: set[int], count_tokens: CountTokens, budget: int
) -> Generator[None, None, list[_Unit]]:
    """Count all sentences; split those above the budget until every part fits or is one character long."""
    counts = yield from _count_in_steps([s.of(text) for s in spans], count_tokens)
    sized = dict(zip(spans, counts, strict=True))
    while large := [s for s, tokens in sized.items() if tokens > budget and s.end - s.start > 1]:
        pieces = [piece for s in large for piece in _cut_to_fit(text, s, sized.pop(s), budget)]
        counts = yield from _count_in_steps([p.of(text) for p in pieces], count_tokens)
        sized.update(zip(pieces, counts, strict=True))
    return [_Unit(span, sized[span], span.end in ends) for span in sorted(sized)]


def _cut_to_fit(text: str, span: Span, tokens: int, budget: int) -> list[Span]:
    """Split a span with too many tokens into parts that should fit, each shorter than the span."""
    length = span.end - span.start
    return cut(text, span, max(1, min(length - 1, length * budget * 9 // (tokens * 10))))


def _fill_ranges(units: Sequence[_Unit], budget: int) -> list[tuple[int, int]]:
    """Return half-open ranges of units, each filled up to the budget or to the end of a paragraph near it."""
    ranges: list[tuple[int, int]] = []
    first = 0
    while first < len(units):
        last, total, good = first, 0, 0
        while last < len(units) and (last == first or total + units[last].tokens <= budget):
            total += units[last].tokens
            last += 1
            if units[last - 1].ends_paragraph and total >= _FULL_ENOUGH * budget:
                good = last
        if last < len(units) and good:
            last = good
        ranges.append((first, last))
        first = last
    return ranges


def _balance_last_two(units: Sequence[_Unit], ranges: list[tuple[int, int]], budget: int) -> list[tuple[int, int]]:
    """If the last range is small, join it with the one before if both fit into one, else even the two out."""
    if len(ranges) < 2:
        return ranges
    (first, middle), (start, last) = ranges[-2:]
    totals = [0, *accumulate(unit.tokens for unit in units)]
    if totals[last] - totals[start] >= _TOO_SMALL * budget:
        return ranges
    if totals[last] - totals[first] <= budget:
        return [*ranges[:-2], (first, last)]
    half = (totals[first] + totals[last]) / 2
    best = min(range(first + 1, middle + 1), key=lambda place: abs(totals[place] - half))
    if totals[last] - totals[best] > budget:
        best = middle
    return [*ranges[:-2], (first, best), (best, last)]


def _halve_oversized(
    text: str, found: list[tuple[Span, str]], count_tokens: CountTokens, budget: int
) -> Generator[None, None, list[tuple[Span, str]]]:
    """Halve passages that exceed the budget: some tokenizers find more tokens in a passage than in its sentences."""
    counts = yield from _count_in_steps([span.of(text) for span, _ in found], count_tokens)
    while any(tokens > budget and span.end - span.start > 1 for (span, _), tokens in zip(found, counts, strict=True)):
        result: list[tuple[Span, str]] = []
        for (span, heading), tokens in zip(found, counts, strict=True):
            halves = _halve(text, span) if tokens > budget else [span]
            result += [(half, heading) for half in halves]
        found = result
        counts = yield from _count_in_steps([span.of(text) for span, _ in found], count_tokens)
    return found


def _halve(text: str, span: Span) -> list[Span]:
    """Split a passage between sentences near its middle, a single sentence at a clause or white space."""
    own = [Span(span.start + s.start, span.start + s.end) for s in sentence_spans(span.of(text))]
    if len(own) < 2:
        return cut(text, span, max(1, (span.end - span.start + 1) // 2))
    middle = len(own) // 2
    return [Span(span.start, own[middle - 1].end), Span(own[middle].start, span.end)]
