"""What the learnt order and the confidence are computed from: one row of numbers for each proposed quote."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from index.text.analyzer import content_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.quoting.quotes import Proposal

# One value for each proposal: what the order is learnt from. benchmarks/RESULTS.md has those that did not help.
FEATURES: Final = (
    "passage score",  # the reranker's
    "best reading",  # of the passage, log-odds
    "reading",  # relative to the best of the passage, at most 0
    "cosine",
    "coverage",
    "heading asks",  # 1 if the deepest heading has the words of the question and few others
    "asks itself",  # 1 if the quote is a question
)
# One value for each question: what the confidence also depends on.
SHARED: Final = (
    "few passages",  # minus the base-10 logarithm of their number in the libraries: more never make an answer likelier
    "best passage score",
    "best reading of all",
    "best cosine",
    "best coverage",
    "lead over other articles",  # of the best cosine
    "question words",
)
_ASKS: Final = re.compile(r"[?\uff1f][\"'*_)\u201d\u00bb\s]*\Z")
_MANY_WORDS: Final = 8
_SAME_HEADING: Final = 0.8  # Dice coefficient
_FEW_WORDS: Final = 3  # a shorter question is a heading that only names its subject
_LIMIT: Final = 12.0  # log-odds; what the models say beyond it is no surer


@dataclass(frozen=True, slots=True)
class Measured:
    """The n proposals for a question: `rows` (n, features), `passages` (n,) ids and `shared` (shared features,)."""

    proposals: list[Proposal]
    rows: np.ndarray
    passages: np.ndarray
    shared: np.ndarray


def measure(question: str, proposals: Sequence[Proposal], size: int) -> Measured:
    """Return the features of all proposals for a question asked of libraries with `size` passages in total."""
    if not proposals:
        return Measured([], np.zeros((0, len(FEATURES))), np.zeros(0, int), np.zeros(len(SHARED)))
    terms = frozenset(content_terms(question))
    best: dict[tuple[str, int], float] = {}
    keys = [(one.candidate.library, one.candidate.stored.passage.id) for one in proposals]
    for key, proposal in zip(keys, proposals, strict=True):
        best[key] = max(best.get(key, -math.inf), proposal.reading.score)
    rows = [
        (
            proposal.passage_score,
            _bounded(best[key]),
            max(proposal.reading.score - best[key], -_LIMIT),
            proposal.candidate.cosine,
            proposal.candidate.coverage,
            float(_asks(terms, proposal)),
            float(bool(_ASKS.search(proposal.text))),
        )
        for key, proposal in zip(keys, proposals, strict=True)
    ]
    places = list(dict.fromkeys(keys))
    passages = np.array([places.index(key) for key in keys])
    return Measured(list(proposals), np.array(rows, np.float64), passages, _shared(proposals, size, terms))


def _shared(proposals: Sequence[Proposal], size: int, terms: frozenset[str]) -> np.ndarray:
    best = max(proposals, key=lambda proposal: proposal.candidate.cosine).candidate
    own = best.library, best.stored.passage.article_id
    others = [
        p.candidate.cosine for p in proposals if (p.candidate.library, p.candidate.stored.passage.article_id) != own
    ]
    return np.array(
        (
            -math.log10(max(size, 1)),
            max(proposal.passage_score for proposal in proposals),
            _bounded(max(proposal.reading.score for proposal in proposals)),
            best.cosine,
            max(proposal.candidate.coverage for proposal in proposals),
            best.cosine - max(others, default=0.0),
            min(len(terms), _MANY_WORDS),
        ),
        np.float64,
    )


def _asks(terms: frozenset[str], proposal: Proposal) -> bool:
    """Whether the deepest heading asks the question: both have nearly the same words (by the Dice coefficient)."""
    heading = frozenset(content_terms(proposal.candidate.stored.passage.heading.rpartition(" > ")[2]))
    if len(terms) < _FEW_WORDS or not heading:
        return False
    return 2 * len(terms & heading) / (len(terms) + len(heading)) >= _SAME_HEADING


def _bounded(score: float) -> float:
    return max(-_LIMIT, min(_LIMIT, score))
