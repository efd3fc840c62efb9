"""Asks the pipeline the questions of a set and records its proposals and which of them contain the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.data import Document, Question
    from qa.answerer import Answerer
    from qa.quoting.features import Measured
    from qa.quoting.quotes import Proposal
    from qa.reading.calibration import Calibration

LONGEST = 500  # characters; a longer quote counts as a miss


@dataclass(frozen=True, slots=True)
class Trial:
    """The n proposals for a question: `hits` (n,) bool, `lengths` (n,) in characters, `confidences` (n,).

    The confidences are those of the answerer, with every rule that lowers them. `measured` are the features of the
    proposals, if the trial is to be judged by another calibration; the confidences are then of no use.
    """

    question: Question
    hits: np.ndarray
    lengths: np.ndarray
    confidences: np.ndarray
    elapsed_ms: float
    measured: Measured | None = None

    def judged(self, calibration: Calibration | None = None) -> Judged:
        """Return the result of ranking the proposals by confidence: the answerer's, or that of a calibration.

        Raises ValueError for a calibration where the proposals were not measured.
        """
        confidence = self.confidences
        if calibration:
            if self.measured is None:
                raise ValueError("only measured proposals can be judged by another calibration")
            confidence = calibration.confidence(self.measured.rows, self.measured.passages, self.measured.shared)
        order = np.argsort(-confidence, kind="stable")
        best = float(confidence[order[0]]) if len(order) else 0.0
        hits = self.hits[order]
        length = int(self.lengths[order[0]]) if len(order) else 0
        return Judged(best, bool(hits[:1].any()), bool(hits[:3].any()), length)


@dataclass(frozen=True, slots=True)
class Judged:
    """Confidence and length of the first quote, and whether it or one of the first three contains the answer."""

    confidence: float
    first: bool
    any_of_three: bool
    length: int


def has_answer(proposal: Proposal, question: Question) -> bool:
    """Whether a proposal of at most 500 characters, from the article asked about, contains an answer string."""
    own = proposal.candidate.stored.title == question.title and len(proposal.text) <= LONGEST
    return own and any(answer in proposal.text for answer in question.answers)


def run(
    answerer: Answerer,
    library: str,
    questions: Iterable[Question],
    is_hit: Callable[[Proposal, Question], bool] = has_answer,
    *,
    measured: bool = False,
) -> list[Trial]:
    """Ask a library all questions; `is_hit` decides which proposals are right.

    With `measured` the proposals get features instead of confidences, and as many candidates as possible are read.
    """
    ask = _measure if measured else _ask
    return [ask(answerer, library, question, is_hit) for question in questions]


def _ask(answerer: Answerer, library: str, question: Question, is_hit: Callable[[Proposal, Question], bool]) -> Trial:
    started = time.perf_counter()
    scored = answerer.scored_proposals(question.text, [library])
    elapsed = (time.perf_counter() - started) * 1000
    confidences = np.array([confidence for _, confidence in scored])
    return Trial(question, *_judge([proposal for proposal, _ in scored], question, is_hit), confidences, elapsed)


def _measure(
    answerer: Answerer, library: str, question: Question, is_hit: Callable[[Proposal, Question], bool]
) -> Trial:
    started = time.perf_counter()
    measured = answerer.measured_proposals(question.text, [library])
    elapsed = (time.perf_counter() - started) * 1000
    hits, lengths = _judge(measured.proposals, question, is_hit)
    return Trial(question, hits, lengths, np.zeros(len(hits)), elapsed, measured)


def _judge(
    proposals: Sequence[Proposal], question: Question, is_hit: Callable[[Proposal, Question], bool]
) -> tuple[np.ndarray, np.ndarray]:
    """Return which proposals are right, (n,) bool, and the lengths of their texts, (n,)."""
    hits = np.array([is_hit(proposal, question) for proposal in proposals], bool)
    return hits, np.array([len(proposal.text) for proposal in proposals], int)


def ceiling(documents: Sequence[Document], questions: Sequence[Question], longest: int = LONGEST) -> float:
    """Return the share of questions with an answer inside one sentence of at most `longest` characters."""
    texts = {doc.doc_id: doc.text for doc in documents}
    cut = {key: [s.of(text) for s in sentence_spans(text) if s.end - s.start <= longest] for key, text in texts.items()}
    reachable = [any(a in s for a in q.answers for s in cut[q.doc_id]) for q in questions if q.answers]
    return float(np.mean(reachable)) if reachable else float("nan")
