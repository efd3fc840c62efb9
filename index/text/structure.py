"""The structure of a stored article: its headings, paragraphs, tables, lists and code blocks as spans of its text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.models import Section, Span
from index.text.block_spans import BlockSpans, CodeSpan, TableSpan, block_spans
from index.text.list_spans import ListSpan
from index.text.outline import HeadingSpan, Outline, outline_of

__all__ = ["CodeSpan", "HeadingSpan", "ListSpan", "Structure", "TableSpan", "structure_of"]


@dataclass(frozen=True, slots=True)
class Structure:
    """The headings, paragraphs, tables, lists and code blocks of an article in text order. Offsets are code points."""

    _blocks: BlockSpans
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
        at = self._heading_number(offset)
        if at is not None:
            return self._outline.above_headings[at]
        section = bisect_right(self._starts, offset) - 1
        return self._outline.above_sections[section] if section >= 0 else ()

    def heading_at(self, offset: int) -> HeadingSpan | None:
        """Return the heading whose line contains an offset, or None."""
        at = self._heading_number(offset)
        return None if at is None else self.headings[at]

    def _heading_number(self, offset: int) -> int | None:
        at = bisect_right(self.headings, offset, key=lambda heading: heading.line.start) - 1
        return at if at >= 0 and offset < self.headings[at].line.end else None

    @property
    def paragraphs(self) -> tuple[Span, ...]:
        """The paragraphs, as `index.text.blocks.paragraphs` returns them."""
        return self._blocks.paragraphs

    @property
    def tables(self) -> tuple[TableSpan, ...]:
        """The tables."""
        return self._blocks.tables

    @property
    def lists(self) -> tuple[ListSpan, ...]:
        """The lists; one inside an item of another comes after that."""
        return self._blocks.lists

    @property
    def code(self) -> tuple[CodeSpan, ...]:
        """The code blocks."""
        return self._blocks.code

    def table_at(self, offset: int) -> TableSpan | None:
        """Return the table that contains an offset, or None."""
        return self._blocks.table_at(offset)

    def list_at(self, offset: int) -> ListSpan | None:
        """Return the innermost list that contains an offset, or None."""
        return self._blocks.list_at(offset)

    def code_at(self, offset: int) -> CodeSpan | None:
        """Return the code block that contains an offset, or None."""
        return self._blocks.code_at(offset)


def structure_of(text: str, sections: Sequence[Section], language: str | None = None) -> Structure:
    """Return the structure of an article from its text and its sections, which must be in text order.

    It takes about as long as splitting the text into blocks, so callers that ask more than once keep it.
    """
    starts = tuple(section.start for section in sections)
    return Structure(block_spans(text, sections, language), outline_of(text, sections), starts)
