"""Reads the candidates for a question and ranks what may be quoted by the probability that it answers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from index.models import Span
from index.stage_times import stage
from qa.quoting.features import FEATURES, SHARED, Measured, measure
from qa.quoting.heading_answers import heading_proposals
from qa.quoting.numbered_parts import numbered_parts, raised
from qa.quoting.proposing import propose_all
from qa.quoting.quotes import Proposal, distinct
from qa.quoting.statements import Statement, statement_in
from qa.quoting.verbatim_statements import stating, verbatim_readings
from qa.reading import calibration
from qa.reading.protocol import read_passage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from index.models import Article
    from index.passages.embedder import Embedder
    from qa.reading.protocol import ReadingModels
    from qa.retrieval.retriever import Candidate
    from qa.retrieval.search import SearchResult

    ArticleOf = Callable[[Candidate], Article | None]

STAGES: Final = (3, 8, 12)  # candidates read until the best quote is sure; chosen in benchmarks/RESULTS.md
SURE: Final = 0.75  # confidence from which no more candidates are read


class QuoteRanker:
    """Ranks proposed quotes with the embedder, the reading models and their calibration. Not thread-safe.

    `data_dir` may contain the operator's own calibration.
    """

    def __init__(
        self,
        embedder: Callable[[], Embedder],
        models: Callable[[], ReadingModels],
        answer_from: float,
        data_dir: Path | None = None,
    ) -> None:
        """`answer_from` is the least confidence of an answer, which an uncalibrated one stays below."""
        self._embedder = embedder
        self._models = models
        self._answer_from = answer_from
        self._data_dir = data_dir
        self._calibration: calibration.Calibration | None = None

    def rank(
        self, found: SearchResult, article_of: ArticleOf, *, thorough: bool = False
    ) -> list[tuple[Proposal, float]]:
        """Return the proposals for a question with their confidences, best first; none overlaps or repeats another.

        Candidates are read in stages, until the best quote is sure or, with `thorough`, to the last stage. `article_of`
        returns the article of a candidate.
        """
        measured, confidences = self._in_stages(found, article_of, STAGES, 1.0 if thorough else SURE)
        named = [*stating(found.text, measured.proposals), *numbered_parts(found.text, measured.proposals, confidences)]
        if named:
            confidences = raised(confidences, named[0])
        order = np.argsort(-confidences, kind="stable").tolist()  # before a factor of 0 makes all of them alike
        if not self.calibration.fitted or found.doubtful:
            confidences = confidences * self._answer_from * 0.99
        return [(measured.proposals[at], float(confidences[at])) for at in order]

    def measured(self, found: SearchResult, article_of: ArticleOf) -> Measured:
        """Return all proposals for a question with their features, from as many candidates as are ever read."""
        return self._in_stages(found, article_of, STAGES[-1:], 1.0)[0]

    @property
    def calibration(self) -> calibration.Calibration:
        """The calibration of the models in use; read when first needed."""
        if self._calibration is None:
            names = calibration.identities(self._embedder(), self._models())
            self._calibration = calibration.load(*names, FEATURES, SHARED, self._data_dir)
        return self._calibration

    def _in_stages(
        self, found: SearchResult, article_of: ArticleOf, stages: Sequence[int], sure: float
    ) -> tuple[Measured, np.ndarray]:
        """Read candidates in stages; return the proposals with their features, and their confidences."""
        best = _distinct_candidates(found.candidates, stages[-1])
        proposals = heading_proposals(found.text, found.candidates, self._models(), article_of)
        for first, last in pairwise((0, *stages)):
            new = best[first:last]
            with stage("read"):
                read = self._models().read(found.text, [read_passage(candidate.stored) for candidate in new])
            readings = verbatim_readings(found.text, new, read.readings)
            proposals += propose_all(found.text, new, readings, read.scores)
            kept = distinct(sorted(proposals, key=lambda proposal: -proposal.reading.score))
            kept = [proposal for proposal in kept if not found.understood.excludes(proposal.text)]
            measured = measure(found.text, kept, found.passages)
            confidences = self.calibration.confidence(measured.rows, measured.passages, measured.shared)
            if last >= len(best) or max(confidences, default=0.0) >= sure:
                break
        return measured, confidences


def _distinct_candidates(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the best candidates, one of each distinct text."""
    several: dict[Statement, Candidate] = {}
    for candidate in candidates:
        whole = Span(0, len(candidate.stored.text))
        several.setdefault(statement_in(candidate.stored, whole), candidate)
        if len(several) == most:
            break
    return list(several.values())
