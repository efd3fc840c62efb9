"""Pinned answers: passages that moderators tied to questions. A pin is shown only while its text is unchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from index.models import Article, Span
from index.text.blocks import paragraphs
from index.text.sentences import sentence_spans
from qa.pins.question_equivalence import asks_the_same
from qa.quoting.anchoring import find_again, matches_at
from qa.quoting.article_parts import article_structure
from qa.quoting.quotes import quote_span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qa.outcome import Quote

_MAX_PLACES: Final = 20  # places of the same words in an article


@dataclass(frozen=True, slots=True)
class Pin:
    """A passage and the questions that it answers; `id` is 0 until it is stored.

    `start:end` and `highlights` are spans of the text of `article_id` at the time of pinning. The text itself is not
    stored, only its `digest`. `key` is the source of the article, through which the pin is found in later versions; it
    is private.
    """

    library: str
    key: str
    article_id: int
    start: int
    end: int
    digest: str
    highlights: tuple[Span, ...]
    questions: tuple[str, ...]
    id: int = 0


class Articles(Protocol):
    """Read access to articles."""

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        ...

    def article_of_source(self, library: str, key: str) -> Article | None:
        """Return the article of a source, or None."""
        ...


def find_pinned(
    question: str, pins: Sequence[Pin], articles: Articles, is_known: Callable[[str], bool] = lambda _: False
) -> Quote | None:
    """Return the quote of the newest valid pin for a question, or None; `is_known` is as in `asks_the_same`."""
    for pin in reversed(pins):
        if any(asks_the_same(question, own, is_known=is_known) for own in pin.questions):
            found = current_quote(pin, articles)
            if found is not None:
                return found
    return None


def current_quote(pin: Pin, articles: Articles) -> Quote | None:
    """Return a pin's quote from the present version of its article, or None if its exact text is gone."""
    article = articles.article(pin.library, pin.article_id)
    if article is not None and matches_at(article, pin.start, pin.end, pin.digest):
        return _quote(pin, article, pin.start)
    article = articles.article_of_source(pin.library, pin.key)
    start = find_again(article, pin.start, pin.end, pin.digest) if article else None
    if article is None or start is None or not _is_quotable(article, Span(start, start + pin.end - pin.start)):
        return None
    return _quote(pin, article, start)


def sentences_with(article: Article, words: str) -> list[Span]:
    """Return the whole sentences around each place of these exact words in the article.

    White space may differ, because articles contain line breaks that nobody types. Equal sentences are returned once.
    """
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    if not pattern:
        return []
    blocks = paragraphs(article.text, article.sections)
    found: dict[str, Span] = {}
    for place in _places(article.text, pattern):
        around = [block for block in blocks if block.start < place.end and place.start < block.end]
        if not around or not _is_quotable(article, place):
            continue
        offset, stretch = around[0].start, article.text[around[0].start : around[-1].end]
        own = [Span(offset + one.start, offset + one.end) for one in sentence_spans(stretch, article.language)]
        held = [one for one in own if one.start < place.end and place.start < one.end]
        if held:
            span = Span(held[0].start, held[-1].end)
            found.setdefault(span.of(article.text), span)
    return list(found.values())


def _quote(pin: Pin, article: Article, start: int) -> Quote:
    moved = start - pin.start
    highlights = tuple(Span(span.start + moved, span.end + moved) for span in pin.highlights)
    span = Span(start, pin.end + moved)
    return replace(quote_span(pin.library, article, span, highlights, confidence=1.0), chosen=True)


def _places(text: str, pattern: str) -> list[Span]:
    found = []
    for match in re.finditer(pattern, text):
        found.append(Span(*match.span()))
        if len(found) == _MAX_PLACES:
            break
    return found


def _is_quotable(article: Article, place: Span) -> bool:
    """Whether a quote may span a place: it is a heading, or in one section, without headings or deletions inside."""
    heading = article_structure(article).heading_at(place.start)
    if heading is not None:
        return heading.line == place
    return any(section.start <= place.start and place.end <= section.end for section in article.sections)
