"""The headings and FAQ lines of an article as questions, and the article without them. Offsets are code points."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from index.models import Section, Span
from index.text.analyzer import content_terms
from index.text.blocks import blocks, trim
from index.text.sections import without_markup
from index.text.structure import structure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from index.text.structure import HeadingSpan

_LONGEST: Final = 500  # characters; a longer quote counts as wrong
_QUESTION_LENGTH: Final = (3, 150)  # characters
_ANSWER_LENGTH: Final = (20, 4_000)  # characters
_SMALL: Final = 1_500  # characters: up to this, the answer to a heading includes the sections of the headings below it
_ASKS: Final = re.compile(r"[?？][\"'*_)”»\s]*\Z")
_LINE_WORDS: Final = 3  # a FAQ line has at least so many words
_SEVERAL: Final = 2  # FAQ lines below a heading such as "Questions", which asks for nothing itself
_NUMBER: Final = re.compile(r"(?:\d+(?:\.\d+)*[.)]|\d+(?:\.\d+)+|Q(?:uestion)?\s*+(?:\d++\s*+)?[.:)])\s+(?=[^\W\d])")
_SEPARATOR: Final = " > "


@dataclass(frozen=True, slots=True)
class HeadingQuestion:
    """A heading or FAQ line asked as a question: `text`, without markup and number.

    `line` is the whole line, without its line feed; `answer` is the text below it that answers.
    """

    text: str
    line: Span
    answer: Span

    @property
    def key(self) -> str:
        """What two questions in the same words have in common: their letters and digits, in lower case."""
        return normalized(self.text)


def heading_questions(title: str, text: str, sections: Sequence[Section]) -> list[HeadingQuestion]:
    """Return the questions that an article's headings and FAQ lines ask, in text order.

    A FAQ line is a paragraph of one line that ends in a question mark. Left out are headings that repeat the article's
    title, have no content words, have very little text below them, or stand above several FAQ lines.
    """
    lines = list(_from_lines(text, sections))
    headings = [one for one in _from_headings(text, sections) if _count_inside(one.answer, lines) < _SEVERAL]
    return sorted((one for one in (*headings, *lines) if _is_asked(one, title, text)), key=lambda one: one.line)


def lies_in(quote: Span, answer: Span) -> bool:
    """Whether a quote of at most 500 characters has at least half of them in the text that answers."""
    shared = min(quote.end, answer.end) - max(quote.start, answer.start)
    return quote.end - quote.start <= _LONGEST and shared > 0 and 2 * shared >= quote.end - quote.start


class Shortened:
    """An article's text and sections without some of its lines.

    The names of headings that are removed are removed from the heading paths of the sections, too.
    """

    def __init__(self, text: str, sections: Sequence[Section], lines: Collection[Span]) -> None:
        removed = sorted(set(lines))
        self._moved = offset_without(removed)
        kept = zip([0, *(span.end for span in removed)], [*(span.start for span in removed), len(text)], strict=True)
        self.text = "".join(text[start:end] for start, end in kept)
        names = _names(text, [h for h in structure_of(text, sections).headings if h.line in set(removed)])
        self.sections = tuple(self._section(section, names) for section in sections if self.moved(section))

    def moved(self, place: Span | Section) -> Span | None:
        """Return a place of the article as a span of the shortened text, without white space around it.

        None if nothing is left of it.
        """
        span = trim(self.text, self._moved(place.start), self._moved(place.end))
        return span if span.start < span.end else None

    def _section(self, section: Section, names: set[str]) -> Section:
        span = self.moved(section) or Span(0, 0)
        path = [name for name in section.heading.split(_SEPARATOR) if name not in names]
        return Section(span.start, span.end, _SEPARATOR.join(path))


def offset_without(removed: Sequence[Span]) -> Callable[[int], int]:
    """Return a function from offsets of a text to those of the text without some spans, which are in text order."""
    starts, ends = [span.start for span in removed], [span.end for span in removed]
    lost = [0, *accumulate(span.end - span.start for span in removed)]

    def moved(offset: int) -> int:
        whole = bisect_right(ends, offset)
        inside = bisect_left(starts, offset) > whole
        return (starts[whole] if inside else offset) - lost[whole]

    return moved


def _from_headings(text: str, sections: Sequence[Section]) -> Iterator[HeadingQuestion]:
    headings = structure_of(text, sections).headings
    for number, heading in enumerate(headings):
        below = headings[number + 1 :]
        next_one = below[0].line.start if below else len(text)
        outer = next((other.line.start for other in below if other.level <= heading.level), len(text))
        answer = trim(text, heading.line.end, outer)
        if answer.end - answer.start > _SMALL:
            answer = trim(text, heading.line.end, next_one)
        yield HeadingQuestion(_plain(heading.words.of(text)), heading.line, answer)


def _from_lines(text: str, sections: Sequence[Section]) -> Iterator[HeadingQuestion]:
    for section in sections:
        found = [
            (block.kind, Span(section.start + block.start, section.start + block.end))
            for block in blocks(text[section.start : section.end])
        ]
        asking = [number for number, (kind, span) in enumerate(found) if kind == "prose" and _asks(span.of(text))]
        for number, following in zip(asking, [*asking[1:], len(found)], strict=False):
            if number + 1 < following:
                line, answer = found[number][1], Span(found[number + 1][1].start, found[following - 1][1].end)
                yield HeadingQuestion(_plain(line.of(text)), line, answer)


def _asks(paragraph: str) -> bool:
    one_line = "\n" not in paragraph and len(paragraph.split()) >= _LINE_WORDS
    return one_line and _ASKS.search(paragraph) is not None


def _count_inside(span: Span, questions: Sequence[HeadingQuestion]) -> int:
    return sum(span.start <= question.line.start < span.end for question in questions)


def _is_asked(question: HeadingQuestion, title: str, text: str) -> bool:
    length = question.answer.end - question.answer.start
    return (
        _QUESTION_LENGTH[0] <= len(question.text) <= _QUESTION_LENGTH[1]
        and _ANSWER_LENGTH[0] <= length <= _ANSWER_LENGTH[1]
        and any(map(str.isalpha, question.text))
        and any(map(str.isalpha, question.answer.of(text)))
        and bool(content_terms(question.text))
        and question.key != normalized(title)
    )


def _plain(line: str) -> str:
    """Return the words of a heading or line, without markup and number."""
    words = without_markup(line)
    return words[found.end() :] if (found := _NUMBER.match(words)) else words


def _names(text: str, headings: Sequence[HeadingSpan]) -> set[str]:
    """Return how headings are written in heading paths: as they stand, and without Markdown markup."""
    words = [heading.words.of(text) for heading in headings]
    return {name for one in words for name in (" ".join(one.split()), without_markup(one))}


def normalized(words: str) -> str:
    """Return the letters and digits of a question or text in lower case, words separated by single spaces."""
    return " ".join(re.findall(r"\w+", words.casefold()))
