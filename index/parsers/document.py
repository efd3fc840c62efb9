"""The result of a parser: rows of text with their heading levels and pages, and the metadata of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.cleaning.boilerplate import boilerplate_rows
from index.messages.files import NO_TEXT, PAGE_WITHOUT_TEXT
from index.models import Draft, Link, Span, UserError
from index.parsers.linked_text import carried, shifted
from index.text.encoding import normalize_newlines
from index.text.link_addresses import bounded
from index.text.metadata_values import clean_title, is_own_address, one_line
from index.text.sections import Heading, sections_between


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text, without its line feed; an empty row separates blocks.

    Attributes:
        level: The level of a heading, 1 being the outermost; 0 for text.
        gap: Whether something between this row and the one before was left out, so that no quote may span both.
        page: The number of the page, counted from 1; 0 for a file without pages.
        joined: Whether the row continues the line of the row before, separated by a space.
        turns: The pages that begin inside the row: pairs of an offset in `text` and the number of the page.
        links: The links in the row; their spans are of `text`.
    """

    text: str
    level: int = 0
    gap: bool = False
    page: int = 0
    joined: bool = False
    turns: tuple[tuple[int, int], ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. Metadata that the file does not declare is None; `address` is its canonical web address.

    In the transcript of a recording, the pages are its cues, and `times` are the seconds at which they begin.
    `missing_pages` are the numbers of the pages, or the names of an e-book's parts, that could not be read.
    `characters` is the number of code points of a web page with its boilerplate; 0 for other files.
    """

    rows: tuple[Row, ...]
    title: str | None = None
    address: str | None = None
    published: str | None = None
    author: str | None = None
    language: str | None = None
    times: tuple[int, ...] = ()
    missing_pages: tuple[str, ...] = ()
    characters: int = 0


def to_draft(document: Document, *, key: str, source: str, title: str, cleaned: bool) -> Draft:
    """Join the rows of a document into a draft.

    `cleaned` removes the boilerplate of a web page; `title` is used if the document has none. The document's
    address replaces `source`, unless `source` is an address on another host. Raises `UserError` if no text can be
    quoted.
    """
    markdown = [f"{'#' * row.level} {row.text}" if row.level else row.text for row in document.rows]
    removed = boilerplate_rows(markdown, True) if cleaned else set()
    text, headings, gaps, page_starts, links = _join([_normalized(row) for row in document.rows], removed)
    title = clean_title(document.title or title)
    sections = sections_between(text, headings, gaps, title)
    if not sections and not cleaned:
        sections = sections_between(text, (), gaps, title)  # a file of headings only: they are its text
    if not sections:
        raise UserError(PAGE_WITHOUT_TEXT if cleaned else NO_TEXT)
    pages = _pages(page_starts)
    address = document.address
    return Draft(
        key=key,
        source=address if address and is_own_address(address, source) else source,
        title=title,
        text=text,
        published=document.published,
        sections=sections,
        author=one_line(document.author or "") or None,
        language=document.language,
        pages=pages,
        removed=len(gaps),
        times=document.times[: len(pages)],
        missing_pages=document.missing_pages,
        characters=document.characters,
        links=bounded(links),
    )


def _normalized(row: Row) -> Row:
    """Return a row without a byte order mark and carriage returns, before offsets are counted: JSON may escape them."""
    text = normalize_newlines(row.text)
    return row if text == row.text else replace(row, text=text, links=carried(row.text, row.links, [text])[0])


def _join(rows: Sequence[Row], removed: set[int]) -> tuple[str, list[Heading], list[Span], dict[int, int], list[Link]]:
    """Join rows into a text, without those whose index is in `removed`.

    Return the text, its headings, an empty span wherever something was left out, the offset of each page, and the
    links.
    """
    kept: list[str] = []
    headings: list[Heading] = []
    gaps: list[Span] = []
    links: list[Link] = []
    page_starts: dict[int, int] = {}
    length = 0
    for number, row in enumerate(rows):
        if row.joined and kept:
            kept[-1] = f"{kept[-1][:-1]} "
        page_starts.setdefault(row.page, length)
        if number in removed or row.gap:
            gaps.append(Span(length, length))
        if number in removed:
            continue
        for offset, page in row.turns:
            page_starts.setdefault(page, length + offset)
        line = f"{row.text}\n"
        if row.level:
            headings.append(Heading(length, length + len(line), row.level, row.text))
        links += shifted(row.links, length)
        kept.append(line)
        length += len(line)
    return "".join(kept), headings, gaps, page_starts, links


def _pages(starts: dict[int, int]) -> tuple[int, ...]:
    """Return the offset at which each page begins; a page without text begins where the next one does."""
    following = 0
    found: list[int] = []
    for page in range(max(starts, default=0), 0, -1):
        following = starts.get(page, following)
        found.append(following)
    return tuple(reversed(found))
