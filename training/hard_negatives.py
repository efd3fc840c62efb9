"""Find texts that resemble a question but do not answer it, by the cosine of their tf-idf vectors."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_KEPT = 8  # texts kept for each question, from its own article and from others


@dataclass(frozen=True, slots=True)
class SearchedText:
    """A paragraph or passage of an article. The words of `title` count as its own."""

    article: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question about an article; texts that hold its `answer` or are in `excluded`, by number, are no negatives."""

    text: str
    article: str
    answer: str
    excluded: frozenset[int]


@dataclass(frozen=True, slots=True)
class Negatives:
    """The numbers of the texts most similar to a question that do not answer it, most similar first."""

    same_article: list[int]
    other_articles: list[int]


def hard_negatives(
    texts: Sequence[SearchedText], queries: Sequence[Query], sampled: int, seed: int = 0
) -> list[Negatives]:
    """Return the negatives of each query, at most eight of its own article and eight of others.

    Those of other articles come from a sample of at most `sampled` texts, drawn with `seed`.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
    vectors = vectorizer.fit_transform([f"{one.title} {one.text}" for one in texts])
    questions = vectorizer.transform([query.text for query in queries])
    sample = sorted(random.Random(seed).sample(range(len(texts)), min(sampled, len(texts))))
    sample_vectors = vectors[sample].T.tocsr()
    folded = [one.text.casefold() for one in texts]
    by_article = _numbers_by_article(texts)
    found: dict[int, Negatives] = {}
    for article, numbers in _numbers_by_article(queries).items():
        own = by_article[article]
        near = (questions[numbers] @ vectors[own].T).toarray()
        far = (questions[numbers] @ sample_vectors).toarray()
        for row, number in enumerate(numbers):
            answer, excluded = queries[number].answer, queries[number].excluded
            found[number] = Negatives(
                _hardest(answer, own, near[row], folded, excluded),
                _hardest(answer, sample, far[row], folded, excluded.union(own)),
            )
    return [found[number] for number in range(len(queries))]


def _numbers_by_article(items: Iterable[SearchedText | Query]) -> dict[str, list[int]]:
    """Return the numbers of the items of each article."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        numbers[item.article].append(number)
    return numbers


def _hardest(
    answer: str, pool: Sequence[int], scores: np.ndarray, folded: Sequence[str], excluded: Collection[int]
) -> list[int]:
    """Return the texts of a pool that score highest, without those that are excluded or hold the answer."""
    # A stable sort: equal scores are frequent, and their order must not depend on the processor.
    ranked = [pool[i] for i in np.argsort(-scores, kind="stable")]
    candidates = [number for number in ranked if number not in excluded][: 3 * _KEPT]
    needle = answer.casefold()
    return [number for number in candidates if not (needle and needle in folded[number])][:_KEPT]
