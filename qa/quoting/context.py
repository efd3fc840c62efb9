"""The slices of an article that are needed to understand a quote: headings, question, table head, introduction."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, Literal

from index.models import Article, Span
from index.text.blocks import LIST_ITEM
from index.text.sentences import sentence_spans
from qa.outcome import Context
from qa.quoting.article_parts import article_paragraphs, article_structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.text.structure import Structure

_MOST: Final = 4
_MAX_CHARACTERS: Final = 300
_NEAR: Final = 1000  # characters before a quote in which a line may ask what the quote answers
_MAX_QUESTION: Final = 200  # characters of such a line
_ASKS: Final = re.compile(r"[?\uff1f\u061f][\"'*_~`)\]\u201d\u2019\u00bb]*$")
_BEFORE_WORDS: Final = re.compile(r"(?:[-*+\u2022]\s+|\(?\d{1,3}[.)]\s+)?[\s>*_~`]*")  # "1. **May I?**"
_ONLY_BOLD: Final = re.compile(r"(\*\*|__)[^\n]+\1:?$")  # in place of a heading

Kind = Literal["heading", "question", "table_head", "introduction"]


def context_of(article: Article, span: Span) -> tuple[Context, ...]:
    """Return the context of a quote, a span of an article, in text order.

    It has at most four slices, together at most 300 characters, all before the quote; none overlaps another one. If
    there are more, the outermost headings are left out first. The article's title is not among them.
    """
    chosen: list[tuple[Kind, Span]] = []
    complete = True
    for kind, part in _by_importance(article, span):
        taken = [own for _, own in chosen]
        fits = len(chosen) < _MOST and sum(map(_length, [*taken, part])) <= _MAX_CHARACTERS
        apart = part.end <= span.start and not any(part.start < own.end and own.start < part.end for own in taken)
        if fits and apart and part.start < part.end and (complete or kind != "heading"):
            chosen.append((kind, part))
        elif kind == "heading":
            complete = False  # an outer heading would mislead without the ones between it and the quote
    ordered = sorted(chosen, key=lambda each: each[1])
    return tuple(Context(kind, part.start, part.end, part.of(article.text)) for kind, part in ordered)


def _by_importance(article: Article, span: Span) -> Iterator[tuple[Kind, Span]]:
    """Yield what may be context, the most important first; headings from the innermost to the outermost."""
    structure = article_structure(article)
    table = structure.table_at(span.start)
    if table and table.head:
        yield "table_head", table.head
    headings = [heading.words for heading in reversed(structure.headings_above(span.start))]
    line = _asking_line(article, structure, span) if not structure.heading_at(span.start) else None
    asking = line or next((words for words in headings if _ASKS.search(words.of(article.text))), None)
    if asking:
        yield "question", asking
    if not line:  # the sentence before a list of questions introduces none of their answers
        yield from (("introduction", sentence) for sentence in _introductions(structure, span))
    yield from (("heading", words) for words in headings if words != asking)


def _introductions(structure: Structure, span: Span) -> Iterable[Span]:
    """Return the sentence before the code block, else before the innermost list, at the start of a quote."""
    found = (structure.code_at(span.start), structure.list_at(span.start))
    return [each.introduction for each in found if each and each.introduction][:1]


def _asking_line(article: Article, structure: Structure, span: Span) -> Span | None:
    """Return the question that a quote answers if it is a line of its own, or begins the quote's paragraph.

    It is the nearest one in the section. A list item asks only what is answered inside it.
    """
    places = article_paragraphs(article)
    section = next((each for each in article.sections if each.start <= span.start < each.end), None)
    lowest = max(section.start, span.start - _NEAR) if section else span.start
    for place in reversed(places[: bisect_left(places, Span(span.start, span.start))]):
        words = place.of(article.text)
        if place.start < lowest or (_ONLY_BOLD.match(words) and not _ASKS.search(words.rstrip(":"))):
            return None
        if place.end > span.start:
            sentences = sentence_spans(article.text[place.start : span.start], article.language)
            own = Span(place.start, place.start + sentences[0].end) if sentences else None
        else:
            own = place
        if own and _ASKS.search(own.of(article.text)):
            answered = own is not place or not LIST_ITEM.match(words) or _share_item(structure, place, span)
            return _words_of(article.text, own) if answered and _length(own) <= _MAX_QUESTION else None
    return None


def _share_item(structure: Structure, place: Span, span: Span) -> bool:
    """Whether a quote is in the list item that begins at a place."""
    found = structure.list_at(place.start)
    return found is not None and any(item.start <= place.start and span.end <= item.end for item in found.items)


def _words_of(text: str, line: Span) -> Span:
    """Return a line without its list marker and the markup around its words."""
    found = _BEFORE_WORDS.match(text, line.start, line.end)
    begin = found.end() if found else line.start
    kept = text[begin : line.end].rstrip("*_~` \t\n")
    return Span(begin, begin + len(kept))


def _length(span: Span) -> int:
    return span.end - span.start
