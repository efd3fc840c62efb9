"""From a question to candidate passages: dense and lexical evidence, fused on scores that mean something.

The dense score is a cosine. The lexical score is coverage: the share of the question's key words, weighted by
how rare they are (inverse document frequency), that stand in the passage, its heading or its title. Both are
comparable between libraries and between questions, which ranks and raw BM25 are not; BM25 only finds candidates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.analyzer import key_terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    import numpy as np

    from index.indexes.open_indexes import OpenIndexes
    from index.libraries.library import Library
    from index.models import StoredPassage

POOL = 40  # passages that each of the two searches proposes
_COVERAGE_WEIGHT = 0.3  # of coverage beside the cosine; chosen in benchmarks/RESULTS.md
_MAX_WORDS = 48  # of a question: the rarest are kept
_TYPO_WORDS = 3  # spellings tried for a word that no passage has


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer. `cosine` is -1 to 1, `coverage` 0 to 1, `score` their fusion, higher is better."""

    library: str
    stored: StoredPassage
    cosine: float
    coverage: float
    score: float


@dataclass(frozen=True, slots=True)
class KeyWord:
    """A key word: the spellings that count as it, and its weight (idf)."""

    spellings: dict[str, float]  # spelling -> how near it is to what was typed, 0 to 1
    weight: float


def retrieve(
    question: str, vector: np.ndarray, library: Library, others: Sequence[int] = (), article_id: int | None = None
) -> list[Candidate]:
    """Return at most 2 POOL candidates of a library, best first; `vector` is the question's, (d,) of unit length.

    `others` are ids of passages that are weighed besides those that the two searches find. With `article_id` all
    passages of that article are weighed, and no other.
    """
    indexes = library.indexes()
    if indexes is None:
        return []
    looked_for = _words(question, indexes)
    terms = [spelling for word in looked_for for spelling in word.spellings]
    if article_id is None:
        dense_ids, _ = indexes.dense.search(vector, POOL)
        lexical_ids, _ = indexes.lexical.search(terms, POOL)
        ids = list(dict.fromkeys([*dense_ids.tolist(), *lexical_ids.tolist(), *others]))
    else:
        ids = library.passage_ids(article_id)
    present = indexes.lexical.words(ids)
    found = [
        _candidate(library.name, stored, vector, coverage(looked_for, present.get(stored.passage.id, frozenset())))
        for stored in library.passages(ids)
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def _candidate(library: str, stored: StoredPassage, vector: np.ndarray, covered: float) -> Candidate:
    cosine = float(stored.vector @ vector)
    return Candidate(library, stored, cosine, covered, cosine + _COVERAGE_WEIGHT * covered)


def coverage(looked_for: Sequence[KeyWord], present: AbstractSet[str]) -> float:
    """Return the weighted share of words that are present, 0 to 1; 0 for a question without words."""
    total = sum(word.weight for word in looked_for)
    if not total:
        return 0.0
    near = (max((near for term, near in word.spellings.items() if term in present), default=0) for word in looked_for)
    return sum(word.weight * closeness for word, closeness in zip(looked_for, near, strict=True)) / total


def rarity(count: int, indexes: OpenIndexes) -> float:
    """Return the weight (inverse document frequency) of a word that stands in `count` passages."""
    return math.log(1 + (indexes.passages - count + 0.5) / (count + 0.5))


def _words(question: str, indexes: OpenIndexes) -> list[KeyWord]:
    terms = key_terms(question)[: 4 * _MAX_WORDS]
    frequencies = indexes.lexical.frequencies(terms)
    found = []
    for term in terms:
        spellings = {term: 1.0} | ({} if frequencies[term] else indexes.lexical.near(term, _TYPO_WORDS))
        count = max(indexes.lexical.frequencies(list(spellings)).values())
        found.append(KeyWord(spellings, rarity(count, indexes)))
    return sorted(found, key=lambda word: -word.weight)[:_MAX_WORDS]
