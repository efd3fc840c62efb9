"""Find the lines that repeat on most pages of a site, and remove them: they are the site's frame, not its articles."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from index.models import Link, Section, Span
from index.text.blocks import TERMINAL, fenced_ranges, lines, trim

_FEWEST: Final = 5  # pages; on fewer, what repeats may be chance
_SHARE: Final = 0.6  # of the pages that have a line of the frame
_SENTENCE: Final = 40  # code points; a shorter line between lines of the article may be a label of what follows
_BLOCK: Final = 3  # lines in a row that repeat together
_LEAST: Final = 40  # code points that a page must keep
_LEAST_SHARE: Final = 0.1  # of its text


def repeated_lines(texts: Sequence[str]) -> frozenset[str]:
    """Return the digests of the lines that most of the texts have; none if there are fewer than five texts.

    Lines of code and of tables do not count.
    """
    if len(texts) < _FEWEST:
        return frozenset()
    counts: Counter[str] = Counter()
    for text in texts:
        rows = [span.of(text) for span in lines(text)]
        counts.update({_digest(rows[n]) for n in _plain_rows(rows)})
    most = math.ceil(_SHARE * len(texts))
    return frozenset(digest for digest, count in counts.items() if count >= most)


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text without the lines of a frame, with the sections and links that are left; `links` may be unknown."""

    text: str
    sections: tuple[Section, ...]
    links: tuple[Link, ...] | None


def without_lines(
    text: str, sections: Sequence[Section], links: Sequence[Link] | None, frame: Collection[str]
) -> Shortened | None:
    """Return what a text is without the lines of a frame, given by their digests; None if nothing changes.

    Lines go before and after all others, and between them where they are sentences or a block of three and more. Every
    other line stays unchanged, and no section spans a deletion. A page of which hardly anything would remain keeps
    all.
    """
    spans = lines(text)
    rows = [span.of(text) for span in spans]
    removed = _frame_rows(rows, frame, _heading_rows(spans, sections))
    if not removed:
        return None
    runs, shorter = _cut(spans, rows, removed)
    left = tuple(_moved(sections, runs, shorter))
    if sum(section.end - section.start for section in left) < max(_LEAST, _LEAST_SHARE * len(text)):
        return None
    return Shortened(shorter, left, None if links is None else tuple(_moved_links(links, runs)))


def _frame_rows(rows: Sequence[str], frame: Collection[str], headings: Collection[int]) -> set[int]:
    """Return the rows that belong to a frame, without headings whose text remains."""
    repeated = {n for n in _plain_rows(rows) if _digest(rows[n]) in frame}
    filled = [n for n, row in enumerate(rows) if row.strip()]
    own = [n for n in filled if n not in repeated]
    if not own:
        return set()
    removed = {n for n in repeated if n < own[0] or n > own[-1] or _is_sentence(rows[n])}
    block: list[int] = []
    for number in [*filled, None]:
        if number in repeated and number is not None:
            block.append(number)
            continue
        removed |= set(block) if len(block) >= _BLOCK else set()
        block = []
    below: int | None = None
    for number in reversed(filled):
        if number in headings and below is not None and below not in removed and below not in headings:
            removed.discard(number)
        below = number
    return removed


def _cut(
    spans: Sequence[Span], rows: Sequence[str], removed: Collection[int]
) -> tuple[list[tuple[int, int, int]], str]:
    """Return the parts of a text that are kept (start, end, and start in the shorter text), and the shorter text.

    Of the blank lines around a deleted one, one is kept.
    """
    runs: list[tuple[int, int, int]] = []
    kept: list[str] = []
    length = 0
    after = False  # whether the line above was deleted
    for number, (span, row) in enumerate(zip(spans, rows, strict=True)):
        blank = not row.strip()
        after = number in removed or (after and blank and (not kept or not kept[-1].strip()))
        if after:
            continue
        if runs and runs[-1][1] == span.start:
            runs[-1] = (runs[-1][0], span.end, runs[-1][2])
        else:
            runs.append((span.start, span.end, length))
        kept.append(row)
        length += len(row)
    while kept and not kept[-1].strip():
        kept.pop()
    return runs, "".join(kept)


def _moved(sections: Iterable[Section], runs: Sequence[tuple[int, int, int]], text: str) -> Iterator[Section]:
    """Yield the parts of sections that are in the kept parts of a text, with their places in the shorter text."""
    starts = [start for start, _, _ in runs]
    for section in sections:
        own = range(max(0, bisect_right(starts, section.start) - 1), bisect_left(starts, section.end))
        for start, end, new_start in (runs[number] for number in own):
            first, last = max(section.start, start), min(section.end, end)
            if first < last:
                span = trim(text, first - start + new_start, min(len(text), last - start + new_start))
                if span.start < span.end:
                    yield Section(span.start, span.end, section.heading)


def _moved_links(links: Iterable[Link], runs: Sequence[tuple[int, int, int]]) -> Iterator[Link]:
    """Yield the links that are in the kept parts of a text, with their places in the shorter text."""
    starts = [start for start, _, _ in runs]
    for link in links:
        start, end, new_start = runs[max(0, bisect_right(starts, link.start) - 1)]
        if start <= link.start and link.end <= end:
            by = new_start - start
            yield Link(link.start + by, link.end + by, link.address)


def _heading_rows(spans: Sequence[Span], sections: Sequence[Section]) -> set[int]:
    """Return the rows outside of all sections: headings."""
    starts = [(section.start, section.end) for section in sections]
    found: set[int] = set()
    at = 0
    for number, span in enumerate(spans):
        while at < len(starts) and starts[at][1] <= span.start:
            at += 1
        if at == len(starts) or starts[at][0] >= span.end:
            found.add(number)
    return found


def _plain_rows(rows: Sequence[str]) -> list[int]:
    """Return the rows with text that are neither code nor part of a table."""
    code = {n for first, end in fenced_ranges(rows) for n in range(first, end)}
    return [n for n, row in enumerate(rows) if row.strip() and n not in code and not row.lstrip().startswith("|")]


def _is_sentence(row: str) -> bool:
    return len(row) >= _SENTENCE and TERMINAL.search(row.rstrip()) is not None


def _digest(row: str) -> str:
    return hashlib.blake2b(row.strip().encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
