"""Decodes start and end logits into the best few spans of each passage.

Span scores are the sum of a start and an end logit: Devlin et al. 2019 (BERT), section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qa.reading.protocol import Reading, ReadPassage

MAX_ANSWER = 30  # tokens of the longest span
KEPT = 5  # readings per passage


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens of a passage that a model reads at once.

    `offsets` are half-open code points of the passage; `words` is the number of the word that each token belongs to.
    """

    passage: int
    offsets: Sequence[tuple[int, int]]
    words: Sequence[int | None]


def window_readings(window: Window, start: np.ndarray, end: np.ndarray, null: float) -> list[Reading]:
    """Return the best spans of a window that do not overlap, expanded to whole words.

    `start` and `end` are (tokens,) logits, and `null` is the sum of both for "no answer".
    """
    tokens = len(start)
    scores = np.full((min(MAX_ANSWER, tokens), tokens), -np.inf, np.float32)
    for length in range(scores.shape[0]):
        scores[length, : tokens - length] = start[: tokens - length] + end[length:]
    found: list[Reading] = []
    while len(found) < KEPT and np.isfinite(scores).any():
        length, first = divmod(int(scores.argmax()), tokens)
        score = float(scores[length, first]) - null
        first, last = _whole_words(window.words, first, first + length)
        begin, stop = window.offsets[first][0], window.offsets[last][1]
        if begin < stop:
            found.append(Reading(window.passage, begin, stop, score, exact=True))
        for back in range(scores.shape[0]):  # spans of `back + 1` tokens that start here overlap
            scores[back, max(0, first - back) : last + 1] = -np.inf
    return found


def _whole_words(words: Sequence[int | None], first: int, last: int) -> tuple[int, int]:
    """Expand a span of tokens (inclusive) to whole words."""
    while first > 0 and words[first] is not None and words[first - 1] == words[first]:
        first -= 1
    while last + 1 < len(words) and words[last] is not None and words[last + 1] == words[last]:
        last += 1
    return first, last


def merge_readings(readings: Iterable[Reading], passages: Sequence[ReadPassage]) -> list[Reading]:
    """Return at most `KEPT` readings per passage, best first, without those that overlap a better one.

    A passage with text but without a reading gets one of its whole text, scored below all others.
    """
    kept: dict[int, list[Reading]] = {}
    for reading in sorted(readings, key=lambda r: (-r.score, r.passage, r.start)):
        own = kept.setdefault(reading.passage, [])
        if len(own) < KEPT and all(reading.end <= r.start or r.end <= reading.start for r in own):
            own.append(reading)
    lowest = min((r.score for own in kept.values() for r in own), default=0.0) - 1.0
    for place, passage in enumerate(passages):
        if place not in kept and (text := passage.text.strip()):
            start = passage.text.index(text)
            kept[place] = [Reading(place, start, start + len(text), lowest, exact=False)]
    return sorted((r for own in kept.values() for r in own), key=lambda r: (-r.score, r.passage, r.start))
