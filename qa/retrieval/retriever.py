"""Hybrid retrieval: dense and lexical search propose passages, which are ranked by one interpretable score.

The dense score is the cosine similarity. The lexical score is coverage: the share of the question's key terms,
weighted by inverse document frequency (Sparck Jones 1972), that occur in the passage, its heading or its title. Both
are comparable between libraries and between questions. Ranks (as in reciprocal rank fusion, Cormack et al. 2009) and
raw BM25 scores are not, so BM25 only proposes candidates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.analyzer import content_terms, key_terms
from qa.retrieval.identifier_spellings import spellings
from qa.retrieval.identifiers import locate
from qa.retrieval.unknown_names import may_be_misspelling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    import numpy as np

    from index.indexes.open_indexes import OpenIndexes
    from index.libraries.visible_part import SearchedLibrary
    from index.models import StoredPassage

POOL = 40  # passages proposed by each of the two searches
_COVERAGE_WEIGHT = 0.3  # relative to the cosine; chosen in benchmarks/RESULTS.md
_MAX_TERMS = 48  # key terms of a question; the rarest are kept
_MAX_SIMILAR = 20  # terms of similar letters that are looked at for a word that occurs in no passage
_MAX_SPELLINGS = 3  # spellings tried for a word that occurs in no passage
_PLAIN_KINDS = frozenset({"year", "numbered name"})  # identifiers whose words are terms like others


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer: `cosine` (-1 to 1), `coverage` (0 to 1) and `score`, their weighted sum.

    `library` is the name of the library that holds the passage.
    """

    library: str
    stored: StoredPassage
    cosine: float
    coverage: float
    score: float


@dataclass(frozen=True, slots=True)
class KeyTerm:
    """A key term of a question: its possible spellings, and its weight (inverse document frequency).

    A spelling is a term of the lexical index, or several adjacent ones joined by spaces.
    """

    spellings: dict[str, float]  # spelling -> similarity to the word as typed, 0 to 1
    weight: float


def retrieve(
    question: str,
    vector: np.ndarray,
    library: SearchedLibrary,
    others: Sequence[int] = (),
    article_id: int | None = None,
) -> list[Candidate]:
    """Return the candidates of a library, best first; `vector` is the question's, (d,) of unit length.

    They are at most `POOL` from each search, and the passages with the ids `others`. With `article_id` they are all
    passages of that article instead.
    """
    indexes = library.indexes()
    if indexes is None:
        return []
    words = _question_terms(question, indexes)
    terms = [spelling for word in words for spelling in word.spellings]
    if article_id is None:
        dense_ids, _ = indexes.dense.search(vector, POOL)
        lexical_ids, _ = indexes.lexical.search(terms, POOL)
        ids = list(dict.fromkeys([*dense_ids.tolist(), *lexical_ids.tolist(), *others]))
    else:
        ids = library.passage_ids(article_id)
    present = indexes.lexical.word_sets(ids)
    vectors = library.vectors(ids)
    found = [
        _candidate(library.name, stored, float(own @ vector), coverage(words, present.get(key, frozenset())))
        for stored in library.passages(ids)
        if (own := vectors.get(key := stored.passage.id)) is not None
        and len(own) == len(vector)  # others wait for `reindex`, which is changing the model
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def _candidate(library: str, stored: StoredPassage, cosine: float, covered: float) -> Candidate:
    return Candidate(library, stored, cosine, covered, cosine + _COVERAGE_WEIGHT * covered)


def coverage(words: Sequence[KeyTerm], present: AbstractSet[str]) -> float:
    """Return the weighted share of key terms among the terms `present`, 0 to 1; 0 if there are no key terms."""
    total = sum(word.weight for word in words)
    if not total:
        return 0.0
    near = (
        max((near for term, near in word.spellings.items() if set(term.split()) <= present), default=0)
        for word in words
    )
    return sum(word.weight * closeness for word, closeness in zip(words, near, strict=True)) / total


def inverse_document_frequency(count: int, indexes: OpenIndexes) -> float:
    """Return the weight of a word that occurs in `count` passages, as in BM25; above 0."""
    return math.log(1 + (indexes.passages - count + 0.5) / (count + 0.5))


def _question_terms(question: str, indexes: OpenIndexes) -> list[KeyTerm]:
    found = []
    rest, place = "", 0
    for one in locate(question, question=True):
        if one.identifier.kind not in _PLAIN_KINDS:
            rest, place = f"{rest}{question[place : one.start]}\n", one.end
            written = spellings(one.identifier)
            weight = inverse_document_frequency(indexes.lexical.count(written), indexes)
            found.append(KeyTerm(dict.fromkeys(written, 1.0), weight))
    rest += question[place:]
    terms = (content_terms if found else key_terms)(rest)[: 4 * _MAX_TERMS]
    frequencies = indexes.lexical.document_frequencies(terms)
    for term in terms:
        near = {term: 1.0} | ({} if frequencies[term] else _misspelt(term, indexes))
        count = max(indexes.lexical.document_frequencies(list(near)).values())
        found.append(KeyTerm(near, inverse_document_frequency(count, indexes)))
    return sorted(found, key=lambda word: -word.weight)[:_MAX_TERMS]


def _misspelt(term: str, indexes: OpenIndexes) -> dict[str, float]:
    """Return terms that one in no passage may be a misspelling of, with their similarity, 0 to 1."""
    similar = indexes.lexical.similar_terms(term, _MAX_SIMILAR)
    likely = [(other, near) for other, near in similar.items() if may_be_misspelling(term, other)]
    return dict(likely[:_MAX_SPELLINGS])
