"""The one door of question answering: a question and the libraries to look in, to an outcome."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qa import calibrate
from qa.claims import nearest
from qa.outcome import Answer, Closest, NotCovered, Outcome, Quote, Sources
from qa.quote import Proposal, distinct, is_verbatim, propose, quote
from qa.reading import ReadPassage
from qa.retrieve import Candidate, retrieve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from index.embed import Embedder
    from index.libraries import Libraries
    from qa.reading import Reader

CANDIDATES = 8  # passages that are read for a question
QUOTES = 3
_LONGEST = 1000  # characters of a question that are looked at; what models read is shorter still


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which confidence on an outcome is called an answer, or at least the closest passages; 0 to 1."""

    answer: float
    closest: float


class Answerer:
    """Answers questions from libraries. Owned by one thread; models are loaded when first needed."""

    def __init__(
        self,
        libraries: Libraries,
        embedder: Callable[[], Embedder],
        reader: Callable[[], Reader],
        thresholds: Thresholds,
        data_dir: Path | None = None,
    ) -> None:
        self._libraries = libraries
        self._embedder = embedder
        self._reader = reader
        self._thresholds = thresholds
        self._data_dir = data_dir
        self._calibration: calibrate.Calibration | None = None

    def warm(self) -> None:
        """Load the models now, so that the first question does not wait for them."""
        self._embedder().query("warm")
        self._reader().read("warm?", [ReadPassage("", "", "Warm.")])

    def ask(
        self, question: str, library_names: Sequence[str], *, article_id: int | None = None, most: int = QUOTES
    ) -> Outcome:
        """Return what the libraries say to a question, with at most `most` quotes; any text at all is a question.

        With `article_id` only that article (of each library named) is looked at.

        Raises UserError where a library cannot be searched with the present settings.
        """
        self._embedder(), self._reader()  # loading is not this question's time, nor is opening
        for name in library_names:
            self._libraries.open(name).indexes()
        started = time.perf_counter()
        proposals = self.proposals(question, library_names, article_id=article_id)
        scores = self._confidences(proposals)
        ranked = sorted(zip(scores, proposals, strict=True), key=lambda pair: -pair[0])
        quotes = [self._quote(proposal, score) for score, proposal in ranked[:most]]
        return self._outcome(question, [found for found in quotes if found], started)

    def sources(self, claim: str, library_names: Sequence[str]) -> Sources:
        """Return the sentences nearest to a statement; their confidence is how near they are, the cosine from 0 to 1.

        Raises UserError where a library cannot be searched with the present settings.
        """
        candidates, vector = self._candidates(claim, library_names)
        found = nearest(claim, vector, candidates, self._embedder())[:QUOTES] if candidates else []
        quotes = [self._quote(one.proposal, min(max(one.similarity, 0.0), 1.0)) for one in found]
        return Sources(claim, tuple(quote for quote in quotes if quote), any(one.verbatim for one in found))

    def proposals(
        self, question: str, library_names: Sequence[str], *, article_id: int | None = None
    ) -> list[Proposal]:
        """Return every quote that could be made, none overlapping another, best readings first, not judged yet."""
        found, _ = self._candidates(question, library_names, article_id)
        passages = [ReadPassage(c.stored.title, c.stored.passage.heading, c.stored.text) for c in found]
        readings = self._reader().read(_clean(question), passages) if passages else []
        return distinct(propose(found[reading.passage], reading) for reading in readings)

    def _candidates(
        self, text: str, library_names: Sequence[str], article_id: int | None = None
    ) -> tuple[list[Candidate], np.ndarray]:
        """Return the best passages for a text, and the text's vector."""
        asked = _clean(text)
        if not any(char.isalnum() for char in asked):
            return [], np.empty(0, np.float32)
        vector = self._embedder().query(asked)
        found: list[Candidate] = []
        for name in dict.fromkeys(library_names):
            found += retrieve(asked, vector, self._libraries.open(name), CANDIDATES, article_id)
        return sorted(found, key=lambda candidate: -candidate.score)[:CANDIDATES], vector

    def verify(self, found: Quote) -> bool:
        """Whether a quote still is, letter for letter, what the stored article says. Asked just before it is shown."""
        return is_verbatim(found, self._libraries.open(found.library).article(found.article_id))

    def _confidences(self, proposals: Sequence[Proposal]) -> list[float]:
        if self._calibration is None:
            embedder = self._embedder()
            names = f"{embedder.name}@{embedder.revision}", self._reader().identity
            self._calibration = calibrate.load(*names, self._data_dir)
        confidence = self._calibration.confidence(calibrate.features(proposals))
        if not self._calibration.fitted:
            confidence = confidence * self._thresholds.answer * 0.99  # uncalibrated: `closest` at most
        return [float(value) for value in confidence]

    def _quote(self, proposal: Proposal, confidence: float) -> Quote | None:
        article = self._libraries.open(proposal.candidate.library).article(proposal.candidate.stored.passage.article_id)
        made = quote(proposal, article, confidence) if article else None
        return made if made and is_verbatim(made, article) else None

    def _outcome(self, question: str, quotes: Sequence[Quote], started: float) -> Outcome:
        confidence = quotes[0].confidence if quotes else 0.0
        elapsed = (time.perf_counter() - started) * 1000
        if not quotes or confidence < self._thresholds.closest:
            return NotCovered(question, confidence, elapsed)
        kind = Answer if confidence >= self._thresholds.answer else Closest
        return kind(question, confidence, tuple(quotes), elapsed)


def _clean(question: str) -> str:
    """Return the part of a question that is looked at, without lone surrogates."""
    return question.strip()[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
