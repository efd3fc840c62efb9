"""The interface of readers: a question and passages in, scored spans out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage as a reader sees it: its article's title, the heading above it, and its exact text."""

    title: str
    heading: str
    text: str


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


class Reader(Protocol):
    """Finds the words or sentences of the passages that answer a question."""

    @property
    def identity(self) -> str:
        """Name and revision of the model: calibrations belong to a pair of embedder and reader."""
        ...

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return the readings of all passages, best first; at least one for each passage with text."""
        ...
