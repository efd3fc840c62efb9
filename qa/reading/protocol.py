"""The seam between retrieval and quoting: who reads the candidate passages, and what a reading is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """What a reader sees of a candidate: its article's title, the heading above it, and its exact text."""

    title: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A span that may answer, as half-open code points of the text of `passages[passage]`.

    `score` is on one scale over all passages of a question, higher is better (a span reader gives the
    logit of the span minus that of "no answer"). `exact` is true where the span is the answering words
    themselves, so that they can be highlighted, and false where it is a whole sentence.
    """

    passage: int
    start: int
    end: int
    score: float
    exact: bool


class Reader(Protocol):
    """Finds the words or sentences of the passages that answer a question."""

    @property
    def identity(self) -> str:
        """Name and revision of the model; a calibration belongs to one embedder and one reader."""
        ...

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return readings of all passages together, best first; at least one for each passage with text."""
        ...
