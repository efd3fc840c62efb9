"""From readings to quotes: which whole sentences to show, which words to mark, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from index.models import Article, Span
from index.text.blocks import paragraphs
from qa.outcome import Quote
from qa.quoting.agreement import words
from qa.quoting.expansion import statement, whole
from qa.quoting.links import link_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qa.reading.protocol import Reading
    from qa.retrieval.retriever import Candidate

_PHRASE = 4  # words: a shorter statement inside a longer one does not make them say the same


@dataclass(frozen=True, slots=True)
class Proposal:
    """A quote before it is judged: whole sentences of a candidate. Spans are of the article's text.

    `reading` is the best one inside; `statement` are the sentences that hold it, alone; `highlights` are the words
    that answer, where they are known.
    """

    candidate: Candidate
    reading: Reading
    span: Span
    text: str
    statement: str
    highlights: tuple[Span, ...]

    @property
    def measures(self) -> tuple[float, float, float]:
        """What its confidence is computed from, in the order of `qa.reading.calibration.FEATURES`."""
        return self.reading.score, self.candidate.cosine, self.candidate.coverage


def propose(candidate: Candidate, reading: Reading, others: Sequence[Reading] = ()) -> Proposal:
    """Widen a reading to whole sentences (`qa.quoting.expansion`); `others` are the readings of the same passage."""
    text = candidate.stored.text
    span = whole(text, reading, others)
    offset = candidate.stored.passage.start
    inside = Span(max(reading.start, span.start), min(reading.end, span.end))  # white space stays outside
    marked = (Span(offset + inside.start, offset + inside.end),) if reading.exact and inside.start < inside.end else ()
    alone = statement(text, reading).of(text)
    return Proposal(candidate, reading, Span(offset + span.start, offset + span.end), span.of(text), alone, marked)


def distinct(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Keep the first of those that overlap or say the same, word for word, in order."""
    kept: list[Proposal] = []
    said: list[tuple[str, ...]] = []
    for proposal in proposals:
        own = words(proposal.statement)
        if not any(_same(own, other) for other in said) and not any(_overlap(proposal, other) for other in kept):
            kept.append(proposal)
            said.append(own)
    return kept


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two statements have the same words, or one holds the other, which is more than a phrase."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= _PHRASE and f" {' '.join(shorter)} " in f" {' '.join(longer)} ")


def quote(proposal: Proposal, article: Article, confidence: float) -> Quote:
    """Give a proposal its place in the article."""
    made = slice_of(proposal.candidate.library, article, proposal.span, proposal.highlights, confidence)
    return replace(made, text=proposal.text)  # as it was read: that it still stands there is for `is_verbatim` to say


def slice_of(library: str, article: Article, span: Span, highlights: tuple[Span, ...], confidence: float) -> Quote:
    """Quote a span of an article: its paragraphs are counted from 1, headings are not counted."""
    places = _paragraphs(article)
    at = next((number for number, place in enumerate(places, 1) if place.end > span.start), len(places))
    return Quote(
        library=library,
        article_id=article.id,
        title=article.title,
        source=article.source,
        start=span.start,
        end=span.end,
        text=span.of(article.text),
        highlights=highlights,
        paragraph=at,
        paragraphs=len(places),
        confidence=confidence,
        published=article.published,
        page=article.page(span.start),
        time=article.time(span.start),
        link=link_to(article, span.start, span.end),
    )


def is_verbatim(found: Quote, article: Article | None) -> bool:
    """Whether a quote is, letter for letter, the slice of the stored article that it claims to be."""
    return article is not None and bool(found.text) and article.text[found.start : found.end] == found.text


@lru_cache(maxsize=64)
def _paragraphs(article: Article) -> list[Span]:
    return paragraphs(article.text, article.sections) or [Span(0, len(article.text))]


def _overlap(one: Proposal, other: Proposal) -> bool:
    same = (one.candidate.library, one.candidate.stored.passage.article_id) == (
        other.candidate.library,
        other.candidate.stored.passage.article_id,
    )
    return same and one.span.start < other.span.end and other.span.start < one.span.end
