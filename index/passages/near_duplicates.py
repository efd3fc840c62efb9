"""Near duplicates: articles that are one text with small differences, such as a page and its version for printing.

The measure is the resemblance of two texts (Broder 1997): the Jaccard similarity of their sets of shingles, which are
runs of five words. Pairs worth comparing are found by locality-sensitive hashing: MinHash sketches cut into bands
(Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3). Only texts that share a band are compared.
The numbers were chosen with benchmarks/near_duplicates.py, see benchmarks/RESULTS.md.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import Final

import numpy as np

RESEMBLANCE: Final = 0.7  # at least, of two articles that count as near duplicates
_SHINGLE_WORDS: Final = 5
_MIN_WORDS: Final = 40  # a shorter text is never called a near duplicate
_BANDS: Final = 16
_ROWS: Final = 4  # hashes per band
_BATCH: Final = 4096  # shingles hashed at a time
_WORD: Final = re.compile(r"\w+")

_RANDOM = np.random.default_rng(5)
_FACTORS, _OFFSETS = _RANDOM.integers(1, 2**63, (2, _BANDS * _ROWS, 1), np.uint64) | np.uint64(1)
# One factor per position, so that the order of words counts.
_POSITION_FACTORS = _RANDOM.integers(1, 2**63, _SHINGLE_WORDS, np.uint64) | np.uint64(1)


def shingles(text: str) -> np.ndarray:
    """Return the hashes of a text's shingles, (n,) uint64, unique and sorted; none for under 40 words."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if len(words) < _MIN_WORDS:
        return np.empty(0, np.uint64)
    numbers = {word: _hash(word) for word in set(words)}
    found = np.fromiter((numbers[word] for word in words), np.uint64, len(words))
    count = len(words) - _SHINGLE_WORDS + 1
    joined = np.zeros(count, np.uint64)
    for at, factor in enumerate(_POSITION_FACTORS):
        joined = (joined ^ (joined >> np.uint64(29))) * factor + found[at : at + count]
    return np.unique(joined)


def minhash_bands(text_shingles: np.ndarray) -> list[int]:
    """Return the hashes of the bands of a text's MinHash sketch; near duplicates almost always share one."""
    if not len(text_shingles):
        return []
    least = np.full(_BANDS * _ROWS, np.iinfo(np.uint64).max, np.uint64)
    for at in range(0, len(text_shingles), _BATCH):
        hashed = (text_shingles[None, at : at + _BATCH] * _FACTORS + _OFFSETS) >> np.uint64(16)
        np.minimum(least, hashed.min(axis=1), out=least)
    rows = least.reshape(_BANDS, _ROWS)
    return [_hash(f"{band} {row.tobytes().hex()}") for band, row in enumerate(rows)]


def resemblance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Jaccard similarity, 0 to 1, of two sets of shingles."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - both
    return both / union if union else 0.0


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Return the share, 0 to 1, of the smaller of two sets of shingles that is in the other one; 0 if it is empty."""
    smaller = min(len(one), len(other))
    return len(np.intersect1d(one, other, assume_unique=True)) / smaller if smaller else 0.0


def _hash(text: str) -> int:
    """Return a 63-bit hash, which fits a signed integer of SQLite."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1
