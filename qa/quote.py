"""From readings to quotes: which whole sentences to show, which words to mark, and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from index.sentences import sentence_spans
from index.structure import paragraphs
from index.values import Article, Span
from qa.outcome import Quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qa.reading import Reading
    from qa.retrieve import Candidate

_COMFORT = 300  # characters up to which a quote may take in the sentence that its own leans on
_LEANS = re.compile(
    r"[\"'“‘(]*(he|she|it|they|his|her|its|their|this|these|that|those|both|the (former|latter|other))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A quote before it is judged: whole sentences of a candidate. Spans are of the article's text.

    `reading` is the best one inside; `highlights` are the words that answer, where they are known.
    """

    candidate: Candidate
    reading: Reading
    span: Span
    text: str
    highlights: tuple[Span, ...]


def propose(candidate: Candidate, reading: Reading) -> Proposal:
    """Widen a reading to the whole sentences that hold it, and to the one before where they lean on it."""
    text = candidate.stored.text
    sentences = _sentences(text)
    held = [place for place, s in enumerate(sentences) if s.start < reading.end and reading.start < s.end]
    first, last = (held[0], held[-1]) if held else (0, len(sentences) - 1)
    if first and _leans(text, sentences, first, last):
        first -= 1
    start, end = sentences[first].start, sentences[last].end
    offset = candidate.stored.passage.start
    words = Span(offset + max(reading.start, start), offset + min(reading.end, end))  # white space stays outside
    marked = (words,) if reading.exact and held else ()
    return Proposal(candidate, reading, Span(offset + start, offset + end), text[start:end], marked)


def distinct(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Keep the first of those that overlap or say the same letter for letter (white space apart), in order."""
    kept: list[Proposal] = []
    said: set[str] = set()
    for proposal in proposals:
        plain = " ".join(proposal.text.split())
        if plain not in said and not any(_overlap(proposal, other) for other in kept):
            kept.append(proposal)
            said.add(plain)
    return kept


def quote(proposal: Proposal, article: Article, confidence: float) -> Quote:
    """Give a proposal its place in the article: paragraphs are counted from 1, headings are not counted."""
    places = _paragraphs(article)
    at = next((number for number, place in enumerate(places, 1) if place.end > proposal.span.start), len(places))
    return Quote(
        library=proposal.candidate.library,
        article_id=article.id,
        title=article.title,
        source=article.source,
        start=proposal.span.start,
        end=proposal.span.end,
        text=proposal.text,
        highlights=proposal.highlights,
        paragraph=at,
        paragraphs=len(places),
        confidence=confidence,
        page=article.page(proposal.span.start),
    )


def is_verbatim(found: Quote, article: Article | None) -> bool:
    """Whether a quote is, letter for letter, the slice of the stored article that it claims to be."""
    return article is not None and bool(found.text) and article.text[found.start : found.end] == found.text


@lru_cache(maxsize=2048)
def _sentences(text: str) -> list[Span]:
    return sentence_spans(text) or [Span(0, len(text))]


@lru_cache(maxsize=64)
def _paragraphs(article: Article) -> list[Span]:
    return paragraphs(article.text, article.sections) or [Span(0, len(article.text))]


def _leans(text: str, sentences: list[Span], first: int, last: int) -> bool:
    """Whether a sentence begins with a word that points back, and its neighbour is near enough to be quoted with it."""
    before, start = sentences[first - 1], sentences[first].start
    same_paragraph = "\n\n" not in text[before.end : start]
    short = sentences[last].end - before.start <= _COMFORT
    return same_paragraph and short and bool(_LEANS.match(text, start))


def _overlap(one: Proposal, other: Proposal) -> bool:
    same = (one.candidate.library, one.candidate.stored.passage.article_id) == (
        other.candidate.library,
        other.candidate.stored.passage.article_id,
    )
    return same and one.span.start < other.span.end and other.span.start < one.span.end
