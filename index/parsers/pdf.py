"""PDF to a document: lines joined to paragraphs, running heads and feet left out, the page of each row kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import pypdfium2

from index.models import UserError
from index.parsers.document import Document, Row
from index.parsers.pdf_lines import HYPHENS, PdfLine, page_lines
from index.text.blocks import LIST_ITEM, TERMINAL

_SCANNED = 20  # characters a page; scans have none, or a stamp
_EDGE = 2  # lines at the top and bottom of a page that may be running heads and feet
_REPEATED = 3  # pages that begin or end alike before a line counts as running
_MOSTLY = 0.8  # of the pages: a first line in one place that stands apart is a running head
_LARGER = 1.12  # times the body's font size: a heading
_MAX_HEADING = 200  # code points
_LINE_SPACING = 1.55  # times the font size from line to line: more parts paragraphs
_FULL = 0.82  # of the column's width: a shorter line ends where its author ended it
_INDENT = 0.7  # of the font size: a first line set in by more begins a paragraph
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\ufffe\uffff]")
_PAGE_NUMBER = re.compile(
    r"(?i)[-–—|\[(\s]*(?:page|seite|p\.)?\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von)\s*\d{1,4})?[-–—|\])\s]*"
)
_LEADER = re.compile(r"(?:\s?\.){5,}\s*(?:\d+|[ivxlc]+)?$")  # the dots of a table of contents
_NO_TITLE = re.compile(r"(?i)untitled|microsoft word - .*|.*\.(?:docx?|indd|tex|dvi|pdf|odt)|\W*")


def read_pdf(data: bytes) -> Document:
    """Return the text of a PDF. Raises `UserError` for scans and files that need a password or are damaged."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UserError("The PDF is protected by a password; save a copy without one and add that.") from None
        raise UserError("The file is damaged or no PDF; open it, print it to a new PDF and add that.") from None
    try:
        pages = [page_lines(page, number) for number, page in enumerate(pdf, 1)]
        if sum(len(line.text) for lines in pages for line in lines) < _SCANNED * len(pages):
            pictures = "The PDF holds pictures of its pages and no text, as scanners make them; "
            raise UserError(pictures + "run text recognition (OCR) on it and add the result.")
        metadata = pdf.get_metadata_dict(skip_empty=True)
    finally:
        pdf.close()
    rows = tuple(_rows([line for lines in _without_running_lines(pages) for line in lines]))
    return Document(rows, _title(metadata, rows), None, _date(metadata.get("CreationDate", "")), metadata.get("Author"))


def _without_running_lines(pages: list[list[PdfLine]]) -> list[list[PdfLine]]:
    """Return the pages' lines without running heads, feet and page numbers, and without a table of contents' lines."""
    body = _body_size(line for lines in pages for line in lines)
    pages = [[line for line in lines if not _LEADER.search(line.text)] for lines in pages]
    for _ in range(_EDGE):
        upside_down = [lines[::-1] for lines in _without_first_lines(pages, body)]
        pages = [lines[::-1] for lines in _without_first_lines(upside_down, body)]
    return pages


def _without_first_lines(pages: list[list[PdfLine]], body: float) -> list[list[PdfLine]]:
    """Return the pages without their first lines where these are running ones.

    A running line says the same on several pages, is a page number, or stands where most such lines do. It
    stands apart from the text, and is not larger.
    """
    counts = Counter(_pattern(lines[0]) for lines in pages if lines)
    places = Counter(round(lines[0].bottom) for lines in pages if lines)
    place, _ = places.most_common(1)[0] if places else (0, 0)
    there = [lines for lines in pages if lines and abs(lines[0].bottom - place) <= 1]
    slot = len(there) >= _REPEATED and sum(map(_stands_apart, there)) >= _MOSTLY * len(there)

    def runs(lines: list[PdfLine]) -> bool:
        first = lines[0]
        known = counts[_pattern(first)] >= _REPEATED or _PAGE_NUMBER.fullmatch(first.text) is not None
        placed = slot and abs(first.bottom - place) <= 1
        return (known or placed) and _stands_apart(lines) and first.size <= _LARGER * body

    return [lines[1:] if lines and runs(lines) else lines for lines in pages]


def _stands_apart(lines: Sequence[PdfLine]) -> bool:
    """Tell whether a page's first line is no part of the paragraph beside it."""
    return len(lines) < 2 or not (_is_near(lines[0], lines[1]) or _is_near(lines[1], lines[0]))


