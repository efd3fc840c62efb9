"""What a question leads to: quotes that answer, the nearest passages, or an honest "not covered"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from index.values import Span


@dataclass(frozen=True, slots=True)
class Quote:
    """A slice of a stored article: `article.text[start:end] == text`, in code points, exactly.

    `highlights` are spans of the article's text inside `start:end` (the words that answer; may be empty).
    `paragraph` is 1-based among the article's `paragraphs`, headings not counted. `confidence` is the
    calibrated probability, 0 to 1, that this quote answers. `library` names where the article is stored.
    `page` is the number of the page, counted from 1 as PDF readers do, where the source has pages.
    """

    library: str
    article_id: int
    title: str
    source: str
    start: int
    end: int
    text: str
    highlights: tuple[Span, ...]
    paragraph: int
    paragraphs: int
    confidence: float
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The first quote answers the question, with probability `confidence`; quotes are best first, 1 to 3."""

    name: ClassVar[str] = "answer"

    question: str
    confidence: float
    quotes: tuple[Quote, ...]
    elapsed_ms: float
    understood: str | None = None


@dataclass(frozen=True, slots=True)
class Closest:
    """The nearest passages (1 to 3); they may not answer."""

    name: ClassVar[str] = "closest"

    question: str
    confidence: float
    quotes: tuple[Quote, ...]
    elapsed_ms: float
    understood: str | None = None


@dataclass(frozen=True, slots=True)
class NotCovered:
    """The articles do not cover the question; there is nothing to quote."""

    name: ClassVar[str] = "not_covered"

    question: str
    confidence: float
    elapsed_ms: float
    understood: str | None = None
    quotes: tuple[()] = ()


Outcome = Answer | Closest | NotCovered
