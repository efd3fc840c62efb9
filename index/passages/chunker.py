"""Splits sections into passages: consecutive whole sentences that fit the embedder, as spans of the article's text.

A passage ends with its paragraph, list or table unless it is very short: a paragraph is about one thing, which is found
more often without its neighbours (benchmarks/RESULTS.md). Table rows, list items and code blocks are kept whole where
they fit. A passage that begins inside a table, list or code block names the spans that introduce it: the sentence that
announces it, and the head of the table.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import NamedTuple

from index.incremental import finish
from index.models import Chunk, Section, Span
from index.text.block_spans import BlockSpans, block_spans
from index.text.blocks import Block, blocks, lines, trim
from index.text.sentences import cut, sentences_of

CHUNKER_VERSION = "5"  # raise it when the same text gives other passages or contexts: vectors are rebuilt then

CountTokens = Callable[[Sequence[str]], list[int]]

_STEP_CHARACTERS = 20_000  # split or counted in one step: some 40 ms
_LARGE_ENOUGH = 0.2  # of the budget: a passage this large ends where a block does
_TOO_SMALL = 0.15  # of the budget: a smaller last passage is balanced with the one before
_ANNOUNCING = re.compile(r":[*_]*\Z")  # ends a paragraph that belongs to the block after it


class _Article(NamedTuple):
    text: str
    language: str | None


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, table row, list item or code block, or a part of one that exceeds the budget on its own."""

    span: Span
    tokens: int
    ends_block: bool  # of a block that a passage may end with


def chunk(
    text: str, sections: Sequence[Section], count_tokens: CountTokens, budget: int, language: str | None = None
) -> list[Chunk]:
    """Return an article's passages: whole sentences of one section, at most `budget` tokens each.

    `count_tokens` counts the tokens of each text, special tokens excluded; it is called with many sentences at once.
    `language` is a BCP 47 tag.
    A table row, list item or code block is only split if it exceeds the budget on its own: an item between sentences,
    code between lines. A longer sentence or row is split at clauses or white space. Every character of a section that
    is not white space is in a passage. Raises ValueError for a budget below 1.
    """
    return finish(chunk_in_steps(text, sections, count_tokens, budget, language))


def chunk_in_steps(
    text: str, sections: Sequence[Section], count_tokens: CountTokens, budget: int, language: str | None = None
) -> Generator[None, None, list[Chunk]]:
    """Do the same as `chunk` in steps of about `_STEP_CHARACTERS` characters."""
    if budget < 1:
        raise ValueError(f"a passage needs a budget of at least one token, not {budget}")
    spans, found_blocks = yield from _split_blocks(text, sections, language)
    units = yield from _units(_Article(text, language), spans, found_blocks, count_tokens, budget)
    starts = [unit.span.start for unit in units]
    groups: list[list[Span]] = []
    for section in sections:
        own = units[bisect_left(starts, section.start) : bisect_left(starts, section.end)]
        for first, last in _balance_last_two(own, _fill_ranges(own, budget), budget):
            groups.append([unit.span for unit in own[first:last]])
    fitting = yield from _halve_oversized(text, groups, count_tokens, budget)
    return (
        yield from _with_introductions(
            _Article(text, language), sections, [Span(one[0].start, one[-1].end) for one in fitting]
        )
    )


def _split_blocks(
    text: str, sections: Sequence[Section], language: str | None
) -> Generator[None, None, tuple[list[Span], dict[int, Block]]]:
    """Return the sentences, rows, items and code blocks of all sections, and their blocks by the offset they end at."""
    spans: list[Span] = []
    by_end: dict[int, Block] = {}
    done = 0
    for section in sections:
        for found in blocks(text[section.start : section.end]):
            block = Block(section.start + found.start, section.start + found.end, found.kind)
            by_end[block.end] = block
            is_whole = block.kind in {"item", "code"}
            spans += [Span(block.start, block.end)] if is_whole else sentences_of(text, block, language)
            done += block.end - block.start
            if done >= _STEP_CHARACTERS:
                done = 0
                yield
    return spans, by_end


def _parts_of_block(article: _Article, block: Block) -> list[Span]:
    """Return the sentences of a list item, or the lines of a code block."""
    text = article.text
    if block.kind == "item":
        return sentences_of(text, block, article.language)
    rows = (trim(text, block.start + row.start, block.start + row.end) for row in lines(text[block.start : block.end]))
    return [row for row in rows if row.start < row.end]


