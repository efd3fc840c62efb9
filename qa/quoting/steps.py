"""The steps of a numbered list: quoted from the first one, with the number of those that follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from index.models import Span
from qa.quoting.article_parts import article_structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.models import Article
    from index.text.structure import ListSpan

_LONGEST: Final = 500  # characters of steps in one quote
_HOW: Final = re.compile(
    r"\bhow\s+(?:(?:do|does|did|can|could|should|would|must|may|will|shall)\b|to\b)|\bhow (?:is|are) .{0,200}\wed\b"
    r"|\bsteps?\b|\binstructions?\b|\bwhat (?:must|should|shall|do) (?:i|we|you|one) (?:have to |need to )?do\b"
    r"|\bways? to\b",
    re.IGNORECASE,
)


def asks_for_steps(question: str) -> bool:
    """Whether a question asks how something is done, so that a single step is no answer."""
    return _HOW.search(question) is not None


def steps_around(article: Article, span: Span) -> tuple[Span, int] | None:
    """Return the steps of the numbered list that a quote ends in, and how many more there are.

    They begin with the first step and take at most 500 characters. None if there is no such list, its first step alone
    is longer, or the quote contains all of it already.
    """
    steps = _numbered_list(article, span)
    if steps is None or (span.start <= steps.span.start and steps.span.end <= span.end):
        return None
    taken = [item for item in steps.items if item.end - steps.span.start <= _LONGEST]
    return (Span(steps.span.start, taken[-1].end), len(steps.items) - len(taken)) if taken else None


def steps_after(article: Article, end: int) -> Iterator[Span]:
    """Yield the steps that follow a quote that ends at `end` with a step, several at once up to 500 characters."""
    steps = _numbered_list(article, Span(end - 1, end))
    rest = [item for item in steps.items if item.start >= end] if steps else []
    while rest:
        taken = [item for item in rest if item.end - rest[0].start <= _LONGEST] or rest[:1]
        yield Span(rest[0].start, taken[-1].end)
        rest = rest[len(taken) :]


def _numbered_list(article: Article, span: Span) -> ListSpan | None:
    """Return the outermost numbered list, of two items or more, that contains the last character of a quote."""
    last = span.end - 1
    lists = article_structure(article).lists
    return next(
        (each for each in lists if each.ordered and each.items[1:] and each.span.start <= last < each.span.end), None
    )
