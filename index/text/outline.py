"""The headings of a stored article, found again in the gaps between its sections. Offsets are code points.

A stored article has its text and its sections, each with the path of headings above it, but not the places of those
headings. Headings are never inside a section, and each heading with text below it is in the path of that text; so
they can be located in every format, and in articles that were stored by earlier versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from index.models import Section, Span
from index.text.blocks import lines, trim
from index.text.sections import without_markup

_ATX: Final = re.compile(r" {0,3}(#{1,6})(?![^ \t])")  # CommonMark, 4.2
_ADORNMENT: Final = re.compile(r"\s{0,3}([!-/:-@\[-`{-~])\1*\s*$")
# Lines between sections that are no headings: comments, link definitions, directives, fields, indented lines.
_NO_HEADING: Final = re.compile(r"\s|\.\.(?:\s|$)|__\s|:[\w -]+:|<!--|\[[^\]]+\]:")
_SETEXT_LEVELS: Final = {"=": 1, "-": 2}
_SEPARATOR: Final = " > "


@dataclass(frozen=True, slots=True)
class HeadingSpan:
    """A heading of an article.

    Attributes:
        line: The whole line, or lines if it has an underline, without the last line feed.
        words: The heading alone, without `#` and underline.
        level: The depth in the article's outline: 1 for the outermost. The article's own title, where it is a heading,
            has level 1, and the headings below it start at 2.
    """

    line: Span
    words: Span
    level: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The headings of an article in text order, with those above each heading and each section, outermost first."""

    headings: tuple[HeadingSpan, ...]
    above_headings: tuple[tuple[HeadingSpan, ...], ...]
    above_sections: tuple[tuple[HeadingSpan, ...], ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line between two sections that may be a heading. `marks` counts its `#`; 0 without marks or underline."""

    line: Span
    words: Span
    marks: int
    is_heading: bool


@dataclass(frozen=True, slots=True)
class _Open:
    """A heading above the current place: its span, its marks, and the heading path that ends with it."""

    heading: HeadingSpan
    marks: int
    path: str


def outline_of(text: str, sections: Sequence[Section]) -> Outline:
    """Return the headings of an article, given its text and its sections in text order."""
    builder = _Builder(text)
    above: list[tuple[HeadingSpan, ...]] = []
    end = 0
    for section in sections:
        builder.gap(Span(end, section.start), section.heading)
        above.append(tuple(one.heading for one in builder.open))
        end = section.end
    builder.gap(Span(end, len(text)), None)
    return Outline(tuple(builder.headings), tuple(builder.above), tuple(above))


class _Builder:
    """Reads the gaps between sections in order and keeps the headings above the current place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._below_title = 0  # 1 if the article begins with its title as a heading
        self.open: list[_Open] = []
        self.headings: list[HeadingSpan] = []
        self.above: list[tuple[HeadingSpan, ...]] = []

    def gap(self, gap: Span, path: str | None) -> None:
        """Add the headings in a gap; `path` is the heading path of the section below, None at the end of the text."""
        found = list(_lines_of_gap(self._text, gap))
        rest, matched = self._match(found, _one_line(path or ""))
        if path is None:
            outer = self.open
        else:
            outer = next((self.open[: n + 1] for n, one in enumerate(self.open) if one.path == rest), [])
        opened: list[_Open] = list(outer)
        names = rest
        for number, line in enumerate(found):
            if number in matched:
                names = f"{names}{_SEPARATOR}{matched[number]}" if names else matched[number]
                heading = self._add(line, opened)
                opened = [*opened, _Open(heading, line.marks, names)]
            elif line.is_heading:
                self._add_without_text(line, opened, number + 1 in matched)
        if path is not None:
            self.open = opened

    def _match(self, found: Sequence[_Line], path: str) -> tuple[str, dict[int, str]]:
        """Match lines with the end of a path, the last line first.

        Return the part of the path that is not in these lines, and the name in the path for each line that is.
        """
        matched: dict[int, str] = {}
        inner_marks = 7
        for number in range(len(found) - 1, -1, -1):
            line = found[number]
            if not path:
                break
            if line.marks and line.marks >= inner_marks:
                continue
            name = next((n for n in _names(self._text, line) if path == n or path.endswith(_SEPARATOR + n)), None)
            if name is not None:
                matched[number] = name
                path = path[: -len(name)].removesuffix(_SEPARATOR)
                inner_marks = line.marks or inner_marks
        return path, matched

    def _add(self, line: _Line, outer: Sequence[_Open]) -> HeadingSpan:
        heading = HeadingSpan(line.line, line.words, len(outer) + 1 + self._below_title)
        self.headings.append(heading)
        self.above.append(tuple(one.heading for one in outer))
        return heading

    def _add_without_text(self, line: _Line, opened: Sequence[_Open], before_matched: bool) -> None:
        """Add a heading that is in no path: the article's title, or one without text below it."""
        if not self.headings and not self.open:
            self._add(line, [])
            self._below_title = 1
        elif line.marks:
            self._add(line, [one for one in self._known(opened) if one.marks < line.marks])
        else:
            self._add(line, opened if before_matched else self._known(opened)[:-1])

    def _known(self, opened: Sequence[_Open]) -> list[_Open]:
        """Return the headings above an unmatched line: those found in this gap, else those of the section before."""
        return list(opened if len(opened) > len(self.open) else self.open)


def _lines_of_gap(text: str, gap: Span) -> Iterator[_Line]:
    """Yield the lines of a gap with letters or digits, an underline together with the lines that it underlines."""
    group: list[Span] = []
    over: Span | None = None
    for row in lines(gap.of(text)):
        span = trim(text, gap.start + row.start, gap.start + row.end)
        written = row.of(gap.of(text)).rstrip("\n")
        if span.start == span.end or _ATX.match(written):
            yield from (_plain(text, one) for one in group)
            group, over = [], None
            if span.start < span.end:
                yield _atx(text, span)
        elif _ADORNMENT.match(written):
            if group:
                words = Span(group[0].start, group[-1].end)
                start = over.start if over is not None else words.start
                yield _Line(Span(start, span.end), words, _SETEXT_LEVELS.get(text[span.start], 0), True)
            over = None if group else span
            group = []
        else:
            group.append(span)
    yield from (_plain(text, one) for one in group)


def _atx(text: str, span: Span) -> _Line:
    marks = _ATX.match(span.of(text))
    start = span.start + (marks.end() if marks else 0)
    content = text[start : span.end].rstrip()
    bare = content.rstrip("#")
    if bare.endswith((" ", "\t")):
        content = bare  # without the closing sequence
    words = trim(text, start, start + len(content))
    if words.start == words.end:
        words = Span(span.start, span.start)
    return _Line(span, words, len(marks[1]) if marks else 0, words.start < words.end)


def _plain(text: str, span: Span) -> _Line:
    line_start = text.rfind("\n", 0, span.start) + 1
    indented = line_start < span.start
    has_words = any(map(str.isalnum, span.of(text)))
    return _Line(span, span, 0, has_words and not indented and not _NO_HEADING.match(span.of(text)))


def _names(text: str, line: _Line) -> list[str]:
    """Return how a heading may be written in a path: as it stands, and without Markdown markup."""
    words = _one_line(line.words.of(text))
    if not words:
        return []
    bare = without_markup(line.words.of(text))
    return [words] if bare in {words, ""} else [words, bare]


def _one_line(words: str) -> str:
    return " ".join(words.split())
