"""What a question leads to: quotes that answer, the nearest passages, or an honest "not covered"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from index.models import Span


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """Where another article makes a quote's statement: `start:end` of its text, in code points.

    It does so word for word, or is a near duplicate that says it with other small words.

    `library` names where that article is stored.
    """

    article_id: int
    title: str
    source: str
    start: int
    end: int
    library: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A slice of a stored article: `article.text[start:end] == text`, in code points, exactly.

    `highlights` are spans of the article's text inside `start:end` (the words that answer; may be empty).
    `paragraph` is 1-based among the article's `paragraphs`, headings not counted. `confidence` is the
    calibrated probability, 0 to 1, that this quote answers. `library` names where the article is stored, `page` is the
    printed page's number, counted from 1, where the source has pages, `time` the second of a recording, `published` the
    ISO 8601 date where it is known, `link` the address of the place in its source, as near as that allows.
    `also_in` are the other articles that say the same; `differs` is true where the quote names another answer than the
    first quote does, in words that are otherwise alike. `chosen` is true where moderators have pinned the quote to
    the question; its confidence is 1 then.
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
    published: str | None = None
    also_in: tuple[AlsoIn, ...] = ()
    differs: bool = False
    page: int | None = None
    chosen: bool = False
    time: int | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The first quote answers, with probability `confidence`; quotes are best first, 1 to 3 unless more were wanted."""

    name: ClassVar[str] = "answer"

    question: str
    confidence: float
    quotes: tuple[Quote, ...]
    elapsed_ms: float
    understood: str | None = None


@dataclass(frozen=True, slots=True)
class Closest:
    """The nearest passages (1 to 3 unless more were wanted); they may not answer."""

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


@dataclass(frozen=True, slots=True)
class ClaimSources:
    """The sentences nearest to a statement, 0 to 3, nearest first.

    `verbatim` says that the first one stands in the statement, or the statement in it, word for word.

    A quote's `confidence` is how near it is here, 0 to 1: nothing says that it answers or supports anything.
    """

    claim: str
    quotes: tuple[Quote, ...]
    verbatim: bool


Outcome = Answer | Closest | NotCovered


def worth_showing(outcome: Outcome, second_quote_confidence: float) -> tuple[Quote, ...]:
    """Return the quotes that people see at first: up to the last of three that is sure or contradicts the first."""
    best = outcome.quotes[:3]
    worth = [rank for rank, q in enumerate(best) if not rank or q.differs or q.confidence >= second_quote_confidence]
    return best[: max(worth, default=-1) + 1]
