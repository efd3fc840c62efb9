"""Near duplicates: articles that are one text with small differences, such as a page and its version for printing.

The measure is the resemblance of two texts (Broder 1997): of all runs of five words that stand in either, the share
that stands in both. Which pairs are worth measuring, their MinHash sketches tell, cut into bands (Leskovec, Rajaraman,
Ullman: Mining of Massive Datasets, chapter 3): two texts that share a band are compared word for word.
Chosen by benchmarks/near_duplicates.py, see benchmarks/RESULTS.md.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import Final

import numpy as np

RESEMBLANCE: Final = 0.7  # from here on two articles are near duplicates
_RUN: Final = 5  # words
_FEWEST: Final = 40  # words: of less nothing can be said
_BANDS: Final = 16
_ROWS: Final = 4  # hashes in a band
_AT_ONCE: Final = 4096  # runs that are hashed at a time
_WORD: Final = re.compile(r"\w+")

_DICE = np.random.default_rng(5)
_FACTORS, _OFFSETS = _DICE.integers(1, 2**63, (2, _BANDS * _ROWS, 1), np.uint64) | np.uint64(1)
_PLACES = _DICE.integers(1, 2**63, _RUN, np.uint64) | np.uint64(1)  # tell the words of a run apart by their order


def runs(text: str) -> np.ndarray:
    """Return what stands for the runs of words of a text, (n,) uint64, each once; none of a text too short to tell."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if len(words) < _FEWEST:
        return np.empty(0, np.uint64)
    numbers = {word: _number(word) for word in set(words)}
    found = np.fromiter((numbers[word] for word in words), np.uint64, len(words))
    count = len(words) - _RUN + 1
    joined = np.zeros(count, np.uint64)
    for at, factor in enumerate(_PLACES):
        joined = (joined ^ (joined >> np.uint64(29))) * factor + found[at : at + count]
    return np.unique(joined)


def bands(text_runs: np.ndarray) -> list[int]:
    """Return the numbers of a text's bands: texts that are near duplicates nearly always share one."""
    if not len(text_runs):
        return []
    least = np.full(_BANDS * _ROWS, np.iinfo(np.uint64).max, np.uint64)
    for at in range(0, len(text_runs), _AT_ONCE):
        hashed = (text_runs[None, at : at + _AT_ONCE] * _FACTORS + _OFFSETS) >> np.uint64(16)
        np.minimum(least, hashed.min(axis=1), out=least)
    rows = least.reshape(_BANDS, _ROWS)
    return [_number(f"{band} {row.tobytes().hex()}") for band, row in enumerate(rows)]


def resemblance(one: np.ndarray, other: np.ndarray) -> float:
    """Return how much two texts resemble each other, 0 to 1."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - both
    return both / union if union else 0.0


def _number(text: str) -> int:
    """Return a number that SQLite can hold."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1