def _with_introductions(
    article: _Article, sections: Sequence[Section], spans: Sequence[Span]
) -> Generator[None, None, list[Chunk]]:
    """Return the passages with the headings of their sections and the spans that introduce them."""
    found: list[Chunk] = []
    starts = [span.start for span in spans]
    done = 0
    for section in sections:
        structure = block_spans(article.text, [section], article.language)
        own = spans[bisect_left(starts, section.start) : bisect_left(starts, section.end)]
        found += [Chunk(span, section.heading, _introductions(structure, span.start)) for span in own]
        done += section.end - section.start
        if done >= _STEP_CHARACTERS:
            done = 0
            yield
    return found


def _introductions(structure: BlockSpans, start: int) -> tuple[Span, ...]:
    """Return the spans before `start` that introduce the table, list or code there, in text order."""
    table = structure.table_at(start)
    around = (table, structure.list_at(start), structure.code_at(start))
    spans = {block.introduction for block in around if block is not None} | {table.head if table else None}
    return tuple(sorted(span for span in spans if span is not None and span.end <= start))


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
    article: _Article, spans: list[Span], by_end: dict[int, Block], count_tokens: CountTokens, budget: int
) -> Generator[None, None, list[_Unit]]:
    """Count the tokens of all spans; split those above the budget until every part fits or is one character long."""
    counts = yield from _count_in_steps([s.of(article.text) for s in spans], count_tokens)
    sized = dict(zip(spans, counts, strict=True))
    while large := [s for s, tokens in sized.items() if tokens > budget and s.end - s.start > 1]:
        pieces = [piece for s in large for piece in _split_unit(article, s, by_end.get(s.end), sized.pop(s), budget)]
        counts = yield from _count_in_steps([p.of(article.text) for p in pieces], count_tokens)
        sized.update(zip(pieces, counts, strict=True))
    last_ends = _last_ends(article.text, list(by_end.values()))
    return [_Unit(span, sized[span], span.end in last_ends) for span in sorted(sized)]


def _last_ends(text: str, found: Sequence[Block]) -> set[int]:
    """Return the ends of the blocks that a passage may end with, given all blocks in order.

    These are all but the items of a list before its last one, and paragraphs that announce what follows.
    """
    return {
        block.end
        for block, after in zip_longest(found, found[1:])
        if after is None
        or not (
            (block.kind == after.kind == "item")
            or (block.kind == "prose" and after.kind == "table")
            or _ANNOUNCING.search(text, block.start, block.end)
        )
    }


def _split_unit(article: _Article, span: Span, block: Block | None, tokens: int, budget: int) -> list[Span]:
    """Split a span with too many tokens: a whole item or code block into its parts, anything else by length."""
    if block is not None and block.kind in {"item", "code"} and block.start == span.start:
        parts = _parts_of_block(article, block)
        if len(parts) > 1:
            return parts
    return _cut_to_fit(article.text, span, tokens, budget)


def _cut_to_fit(text: str, span: Span, tokens: int, budget: int) -> list[Span]:
    """Split a span with too many tokens into parts that should fit, each shorter than the span."""
    length = span.end - span.start
    return cut(text, span, max(1, min(length - 1, length * budget * 9 // (tokens * 10))))


def _fill_ranges(units: Sequence[_Unit], budget: int) -> list[tuple[int, int]]:
    """Return half-open ranges of units, each filled up to the first end of a block that makes it large enough.

    Where no block ends in time, a range is filled up to the budget.
    """
    ranges: list[tuple[int, int]] = []
    first = 0
    while first < len(units):
        last, total = first, 0
        while last < len(units) and (last == first or total + units[last].tokens <= budget):
            total += units[last].tokens
            last += 1
            if units[last - 1].ends_block and total >= _LARGE_ENOUGH * budget:
                break
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
    text: str, groups: list[list[Span]], count_tokens: CountTokens, budget: int
) -> Generator[None, None, list[list[Span]]]:
    """Halve passages, given as lists of units, that exceed the budget.

    Some tokenizers find more tokens in a passage than in its units.
    """

    def whole(group: list[Span]) -> Span:
        return Span(group[0].start, group[-1].end)

    found = groups
    counts = yield from _count_in_steps([whole(group).of(text) for group in found], count_tokens)
    while any(
        tokens > budget and whole(group).end - whole(group).start > 1
        for group, tokens in zip(found, counts, strict=True)
    ):
        result: list[list[Span]] = []
        for group, tokens in zip(found, counts, strict=True):
            result += _halve(text, group) if tokens > budget else [group]
        found = result
        counts = yield from _count_in_steps([whole(group).of(text) for group in found], count_tokens)
    return found


def _halve(text: str, group: list[Span]) -> list[list[Span]]:
    """Split a passage between units near its middle, a single unit at a clause or white space."""
    if len(group) < 2:
        span = group[0]
        return [[piece] for piece in cut(text, span, max(1, (span.end - span.start + 1) // 2))]
    middle = len(group) // 2
    return [group[:middle], group[middle:]]
