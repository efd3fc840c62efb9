"""What the learnt order and the confidence are computed from: one row of numbers for each proposed quote."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from index.text.analyzer import content_terms
from qa.quoting.answer_types import answer_type, has_type, says_yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qa.quoting.quotes import Proposal

# One value for each proposal: what the order is learnt from.
FEATURES: Final = (
    "passage score",  # the reranker's
    "best reading",  # of the passage, log-odds
    "reading",  # relative to the best of the passage, at most 0
    "cosine",
    "cosine behind best",
    "coverage",
    "coverage behind best",
    "heading likeness",  # cosine of the question and the deepest heading
    "heading words",  # how alike the words of question and deepest heading are, 0 to 1
    "heading asks",  # 1 if the deepest heading has all words of the question and few others
    "title words",  # share of the question's words in the title
    "words",  # share of the question's words in quote, heading and title
    "words of quote",
    "likeness of quote",  # cosine of the question and the quote alone, less that of its passage
    "answer type",
    "says yes or no",
    "asks itself",  # 1 if the quote is a question
    "short",  # 1 if the quote is shorter than a sentence usually is
    "is a heading",
)
# One value for each question: what the confidence also depends on.
SHARED: Final = (
    "library size",  # base-10 logarithm of the number of passages
    "best passage score",
    "best reading of all",
    "best cosine",
    "best coverage",
    "lead over other articles",  # of the best cosine
    "question words",
)
_ASKS: Final = re.compile(r"[?\uff1f][\"'*_)\u201d\u00bb\s]*\Z")
_SHORT: Final = 25  # characters
_MANY_WORDS: Final = 8
_SAME_HEADING: Final = 0.8
_COMPARED_PASSAGES: Final = 8
_COSINE_WEIGHT: Final = 10.0  # relative to the passage score; it only chooses what is compared
_LIMIT: Final = 12.0  # log-odds; what the models say beyond it is no surer


@dataclass(frozen=True, slots=True)
class Measured:
    """The n proposals for a question: `rows` (n, features) and `shared` (shared features,), float64."""

    proposals: list[Proposal]
    rows: np.ndarray
    shared: np.ndarray


def measure(
    question: str,
    proposals: Sequence[Proposal],
    passages: int,
    cosines: Callable[[Sequence[str]], Sequence[float]],
) -> Measured:
    """Return the features of all proposals for a question asked of libraries with so many passages.

    `cosines` returns the cosine of each text and the question.
    """
    if not proposals:
        return Measured([], np.zeros((0, len(FEATURES))), np.zeros(len(SHARED)))
    terms = frozenset(content_terms(question))
    headings = [heading for proposal in proposals if (heading := _deepest_heading(proposal))]
    quotes = [proposal.text for proposal in _worth_comparing(proposals)]
    texts = list(dict.fromkeys([*headings, *quotes]))
    likeness = dict(zip(texts, cosines(texts), strict=True))
    best_reading: dict[int, float] = {}
    for proposal in proposals:
        key = proposal.candidate.stored.passage.id
        best_reading[key] = max(best_reading.get(key, -math.inf), proposal.reading.score)
    cosine = max(proposal.candidate.cosine for proposal in proposals)
    coverage = max(proposal.candidate.coverage for proposal in proposals)
    kind = answer_type(question)
    rows = []
    for proposal in proposals:
        heading, title = _deepest_heading(proposal), proposal.candidate.stored.title
        best = best_reading[proposal.candidate.stored.passage.id]
        heading_words = _alike(terms, frozenset(content_terms(heading)))
        around = f"{title} {proposal.candidate.stored.passage.heading} {proposal.text}"
        rows.append(
            (
                proposal.passage_score,
                _bounded(best),
                max(proposal.reading.score - best, -_LIMIT),
                proposal.candidate.cosine,
                proposal.candidate.cosine - cosine,
                proposal.candidate.coverage,
                proposal.candidate.coverage - coverage,
                likeness.get(heading, 0.0),
                heading_words,
                float(heading_words >= _SAME_HEADING),
                _share(terms, title),
                _share(terms, around),
                _share(terms, proposal.text),
                likeness.get(proposal.text, proposal.candidate.cosine) - proposal.candidate.cosine,
                float(has_type(proposal.text, kind)),
                float(kind == "permission" and says_yes_or_no(proposal.text)),
                float(bool(_ASKS.search(proposal.text))),
                float(len(proposal.text) < _SHORT),
                float(proposal.is_heading),
            )
        )
    return Measured(list(proposals), np.array(rows, np.float64), _shared(proposals, passages, terms))


def _worth_comparing(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return the proposals of the likeliest passages, whose own texts are compared with the question."""
    likely = sorted(proposals, key=lambda one: -(one.passage_score + _COSINE_WEIGHT * one.candidate.cosine))
    passages = list(dict.fromkeys(one.candidate.stored.passage.id for one in likely))[:_COMPARED_PASSAGES]
    return [one for one in proposals if one.candidate.stored.passage.id in passages]


def _shared(proposals: Sequence[Proposal], passages: int, terms: frozenset[str]) -> np.ndarray:
    best = max(proposals, key=lambda proposal: proposal.candidate.cosine).candidate
    own = best.library, best.stored.passage.article_id
    others = [
        p.candidate.cosine for p in proposals if (p.candidate.library, p.candidate.stored.passage.article_id) != own
    ]
    return np.array(
        (
            math.log10(max(passages, 1)),
            max(proposal.passage_score for proposal in proposals),
            _bounded(max(proposal.reading.score for proposal in proposals)),
            best.cosine,
            max(proposal.candidate.coverage for proposal in proposals),
            best.cosine - max(others, default=0.0),
            min(len(terms), _MANY_WORDS),
        ),
        np.float64,
    )


def _deepest_heading(proposal: Proposal) -> str:
    return proposal.candidate.stored.passage.heading.rpartition(" > ")[2]


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two sets of words are, 0 to 1 (the Dice coefficient)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _share(terms: frozenset[str], text: str) -> float:
    return len(terms.intersection(content_terms(text))) / len(terms) if terms else 0.0


def _bounded(score: float) -> float:
    return max(-_LIMIT, min(_LIMIT, score))
