"""The outcomes of a question: an answer in quotes, the closest passages, or "not covered"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from index.models import Span


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """A place where another article makes the same statement as a quote: `start:end` of its text, in code points.

    The statement is the same word for word or, in a near duplicate of the quote's article, except for small words.
    `library` is the name of the library that holds the article.
    """

    article_id: int
    title: str
    source: str
    start: int
    end: int
    library: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """A slice of a quote's article that is needed to understand the quote: `article.text[start:end] == text`.

    A `heading` stands without its markup. A `question` is the heading or line that asks what the quote answers, a
    `table_head` the first row of the quote's table, and an `introduction` the sentence before its list or code.
    """

    kind: Literal["heading", "question", "table_head", "introduction"]
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A slice of a stored article: `article.text[start:end] == text`, in code points, exactly.

    `highlights` are the words that answer, as spans of the article's text inside `start:end`; there may be none.
    `paragraph` is the number of the quote's paragraph, from 1, of `paragraphs` in the article, headings not counted.
    `confidence` is the calibrated probability, 0 to 1, that the quote answers. `library` is the name of the library
    that holds the article. `page` is the page number, from 1, if the source has pages; `time` the second of a
    recording; `published` an ISO 8601 date, if known; `link` the most precise address of the quote in its source, or
    empty. `also_in` are places where other articles say the same. `differs` is true if the quote gives another answer
    than the first one, which is of a newer article, in an otherwise similar statement. `chosen` is true if
    moderators pinned the quote to the question; its `confidence` is 1 then.

    `context` are at most four slices before the quote, in text order and together at most 300 characters; none
    overlaps the quote or another one. `links` are the links that overlap the quote, in order: web and mail addresses,
    each with the `start:end` of its words in the article. `more_steps` is the number of steps that follow the last
    quoted one in a numbered list.
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
    context: tuple[Context, ...] = ()
    links: tuple[tuple[int, int, str], ...] = ()
    more_steps: int = 0


@dataclass(frozen=True, slots=True)
class _WithQuotes:
    """The fields of an outcome that has quotes, 1 to 3 unless more were asked for, best first.

    `confidence` is that of the first quote, 0 to 1; `alternatives` are the positions of the quotes between which the
    question does not decide, the best one of each article, beginning with 0; empty if there is nothing to decide;
    `elapsed_ms` the time that answering took; `understood` what a follow-up was understood to refer to, where the
    question does not say so itself, and the names that its misspelt words were read as; `unread_language` the ISO 639
    code of the question's language, if the models in use surely do not read it.
    """

    question: str
    confidence: float
    quotes: tuple[Quote, ...]
    elapsed_ms: float
    understood: str | None = None
    unread_language: str | None = None
    alternatives: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer(_WithQuotes):
    """The first quote answers the question, with probability `confidence`."""

    name: ClassVar[str] = "answer"


@dataclass(frozen=True, slots=True)
class Closest(_WithQuotes):
    """The passages nearest to the question, which may not answer it."""

    name: ClassVar[str] = "closest"


@dataclass(frozen=True, slots=True)
class NotCovered:
    """The articles do not cover the question; there is nothing to quote. The fields are those of `Answer`."""

    name: ClassVar[str] = "not_covered"

    question: str
    confidence: float
    elapsed_ms: float
    understood: str | None = None
    quotes: tuple[()] = ()
    unread_language: str | None = None
    alternatives: tuple[()] = ()


@dataclass(frozen=True, slots=True)
class ClaimSources:
    """The 0 to 3 sentences most similar to a statement, best first.

    `verbatim` is true if the first contains the statement word for word, or is contained in it. The `confidence` of
    a quote is its similarity here, 0 to 1; it does not mean that the quote supports the statement.
    """

    claim: str
    quotes: tuple[Quote, ...]
    verbatim: bool


Outcome = Answer | Closest | NotCovered


def worth_showing(outcome: Outcome, second_quote_confidence: float) -> tuple[Quote, ...]:
    """Return the quotes to show at first.

    Of the first three, they end with the last that reaches `second_quote_confidence`, contradicts the first or is one
    of the alternatives; the first is always among them.
    """
    best, sure, least = outcome.quotes[:3], {0, *outcome.alternatives}, second_quote_confidence
    worth = [rank for rank, quote in enumerate(best) if rank in sure or quote.differs or quote.confidence >= least]
    return best[: max(worth, default=-1) + 1]
