"""Truncates quotes and titles to Discord's limits, between sentences, words or grapheme clusters."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from cogs.ui.escape import bold_spans, escape, escape_offsets
from index.models import Span
from index.text.display_names import display_line

_SENTENCE_END: Final = re.compile(r"[.!?…。！？](?:[\"'”’»)\]]*)(?=\s)|[。！？]|(?=\n)")
_SPACE: Final = re.compile(r"\s+")
# One part in so many of the available units is for the text before the first highlight.
_LEAD: Final = 4
# One part in so many of a name's characters is for its end; words are cut only if none ends so near; " … ".
_TAIL: Final = 3
_NEAR: Final = 12
_GAP: Final = 3
# Units for escapes that only a cut makes necessary: at the new line start, and where bold is split in two.
_SLACK: Final = 8


def excerpt(text: str, highlights: Sequence[Span], max_units: int) -> Span:
    """Return the span of `text` whose block quote takes at most `max_units` UTF-16 units.

    The span is the whole text if it fits. Otherwise it starts at 0, or later if the first highlight would be cut
    off, and both cuts fall between sentences if a boundary is near, else between words, else between grapheme
    clusters. `highlights` are offsets into `text`.
    """
    total = _costs(text, highlights)
    if total[-1] + 2 <= max_units:
        return Span(0, len(text))
    available = max(max_units - 2 - _SLACK, 1)
    bold = bold_spans(text, highlights)
    start = 0
    if bold and total[bold[0].end] > available:
        lead = total[bold[0].start] - available // _LEAD
        # Earlier if all the text after that fits too.
        wanted = bisect.bisect_left(total, min(lead, total[-1] - available))
        start = _cut_forward(text, wanted, bold[0].start)
    limit = bisect.bisect_right(total, total[start] + available) - 1
    if limit >= len(text):
        return Span(start, len(text))
    keep = next((span.end for span in reversed(bold) if span.end <= limit), start)
    return Span(start, cut_back(text, max(start, keep), limit))


def beginning(text: str, limit: int) -> str:
    """Return the beginning of a sentence or description, at most `limit` characters with the ellipsis."""
    if len(text) <= limit:
        return text
    return text[: cut_back(text, 0, limit - 1)].rstrip() + "…"


def shorten(text: str, limit: int) -> str:
    """Return `text` (a title, path or question, not a quote) cut in its middle to at most `limit` characters.

    Titles that begin alike usually differ at their ends, so that both ends are kept.
    """
    if len(text) <= limit:
        return text
    return _joined(text, limit, len(text) - (limit - _GAP) // _TAIL)


def shorten_apart(names: Sequence[str], limit: int, details: Sequence[str] = ()) -> list[str]:
    """Return names as `shorten` does, but so that none is equal to another.

    Names that differ in their middles alone are cut before and after what differs. Those that are the same get their
    `details` (one for each name, such as a date) if these differ, else numbers.
    """
    short = [shorten(name, limit) for name in names]
    for group in _repeated(short):
        differing = {names[at] for at in group}
        if len(differing) > 1:
            start = _first_difference(min(differing), max(differing))
            for at in group:
                short[at] = _joined(names[at], limit, max(1, start - limit // _TAIL))
    for group in _repeated(short):
        marks = [details[at] if details else "" for at in group]
        if "" in marks or len(set(marks)) < len(marks):
            marks = [f"({number})" for number in range(1, len(group) + 1)]
        for at, mark in zip(group, marks, strict=True):
            end = f" {shorten(mark, limit // 2)}"
            short[at] = shorten(names[at], limit - len(end)) + end
    return short


def _first_difference(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginnings."""
    return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def _repeated(texts: Sequence[str]) -> list[list[int]]:
    """Return the positions of each text that is there more than once."""
    places: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        places.setdefault(text, []).append(at)
    return [found for found in places.values() if len(found) > 1]


def _joined(text: str, limit: int, tail: int) -> str:
    """Return the beginning of a name and what follows from about `tail` on, at most `limit` characters together."""
    start = next((at for at in range(tail, min(tail + _NEAR, len(text))) if text[at - 1].isspace()), tail)
    while _inside_grapheme(text, start):
        start += 1
    rest = text[start:]
    most = limit - _GAP - limit // _TAIL
    if len(rest) > most:
        rest = beginning(rest, most)
    end = min(start, limit - _GAP - len(rest))
    if text[end : end + 1].isspace() or text[start - 1].isspace():
        end = next((at for at in range(end, max(end - _NEAR, 0), -1) if text[at : at + 1].isspace()), end)
    while _inside_grapheme(text, end):
        end -= 1
    return f"{text[:end].rstrip()} … {rest}"


def escaped_name(text: str, limit: int) -> str:
    """Return a title or path on one line, escaped, cut to `limit` characters.

    Right-to-left text is wrapped in directional isolates, so that the text beside it keeps its order.
    """
    line = escape(shorten(display_line(text), limit))
    right_to_left = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in line)
    return f"\u2068{line}\u2069" if right_to_left else line


def _costs(text: str, highlights: Sequence[Span]) -> list[int]:
    """Return the UTF-16 units that each prefix of `text` takes in a block quote, including escapes and bold."""
    bold = bold_spans(text, highlights)
    offsets = escape_offsets(text, [edge for span in bold for edge in (span.start, span.end)])
    costs = [3 if character == "\n" else 2 if character > "\uffff" else 1 for character in text]
    for at in offsets:
        costs[at] += 1
    for span in bold:
        costs[span.start] += 4
    return list(accumulate(costs, initial=0))


def cut_back(text: str, low: int, high: int) -> int:
    """Return the best offset to end at, from `low` to `high`."""
    near = max(low, high - (high - low) * 2 // 5)
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, near, high + 1) if match.end() <= high]
    if sentences and sentences[-1] > low:
        return sentences[-1]
    words = [match.start() for match in _SPACE.finditer(text, near + 1, high + 1)]
    if words:
        return words[-1]
    return next((at for at in range(high, low, -1) if not _inside_grapheme(text, at)), high)


def _cut_forward(text: str, low: int, high: int) -> int:
    """Return the best offset to start at, from `low` to `high`."""
    sentence = next((match for match in _SENTENCE_END.finditer(text, low, high) if match.end() < high), None)
    words = _SPACE.search(text, sentence.end() if sentence else low, high)
    if words:
        return words.end()
    return next((at for at in range(low, high) if not _inside_grapheme(text, at)), high)


def _inside_grapheme(text: str, at: int) -> bool:
    """Whether a cut at `at` would split a grapheme cluster."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before == "\u200d" or after == "\u200d" or unicodedata.category(after) in {"Mn", "Mc", "Me", "Cf"}:
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if "\U0001f1e6" <= after <= "\U0001f1ff":
        flags = 0
        while flags < at and "\U0001f1e6" <= text[at - 1 - flags] <= "\U0001f1ff":
            flags += 1
        return flags % 2 == 1
    return "\u1160" <= after <= "\u11ff" and "\u1100" <= before <= "\u11ff"
