"""The interfaces of readers and rerankers: a question and passages in; scored spans, or a score per passage, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from index.models import StoredPassage


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage as a reader sees it: its exact text with its context.

    `heading` is the path, joined with " > ". `introduction` is the sentence that announces the list, table or code in
    which the passage begins, and that table's head row; empty for other passages. `language` is a BCP 47 tag.
    """

    title: str
    heading: str
    text: str
    introduction: str = ""
    language: str | None = None


def read_passage(stored: StoredPassage) -> ReadPassage:
    """Return a stored passage as a reader sees it."""
    return ReadPassage(stored.title, stored.passage.heading, stored.text, stored.introduction, stored.language)


@dataclass(frozen=True, slots=True)
class Reading:
    """A span that may answer: half-open code points of the text of `passages[passage]`.

    Scores are comparable over all passages of a question, higher is better; a span reader's is the logit of the span
    minus that of "no answer". `exact` is true if the span is the answering words themselves, which can be highlighted,
    and false if it is a whole sentence.
    """

    passage: int
    start: int
    end: int
    score: float
    exact: bool


@dataclass(frozen=True, slots=True)
class PassagesRead:
    """What the models found in n passages: readings, best first, and the reranker's scores, (n,) float32.

    `scores` is None where no reranker is in use.
    """

    readings: list[Reading]
    scores: np.ndarray | None


class Reader(Protocol):
    """Finds the words or sentences of the passages that answer a question."""

    @property
    def identity(self) -> str:
        """Name and revision of the model: calibrations belong to an embedder, a reader and a reranker."""
        ...

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return the readings of all passages, best first; at least one for each passage with text."""
        ...


class Reranker(Protocol):
    """Scores how well each passage answers a question."""

    @property
    def identity(self) -> str:
        """Name and revision of the model: calibrations belong to an embedder, a reader and a reranker."""
        ...

    def scores(self, question: str, passages: Sequence[ReadPassage]) -> np.ndarray:
        """Return (n,) float32 for n passages, comparable over all passages of a question; higher is better."""
        ...


@runtime_checkable
class ScoringReader(Reader, Reranker, Protocol):
    """A model that is reader and reranker at once, in one forward pass."""

    def read_and_score(self, question: str, passages: Sequence[ReadPassage]) -> PassagesRead:
        """Return what `read` and `scores` return, reading the passages once."""
        ...


@dataclass(frozen=True, slots=True)
class ReadingModels:
    """The reader and the reranker in use; one object may be both. Not thread-safe."""

    reader: Reader
    reranker: Reranker | None = None

    @property
    def identity(self) -> str:
        """The identities of both models, which calibrations belong to together with the embedder's.

        One that is both is named twice: without its scores of passages, its readings need another calibration.
        """
        if self.reranker is None:
            return self.reader.identity
        return f"{self.reader.identity} + {self.reranker.identity}"

    def read(self, question: str, passages: Sequence[ReadPassage]) -> PassagesRead:
        """Return the readings and the scores of passages; a model that is both reads them once."""
        if self._both is not None:
            return self._both.read_and_score(question, passages)
        scores = self.reranker.scores(question, passages) if self.reranker else None
        return PassagesRead(self.reader.read(question, passages), scores)

    @property
    def _both(self) -> ScoringReader | None:
        """The model that is reader and reranker, if one is."""
        return self.reader if isinstance(self.reader, ScoringReader) and self.reader is self.reranker else None
