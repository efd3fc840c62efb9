"""The structure of a stored article: its headings, tables, lists and code blocks as spans of its text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.models import Section, Span
from index.text.block_spans import CodeSpan, ListSpan, TableSpan, block_spans
from index.text.outline import HeadingSpan, Outline, outline_of

__all__ = ["CodeSpan", "HeadingSpan", "ListSpan", "Structure", "TableSpan", "structure_of"]


@dataclass(frozen=True, slots=True)
class Structure:
    """The headings, tables, lists and code blocks of an article, each in text order. Offsets are code points."""

    tables: tuple[TableSpan, ...]
    lists: tuple[ListSpan, ...]
    code: tuple[CodeSpan, ...]
    _outline: Outline
    _starts: tuple[int, ...]  # of the sections

    @property
    def headings(self) -> tuple[HeadingSpan, ...]:
        """The headings, the article's title included where it stands in the text as a heading."""
        return self._outline.headings

    def headings_above(self, offset: int) -> tuple[HeadingSpan, ...]:
        """Return the headings above an offset, outermost first; for an offset in a heading, those above this heading.

        The article's title is not among them.
        """
        at = bisect_right(self.headings, offset, key=lambda heading: heading.line.start) - 1
        if at >= 0 and offset < self.headings[at].line.end:
            return self._outline.above_headings[at]
        section = bisect_right(self._starts, offset) - 1
        return self._outline.above_sections[section] if section >= 0 else ()

    def heading_at(self, offset: int) -> HeadingSpan | None:
        """Return the heading whose line contains an offset, or None."""
        return next((one for one in self.headings if _holds(one.line, offset)), None)

    def table_at(self, offset: int) -> TableSpan | None:
        """Return the table that contains an offset, or None."""
        return next((one for one in self.tables if _holds(one.span, offset)), None)

    def list_at(self, offset: int) -> ListSpan | None:
        """Return the innermost list that contains an offset, or None."""
        found = [one for one in self.lists if _holds(one.span, offset)]
        return min(found, key=lambda one: one.span.end - one.span.start, default=None)

    def code_at(self, offset: int) -> CodeSpan | None:
        """Return the code block that contains an offset, or None."""
        return next((one for one in self.code if _holds(one.span, offset)), None)


def structure_of(text: str, sections: Sequence[Section]) -> Structure:
    """Return the structure of an article from its text and its sections, which must be in text order.

    It takes about as long as splitting the text into blocks, so callers that ask more than once keep it.
    """
    found = block_spans(text, sections)
    starts = tuple(section.start for section in sections)
    return Structure(found.tables, found.lists, found.code, outline_of(text, sections), starts)


def _holds(span: Span, offset: int) -> bool:
    return span.start <= offset < span.end
