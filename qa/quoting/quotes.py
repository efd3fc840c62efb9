"""From readings to quotes: the sentences to show, the words to highlight, and their place in the article."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from index.models import Article, Span
from index.text.blocks import paragraphs
from qa.outcome import Quote
from qa.quoting.clipping import clip_to_block
from qa.quoting.expansion import containing_sentences, expand_to_sentences
from qa.quoting.links import link_to
from qa.quoting.statements import Statement, statement_in
from qa.quoting.tables import clip_to_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qa.reading.protocol import Reading
    from qa.retrieval.retriever import Candidate


@dataclass(frozen=True, slots=True)
class Proposal:
    """A quote without a confidence: whole sentences of a candidate. Spans are of the article's text.

    `reading` is the best reading inside; `statement` is the text of the sentences that contain it, without what was
    added to them, and `said` what makes another statement the same; `highlights` are the words that answer, if known.
    """

    candidate: Candidate
    reading: Reading
    span: Span
    text: str
    statement: str
    highlights: tuple[Span, ...]
    said: Statement

    @property
    def measures(self) -> tuple[float, float, float]:
        """The inputs of its confidence, in the order of `qa.reading.calibration.FEATURES`."""
        return self.reading.score, self.candidate.cosine, self.candidate.coverage


def propose(candidate: Candidate, reading: Reading, others: Sequence[Reading] = ()) -> Proposal:
    """Expand a reading to whole sentences; `others` are the other readings of the same passage.

    Of a reading that spans several blocks, only the part in the block that has most of it counts.
    """
    text = candidate.stored.text
    reading = clip_to_block(text, reading)
    span = expand_to_sentences(text, reading, others)
    offset = candidate.stored.passage.start
    inside = clip_to_cell(text, Span(max(reading.start, span.start), min(reading.end, span.end)))
    marked = (Span(offset + inside.start, offset + inside.end),) if reading.exact and inside.start < inside.end else ()
    alone = containing_sentences(text, reading)
    whole = Span(offset + span.start, offset + span.end)
    said = statement_in(candidate.stored, alone)
    return Proposal(candidate, reading, whole, span.of(text), alone.of(text), marked, said)


def distinct(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return the proposals in order, without those that overlap an earlier one or make the same statement."""
    kept: list[Proposal] = []
    for proposal in proposals:
        if not any(proposal.said.repeats(other.said) or _overlap(proposal, other) for other in kept):
            kept.append(proposal)
    return kept


def make_quote(proposal: Proposal, article: Article, confidence: float) -> Quote:
    """Turn a proposal into a quote from its article."""
    made = quote_span(proposal.candidate.library, article, proposal.span, proposal.highlights, confidence)
    return replace(made, text=proposal.text)  # as it was read; `is_verbatim` checks that it is still there


def quote_span(library: str, article: Article, span: Span, highlights: tuple[Span, ...], confidence: float) -> Quote:
    """Return a quote of a span of an article, with its paragraph, page, time and link."""
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
    """Whether a quote's text is exactly the slice `start:end` of the stored article."""
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
