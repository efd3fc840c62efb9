"""BM25 with NumPy: the scores of passages from the lists of the question's terms.

Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond". Parameters, and the weight of a
term that most passages contain, are those of SQLite's FTS5, with which the quality figures were first measured.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_SATURATION, _LENGTH_NORM = 1.2, 0.75  # k1 and b
_LEAST_IDF: Final = 1e-6


class Postings(NamedTuple):
    """The passages that contain a term, each once: (n,) uint32 places, and (n,) float32 weighted numbers of times."""

    places: np.ndarray
    frequencies: np.ndarray


class Weighted(NamedTuple):
    """Some of the passages that contain a term, and how many all of them are."""

    postings: Postings
    passages: int


def scores(terms: Sequence[Postings], lengths: np.ndarray, passages: int) -> np.ndarray:
    """Return the BM25 score of the passage at each place, 0 without any of the terms.

    Args:
        terms: Of each term of the question, the passages that contain it.
        lengths: (n,) numbers of words of the passages at each place, 0 where there is none.
        passages: The number of passages.

    """
    found = [Weighted(one, len(one.places)) for one in terms]
    return weighted_scores(found, lengths, passages, int(lengths.sum(dtype=np.int64)))


def weighted_scores(terms: Sequence[Weighted], lengths: np.ndarray, passages: int, words: int) -> np.ndarray:
    """Return the same for some of the passages; all are `passages`, with `words` words together."""
    total = np.zeros(len(lengths), np.float32)
    average = max(1, words) / max(1, passages)
    for (places, frequencies), held in terms:
        idf = max(_LEAST_IDF, math.log((passages - held + 0.5) / (held + 0.5)))
        long = lengths[places] * np.float32(_SATURATION * _LENGTH_NORM / average)
        long += np.float32(_SATURATION * (1 - _LENGTH_NORM))
        total[places] += np.float32(idf * (_SATURATION + 1)) * frequencies / (frequencies + long)
    return total


def best(scores: np.ndarray, terms: Sequence[Postings], limit: int) -> np.ndarray:
    """Return the places with the `limit` highest scores above 0, highest first, of equal ones the first places first.

    `terms` are those that the scores were computed from: the rarest one with enough passages gives a score that
    `limit` passages reach, so that few of the others have to be sorted.
    """
    enough = [places for places, _ in terms if len(places) >= limit]
    if enough:
        reached = scores[min(enough, key=len)]
        least = np.partition(reached, len(reached) - limit)[len(reached) - limit]
        found = np.flatnonzero(scores >= least) if least > 0 else np.flatnonzero(scores)
    else:
        found = np.flatnonzero(scores)
    return found[np.lexsort((found, -scores[found]))][:limit]
