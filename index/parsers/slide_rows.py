"""The rows of a slide of a presentation."""

from __future__ import annotations

from dataclasses import replace

from index.parsers.document import Row
from index.parsers.html.to_text import rows_of_fragment


def slide_rows(html: str, notes: str = "") -> list[Row]:
    """Return the rows of a slide, given as HTML with its title as a heading; its notes are a section of their own.

    The title of a slide that has nothing else is its text, below no heading: an empty one ends that of the slide
    before.
    """
    rows = [Row(""), *rows_of_fragment(html)] if html else []
    note_rows = rows_of_fragment(notes) if notes else ()
    if rows and not note_rows and not any(row.text and not row.level for row in rows):
        rows = [Row("", 1), *(replace(row, level=0) for row in rows)]
    if note_rows:
        rows += [Row(""), *(replace(row, gap=not number) for number, row in enumerate(note_rows))]
    return rows
