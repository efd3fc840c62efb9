"""Pins: passages that moderators have tied to questions. A pin is shown only where it stands, letter for letter."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from index.models import Article, Span
from index.text.blocks import paragraphs
from index.text.sentences import sentence_spans
from qa.pins.question_equivalence import asks_the_same
from qa.quoting.anchoring import stands, stands_again
from qa.quoting.quotes import slice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qa.outcome import Quote

_MOST_PLACES: Final = 20  # where the same words stand in an article that are looked at


@dataclass(frozen=True, slots=True)
class Pin:
    """A passage and the questions that it is the answer to; `id` is 0 until it is stored.

    `start:end` and `highlights` are of the text of `article_id`, where the passage stood when it was pinned; its
    letters stay with the article, and `digest` proves them. `key` is the article's source, by which the pin follows to
    another version of it; it stays private.
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
    """Where articles are read."""

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        ...

    def article_of(self, library: str, key: str) -> Article | None:
        """Return the article that a source holds now, or None."""
        ...


def pinned(
    question: str, pins: Sequence[Pin], articles: Articles, is_known: Callable[[str], bool] = lambda _: False
) -> Quote | None:
    """Return the quote that is pinned to a question, the newest that stands; `is_known` is as in `asks_the_same`."""
    for pin in reversed(pins):
        if any(asks_the_same(question, own, is_known=is_known) for own in pin.questions):
            found = standing(pin, articles)
            if found is not None:
                return found
    return None


def standing(pin: Pin, articles: Articles) -> Quote | None:
    """Return a pin's quote where it stands now, or None where no version of its article says it letter for letter."""
    article = articles.article(pin.library, pin.article_id)
    if article is not None and stands(article, pin.start, pin.end, pin.digest):
        return _quote(pin, article, pin.start)
    article = articles.article_of(pin.library, pin.key)
    start = stands_again(article, pin.start, pin.end, pin.digest) if article else None
    if article is None or start is None or not _is_quotable(article, Span(start, start + pin.end - pin.start)):
        return None
    return _quote(pin, article, start)


def sentences_with(article: Article, words: str) -> list[Span]:
    """Return the whole sentences that hold these words, letter for letter, for each place in the article.

    White space may differ: an article breaks its lines where nobody types a break. Sentences that say the same are
    returned once.
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
        own = [Span(offset + one.start, offset + one.end) for one in sentence_spans(stretch)]
        held = [one for one in own if one.start < place.end and place.start < one.end]
        if held:
            span = Span(held[0].start, held[-1].end)
            found.setdefault(span.of(article.text), span)
    return list(found.values())


def _quote(pin: Pin, article: Article, start: int) -> Quote:
    moved = start - pin.start
    highlights = tuple(Span(span.start + moved, span.end + moved) for span in pin.highlights)
    span = Span(start, pin.end + moved)
    return replace(slice_of(pin.library, article, span, highlights, confidence=1.0), chosen=True)


def _places(text: str, pattern: str) -> list[Span]:
    found = []
    for match in re.finditer(pattern, text):
        found.append(Span(*match.span()))
        if len(found) == _MOST_PLACES:
            break
    return found


def _is_quotable(article: Article, place: Span) -> bool:
    """Whether a quote may span it: no heading and no deletion lies inside."""
    return any(section.start <= place.start and place.end <= section.end for section in article.sections)
