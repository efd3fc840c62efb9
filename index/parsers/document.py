"""What a parser makes of a file that is no plain text: rows of text with what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

from index.cleaning.boilerplate import clutter
from index.models import Draft, Span, UserError
from index.text.encoding import plain_newlines
from index.text.metadata_values import headline, one_line
from index.text.sections import Heading, sections_between

_SCRIPTED = (
    "The page holds no text that could be quoted; if scripts write it, save the page from a browser and add that file."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text, without its line feed; an empty one parts blocks.

    `level` is a heading's, 1 the outermost, 0 for text. `gap` says that the page showed something between this row
    and the one before that is no part of the article. `page` is the page's number, from 1, 0 without pages.
    `joined` says that the row goes on in the line of the one before, parted by a space.
    """

    text: str
    level: int = 0
    gap: bool = False
    page: int = 0
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. What it does not tell of itself is None; `address` is the one it gives as its own.

    Where its pages are cues of a recording, `times` are the seconds at which they begin.
    """

    rows: tuple[Row, ...]
    title: str | None = None
    address: str | None = None
    published: str | None = None
    author: str | None = None
    language: str | None = None
    times: tuple[int, ...] = ()


def to_draft(document: Document, *, key: str, source: str, title: str, cleaned: bool) -> Draft:
    """Put the rows together; `cleaned` leaves out a web page's clutter. `title` serves where the document has none.

    Raises `UserError` where nothing can be quoted.
    """
    rows = document.rows
    gone = (
        clutter([f"{'#' * row.level} {row.text}" if row.level else row.text for row in rows], True) if cleaned else ()
    )
    title = headline(document.title or title)
    kept: list[str] = []
    headings: list[Heading] = []
    gaps: list[Span] = []
    starts: dict[int, int] = {}  # of pages
    length = 0
    for number, row in enumerate(rows):
        if row.joined and kept:
            kept[-1] = f"{kept[-1][:-1]} "
        starts.setdefault(row.page, length)
        if number in gone or row.gap:
            gaps.append(Span(length, length))
        if number in gone:
            continue
        line = f"{row.text}\n"
        if row.level:
            headings.append(Heading(length, length + len(line), row.level, row.text))
        kept.append(line)
        length += len(line)
    text = plain_newlines("".join(kept))
    found = sections_between(text, headings, gaps, title)
    if not found:
        raise UserError(_SCRIPTED if cleaned else "The file holds no text that could be quoted.")
    pages = _pages(starts)
    shown = document.address or source
    author = one_line(document.author or "") or None
    told = (document.published, found, author, document.language, pages)
    return Draft(key, shown, title, text, *told, times=document.times[: len(pages)], removed=len(gaps))


def _pages(starts: dict[int, int]) -> tuple[int, ...]:
    """Return where each page begins; a page without text begins, and ends, where the next one does."""
    following = 0
    found: list[int] = []
    for page in range(max(starts, default=0), 0, -1):
        following = starts.get(page, following)
        found.append(following)
    return tuple(reversed(found))
