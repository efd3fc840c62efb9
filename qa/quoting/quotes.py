"""From readings to quotes: the sentences to show, the words to highlight, and their place in the article."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from index.models import Span
from qa.outcome import Context, Quote
from qa.quoting.article_parts import article_paragraphs
from qa.quoting.context import context_of
from qa.quoting.expansion import containing_sentences, expand_to_sentences
from qa.quoting.inline_links import links_of
from qa.quoting.links import link_to
from qa.quoting.statements import Statement, statement_in
from qa.quoting.steps import steps_around
from qa.quoting.tables import clip_to_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.models import Article
    from qa.reading.protocol import Reading
    from qa.retrieval.retriever import Candidate

_MARKER: Final = re.compile(r"(?:[-*+\u2022]|\(?\d{1,3}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A quote without a confidence: whole sentences of a candidate. Spans are of the article's text.

    `reading` is the best reading inside; `statement` is the text of the sentences that contain it, without what was
    added to them, and `said` what makes another statement the same; `highlights` are the words that answer, if known.
    `wants_steps` is true if the question asks for all steps of a numbered list, `is_heading` if the span is a heading.
    `passage_score` is the reranker's, of the passage read; 0 without a reranker.
    """

    candidate: Candidate
    reading: Reading
    span: Span
    text: str
    statement: str
    highlights: tuple[Span, ...]
    said: Statement
    wants_steps: bool = False
    is_heading: bool = False
    passage_score: float = 0.0


def propose(candidate: Candidate, reading: Reading, others: Sequence[Reading] = ()) -> Proposal:
    """Expand a reading within one block to whole sentences; `others` are the other readings of the same passage."""
    text = candidate.stored.text
    span = expand_to_sentences(text, reading, others, candidate.stored.language)
    offset = candidate.stored.passage.start
    inside = _without_marker(text, clip_to_cell(text, Span(max(reading.start, span.start), min(reading.end, span.end))))
    has_words = any(map(str.isalnum, inside.of(text)))
    marked = (Span(offset + inside.start, offset + inside.end),) if reading.exact and has_words else ()
    alone = containing_sentences(text, reading, candidate.stored.language)
    whole = Span(offset + span.start, offset + span.end)
    said = statement_in(candidate.stored, alone)
    return Proposal(candidate, reading, whole, span.of(text), alone.of(text), marked, said)


def _without_marker(text: str, span: Span) -> Span:
    """Return a span without the list marker at its start, if the marker begins a line."""
    marker = _MARKER.match(text, span.start, span.end) if text[: span.start].rstrip(" \t")[-1:] in {"", "\n"} else None
    return Span(marker.end(), span.end) if marker else span


def distinct(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return the proposals in order, without those that overlap an earlier one or make the same statement."""
    kept: list[Proposal] = []
    for proposal in proposals:
        if not any(proposal.said.repeats(other.said) or _overlap(proposal, other) for other in kept):
            kept.append(proposal)
    return kept


def make_quote(proposal: Proposal, article: Article, confidence: float) -> Quote:
    """Turn a proposal into a quote from its article; with `wants_steps`, from the first step of a numbered list on."""
    library, span = proposal.candidate.library, proposal.span
    if span.of(article.text) != proposal.text:  # the article has changed: `is_verbatim` refuses this quote
        return replace(quote_span(library, article, span, (), confidence), text=proposal.text)
    steps = steps_around(article, span) if proposal.wants_steps else None
    whole, more = steps or (span, 0)
    highlights = tuple(each for each in proposal.highlights if whole.start <= each.start and each.end <= whole.end)
    return replace(quote_span(library, article, whole, highlights, confidence), more_steps=more)


def quote_span(library: str, article: Article, span: Span, highlights: tuple[Span, ...], confidence: float) -> Quote:
    """Return a quote of a span of an article, with its context, links, paragraph, page, time and address."""
    places = article_paragraphs(article)
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
        context=context_of(article, span),
        links=links_of(article, span),
    )


def is_verbatim(found: Quote, article: Article | None) -> bool:
    """Whether the texts of a quote and of its context are exactly those slices of the stored article."""
    parts: tuple[Quote | Context, ...] = (found, *found.context)
    return article is not None and all(part.text and article.text[part.start : part.end] == part.text for part in parts)


def _overlap(one: Proposal, other: Proposal) -> bool:
    same = (one.candidate.library, one.candidate.stored.passage.article_id) == (
        other.candidate.library,
        other.candidate.stored.passage.article_id,
    )
    return same and one.span.start < other.span.end and other.span.start < one.span.end
