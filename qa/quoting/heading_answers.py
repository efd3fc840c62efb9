"""Headings that answer: "## [5.1.0] - 2024-05-21" answers when 5.1.0 was released, and which version came that day."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from index.models import Span
from index.text.analyzer import content_terms, index_terms
from qa.quoting.article_parts import article_structure
from qa.quoting.quotes import Proposal
from qa.quoting.statements import Statement, statement_tokens
from qa.reading.protocol import PassagesRead, ReadingModels, ReadPassage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.models import Article
    from index.text.structure import HeadingSpan
    from qa.retrieval.retriever import Candidate

_MOST: Final = 3  # headings read for a question
_ENOUGH: Final = 0.5  # of the question's words
_MATCHED: Final = 3.0  # least score of such a heading: the reranker has not learnt to score headings alone
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE: Final = re.compile(
    rf"\b(?:\d{{4}}|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|{_MONTH}\.? \d{{1,2}}|\d{{1,2}}\.? {_MONTH})\b", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\d")
_WHEN: Final = re.compile(r"\bwhen\b|\b(?:what|which) (?:day|date|month|year|time)\b|\bdate of\b", re.IGNORECASE)
_WHICH: Final = re.compile(
    r"\b(?:what|which) (?:version|release|number|edition|rule|article|section|chapter|paragraph|step|level|code)\b",
    re.IGNORECASE,
)
_ASKED: Final = ((_WHEN, _DATE), (_WHICH, _NUMBER))  # what is asked for, and what the heading has to contain
# Words that ask for what the heading contains, and are seldom in the heading itself.
_ASKING: Final = frozenset(
    content_terms(
        "version release released date day month year time number edition come came out publish published issue issued "
        "ship shipped launch launched happen happened appear appeared announce announced start started rule section "
        "article chapter step level code paragraph"
    )
)


def heading_proposals(
    question: str,
    candidates: Sequence[Candidate],
    models: ReadingModels,
    article_of: Callable[[Candidate], Article | None],
) -> list[Proposal]:
    """Return proposals for the headings above candidates that answer the question themselves, best readings first.

    The question asks for a date, a version or another number that is in the heading, and its other words are there too.
    Each quote is the heading's whole line. `article_of` returns a candidate's article.
    """
    wanted = next((contained for asks, contained in _ASKED if asks.search(question)), None)
    found = _headings(question, candidates, article_of, wanted) if wanted else []
    passages = [ReadPassage(c.stored.title, "", heading.words.of(a.text)) for c, a, heading in found]
    proposals: list[Proposal] = []
    read = models.read(question, passages) if passages else PassagesRead([], None)
    for reading in read.readings:
        candidate, article, heading = found[reading.passage]
        text = heading.line.of(article.text)
        if any(proposal.span == heading.line and proposal.candidate == candidate for proposal in proposals):
            continue
        marked = Span(heading.words.start + reading.start, heading.words.start + reading.end)
        said = Statement(statement_tokens(text), ())
        highlights = (marked,) if reading.exact else ()
        score = 0.0 if read.scores is None else max(float(read.scores[reading.passage]), _MATCHED)
        made = Proposal(candidate, reading, heading.line, text, text, highlights, said)
        proposals.append(replace(made, is_heading=True, passage_score=score))
    return proposals


def _headings(
    question: str,
    candidates: Sequence[Candidate],
    article_of: Callable[[Candidate], Article | None],
    wanted: re.Pattern[str],
) -> list[tuple[Candidate, Article, HeadingSpan]]:
    """Return at most `_MOST` headings that match, each with the best candidate below it and its article."""
    asked = [term for term in content_terms(question) if term not in _ASKING]
    found: dict[tuple[str, int, Span], tuple[Candidate, Article, HeadingSpan]] = {}
    for candidate in candidates if asked else ():
        if not _answers(asked, candidate.stored.passage.heading, wanted):
            continue  # not even all headings of the path together
        article = article_of(candidate)
        for heading in _above(article, candidate) if article else ():
            if article and _answers(asked, heading.words.of(article.text), wanted):
                found.setdefault((candidate.library, article.id, heading.line), (candidate, article, heading))
        if len(found) >= _MOST:
            break
    return list(found.values())[:_MOST]


def _above(article: Article | None, candidate: Candidate) -> Iterator[HeadingSpan]:
    if article:
        yield from article_structure(article).headings_above(candidate.stored.passage.start)


def _answers(asked: Sequence[str], heading: str, wanted: re.Pattern[str]) -> bool:
    """Whether a heading has what the question asks for, all of its numbers, and enough of its words."""
    terms = frozenset(index_terms(heading))
    numbers = all(term in terms for term in asked if any(map(str.isdigit, term)))
    shared = sum(term in terms for term in asked)
    rest = " ".join(word for word in re.split(r"[\s\[\]():,]+", heading) if not _is_asked(word, asked))
    return numbers and shared >= _ENOUGH * len(asked) and shared > 0 and wanted.search(rest) is not None


def _is_asked(word: str, asked: Sequence[str]) -> bool:
    """Whether a word of a heading is in the question, so that it is not what the question asks for."""
    terms = index_terms(word)
    return bool(terms) and all(term in asked for term in terms)
