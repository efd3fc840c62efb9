"""Where a quotation may be cut when it is longer than Discord shows: between sentences, words, characters."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from cogs.ui.escape import bold_pieces, escape, one_line, risky, units
from index.models import Span

_SENTENCE_END: Final = re.compile(r"[.!?…。！？](?:[\"'”’»)\]]*)(?=\s)|[。！？]|(?=\n)")
_SPACE: Final = re.compile(r"\s+")
# Of a room that is too small, the part that stays for what stands before the first highlighted words.
_LEAD: Final = 4
# Markers that only arise once the excerpt is cut: a line start at its first character, bold split in two.
_SLACK: Final = 8


def excerpt(text: str, highlights: Sequence[Span], room: int) -> Span:
    """Return the part of `text` to show so that its block quote takes at most `room` UTF-16 units.

    The whole text when it fits. Otherwise it begins at the beginning, or later where the first highlighted
    words would not be seen, and both cuts fall between sentences where one is near, else between words,
    else between characters as readers see them. `highlights` are offsets into `text`.
    """
    total = _costs(text, highlights)
    if total[-1] + 2 <= room:
        return Span(0, len(text))
    room = max(room - 2 - _SLACK, 1)
    pieces = bold_pieces(text, highlights)
    start = 0
    if pieces and total[pieces[0].end] > room:
        lead = total[pieces[0].start] - room // _LEAD
        # Earlier, where all that follows fits as well.
        wanted = bisect.bisect_left(total, min(lead, total[-1] - room))
        start = _cut_forward(text, wanted, pieces[0].start)
    limit = bisect.bisect_right(total, total[start] + room) - 1
    if limit >= len(text):
        return Span(start, len(text))
    keep = next((piece.end for piece in reversed(pieces) if piece.end <= limit), start)
    return Span(start, _cut_back(text, max(start, keep), limit))


def shortened(text: str, most: int) -> str:
    """Return `text` (one of our own lines, a title for instance) cut to at most `most` characters, with a mark."""
    if len(text) <= most:
        return text
    return text[: _cut_back(text, 0, most - 1)].rstrip() + "…"


def name(text: str, most: int) -> str:
    """Return a name (a title, a path) in one line, escaped, of at most `most` characters.

    One that is written from right to left is isolated, so that what stands beside it keeps its order.
    """
    line = escape(shortened(one_line(text), most))
    turns = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in line)
    return f"\u2068{line}\u2069" if turns else line


def _costs(text: str, highlights: Sequence[Span]) -> list[int]:
    """Return the UTF-16 units that each prefix of `text` takes in a block quote, escapes and bold included."""
    pieces = bold_pieces(text, highlights)
    offsets = risky(text, [edge for piece in pieces for edge in (piece.start, piece.end)])
    costs = [units(character) + 2 * (character == "\n") for character in text]
    for at in offsets:
        costs[at] += 1
    for piece in pieces:
        costs[piece.start] += 4
    return list(accumulate(costs, initial=0))


def _cut_back(text: str, low: int, high: int) -> int:
    """Return the best place to end at or before `high`, looking back no further than `low`."""
    near = max(low, high - (high - low) * 2 // 5)
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, near, high + 1) if match.end() <= high]
    if sentences and sentences[-1] > low:
        return sentences[-1]
    words = [match.start() for match in _SPACE.finditer(text, near + 1, high + 1)]
    if words:
        return words[-1]
    return next((at for at in range(high, low, -1) if not _joined(text, at)), high)


def _cut_forward(text: str, low: int, high: int) -> int:
    """Return the best place to begin at or after `low`, no later than `high`."""
    sentence = next((match for match in _SENTENCE_END.finditer(text, low, high) if match.end() < high), None)
    words = _SPACE.search(text, sentence.end() if sentence else low, high)
    if words:
        return words.end()
    return next((at for at in range(low, high) if not _joined(text, at)), high)


def _joined(text: str, at: int) -> bool:
    """Tell whether a cut at `at` would split what readers see as one character."""
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