def _body_size(lines: Iterable[PdfLine]) -> float:
    """Return the font size of most of the text."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    return max(sizes, key=sizes.__getitem__, default=0.0)


def _pattern(line: PdfLine) -> str:
    """Return what running lines of different pages have in common."""
    return re.sub(r"\d+|\b[ivxlc]+\b", "#", line.text)


def _rows(lines: list[PdfLine]) -> Iterator[Row]:
    """Yield the rows: headings, code in fences, and paragraphs."""
    body = _body_size(lines)
    larger = sorted({line.size for line in lines if line.size > body * _LARGER}, reverse=True)
    levels = {size: level for level, size in enumerate(larger, 1)}
    words = Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", " ".join(line.text for line in lines).lower()))
    begun = False
    for (monospaced, size), run in groupby(
        lines, key=lambda line: (line.monospaced, line.size if line.size in levels else 0)
    ):
        group = list(run)
        if begun:
            yield Row("", page=group[0].page)
        begun = True
        text = " ".join(line.text for line in group)
        if size and len(text) <= _MAX_HEADING:
            yield Row(_clean(text), min(6, levels[size]), page=group[0].page)
        elif monospaced and len(group) > 1:
            yield from _code(group)
        else:
            yield from _paragraphs(group, words)


def _code(lines: Sequence[PdfLine]) -> Iterator[Row]:
    """Yield lines of a typewriter face between fences, set in as they are printed."""
    margin = min(line.left for line in lines)
    yield Row("```", page=lines[0].page)
    for line in lines:
        width = max(0.1, (line.right - line.left) / max(1, len(line.text)))
        yield Row(" " * min(40, round((line.left - margin) / width)) + _UNPRINTED.sub("", line.text), page=line.page)
    yield Row("```", page=lines[-1].page)


def _paragraphs(lines: Sequence[PdfLine], words: Counter[str]) -> Iterator[Row]:
    """Yield the rows of running text: lines joined where the next goes on, a blank row between paragraphs."""
    right = max(line.right for line in lines)
    current = lines[0]
    for above, line in pairwise(lines):
        if _continues(above, line, right, current.left):
            current = replace(current, text=_join_lines(current.text, line.text, words))
            continue
        yield Row(_clean(current.text), page=current.page)
        if not _is_near(above, line) or line.left > above.left + _INDENT * line.size:
            yield Row("", page=line.page)
        current = line
    yield Row(_clean(current.text), page=current.page)


def _continues(above: PdfLine, line: PdfLine, right: float, margin: float) -> bool:
    """Tell whether a line continues the sentence or the paragraph of the one above."""
    if LIST_ITEM.match(line.text):
        return False
    small = line.text[0].islower() or above.text[-1] in f"-,{HYPHENS}"
    if above.page != line.page or not _is_near(above, line):
        turned = above.page != line.page or line.bottom > above.bottom  # the next page or column
        return turned and not TERMINAL.search(above.text) and small
    if line.left > margin + _INDENT * line.size and not LIST_ITEM.match(above.text) and TERMINAL.search(above.text):
        return False
    full = above.right - above.left >= _FULL * (right - above.left)
    return small or (full and not (TERMINAL.search(above.text) and above.right < 0.95 * right))


def _is_near(above: PdfLine, line: PdfLine) -> bool:
    """Tell whether two lines follow each other as the lines of a paragraph do."""
    larger, smaller = max(above.size, line.size), min(above.size, line.size)
    alike = larger <= _LARGER * smaller  # footnotes are smaller
    return alike and above.page == line.page and 0 <= above.bottom - line.bottom <= _LINE_SPACING * larger


def _join_lines(above: str, below: str, words: Counter[str]) -> str:
    """Join two lines; a word parted at a hyphen is put together as the rest of the text spells it."""
    parted = re.search(rf"([^\W\d_]+)[-‐{HYPHENS}]$", above)
    rest = re.match(r"[^\W\d_]+", below)
    if parted is None or rest is None or not below[0].islower():
        return f"{above} {below}" if above[-1] not in HYPHENS else above[:-1] + below
    whole, hyphened = parted[1] + rest[0], f"{parted[1]}-{rest[0]}"
    if words[hyphened.lower()] > words[whole.lower()]:
        return f"{above[:-1]}-{below}"
    return above[:-1] + below


def _clean(text: str) -> str:
    """Return a line with its spaces single and without control characters."""
    return " ".join(_UNPRINTED.sub("", text).split())


def _title(metadata: dict[str, str], rows: Sequence[Row]) -> str | None:
    """Return the title that the file gives, else its first large line."""
    given = " ".join(metadata.get("Title", "").split())
    if given and not _NO_TITLE.fullmatch(given):
        return given
    return next((row.text for row in rows if row.level == 1 and row.page == 1), None)


def _date(value: str) -> str | None:
    """Return the ISO date of PDF's D:YYYYMMDD..., None where it is none."""
    found = re.match(r"D:(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", value)
    return "-".join(found.groups()) if found else None
