"""Parse PDF files: lines joined into paragraphs, without running heads and feet, each row with its page."""

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

_SCANNED = 20  # characters per page; scanned pages have none, or only a stamp
_EDGE = 2  # lines at the top and at the bottom of a page that may be running heads and feet
_REPEATED = 3  # pages that must begin or end alike for a line to count as running
_MOSTLY = 0.8  # share of pages: a first line at the same height that is set apart is a running head
_LARGER = 1.12  # times the font size of the body: a heading
_MAX_HEADING = 200  # code points
_LINE_SPACING = 1.55  # times the font size: a larger line spacing separates paragraphs
_FULL = 0.82  # share of the column width: a shorter line was ended by its author
_INDENT = 0.7  # share of the font size: a line indented further begins a paragraph
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\ufffe\uffff]")
_PAGE_NUMBER = re.compile(
    r"(?i)[-–—|\[(\s]*+(?:(?:page|seite|p\.)\s*+)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*+(?:/|of|von)\s*+\d{1,4})?[-–—|\])\s]*+"
)
_LEADER = re.compile(
    r"(?<!\.)(?<!\.\s)(?:\s?\.){5,}+\s*+(?:\d++|[ivxlc]++)?+$"
)  # a line of a table of contents, with its dots
_NO_TITLE = re.compile(r"(?i)untitled|microsoft word - .*|.*\.(?:docx?|indd|tex|dvi|pdf|odt)|\W*")


def read_pdf(data: bytes) -> Document:
    """Return the text of a PDF. Raises `UserError` for scans, and if the file is damaged or needs a password."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UserError("The PDF is protected by a password; save a copy without one and add that.") from None
        raise UserError("The file is damaged or not a PDF; open it, print it to a new PDF and add that.") from None
    try:
        pages = [page_lines(page, number) for number, page in enumerate(pdf, 1)]
        if sum(len(line.text) for lines in pages for line in lines) < _SCANNED * len(pages):
            pictures = "The PDF has pictures of its pages but no text, as scanners produce them; "
            raise UserError(pictures + "run text recognition (OCR) on it and add the result.")
        metadata = pdf.get_metadata_dict(skip_empty=True)
    finally:
        pdf.close()
    rows = tuple(_rows([line for lines in _without_running_lines(pages) for line in lines]))
    published = _date(metadata.get("CreationDate", ""))
    return Document(rows, _title(metadata, rows), published=published, author=metadata.get("Author"))


def _without_running_lines(pages: list[list[PdfLine]]) -> list[list[PdfLine]]:
    """Return the lines of each page without running heads, feet, page numbers and tables of contents."""
    body = _body_size(line for lines in pages for line in lines)
    pages = [[line for line in lines if not _LEADER.search(line.text)] for lines in pages]
    for _ in range(_EDGE):
        upside_down = [lines[::-1] for lines in _without_first_lines(pages, body)]
        pages = [lines[::-1] for lines in _without_first_lines(upside_down, body)]
    return pages


def _without_first_lines(pages: list[list[PdfLine]], body: float) -> list[list[PdfLine]]:
    """Return the pages, each without its first line if that is a running one.

    A running line repeats on several pages, is a page number, or is at the height where most pages have a line set
    apart. It is set apart from the text below and not larger than it.
    """
    counts = Counter(_pattern(lines[0]) for lines in pages if lines)
    heights = Counter(round(lines[0].bottom) for lines in pages if lines)
    height, _ = heights.most_common(1)[0] if heights else (0, 0)
    at_height = [lines for lines in pages if lines and abs(lines[0].bottom - height) <= 1]
    usual = len(at_height) >= _REPEATED and sum(map(_is_set_apart, at_height)) >= _MOSTLY * len(at_height)

    def is_running(lines: list[PdfLine]) -> bool:
        first = lines[0]
        known = counts[_pattern(first)] >= _REPEATED or _PAGE_NUMBER.fullmatch(first.text) is not None
        placed = usual and abs(first.bottom - height) <= 1
        return (known or placed) and _is_set_apart(lines) and first.size <= _LARGER * body

    return [lines[1:] if lines and is_running(lines) else lines for lines in pages]


def _is_set_apart(lines: Sequence[PdfLine]) -> bool:
    """Return whether the first line is not part of the same paragraph as the second."""
    return len(lines) < 2 or not (_is_near(lines[0], lines[1]) or _is_near(lines[1], lines[0]))


def _body_size(lines: Iterable[PdfLine]) -> float:
    """Return the font size in points of most of the text."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    return max(sizes, key=sizes.__getitem__, default=0.0)


def _pattern(line: PdfLine) -> str:
    """Return the text of a line with its numbers replaced: the same for the running lines of all pages."""
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
    """Yield monospaced lines between code fences, indented as printed."""
    margin = min(line.left for line in lines)
    yield Row("```", page=lines[0].page)
    for line in lines:
        width = max(0.1, (line.right - line.left) / max(1, len(line.text)))
        yield Row(" " * min(40, round((line.left - margin) / width)) + _UNPRINTED.sub("", line.text), page=line.page)
    yield Row("```", page=lines[-1].page)


def _paragraphs(lines: Sequence[PdfLine], words: Counter[str]) -> Iterator[Row]:
    """Yield the rows of prose: continued lines joined, and a blank row between paragraphs."""
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
    """Return whether a line continues the paragraph of the line above."""
    if LIST_ITEM.match(line.text):
        return False
    lowercase = line.text[0].islower() or above.text[-1] in f"-,{HYPHENS}"
    if above.page != line.page or not _is_near(above, line):
        turned = above.page != line.page or line.bottom > above.bottom  # the next page or column
        return turned and not TERMINAL.search(above.text) and lowercase
    if line.left > margin + _INDENT * line.size and not LIST_ITEM.match(above.text) and TERMINAL.search(above.text):
        return False
    full = above.right - above.left >= _FULL * (right - above.left)
    return lowercase or (full and not (TERMINAL.search(above.text) and above.right < 0.95 * right))


def _is_near(above: PdfLine, line: PdfLine) -> bool:
    """Return whether two lines are spaced and sized like lines of one paragraph."""
    larger, smaller = max(above.size, line.size), min(above.size, line.size)
    alike = larger <= _LARGER * smaller  # footnotes are smaller
    return alike and above.page == line.page and 0 <= above.bottom - line.bottom <= _LINE_SPACING * larger


def _join_lines(above: str, below: str, words: Counter[str]) -> str:
    """Join two lines; a hyphenated word is spelled as in the rest of the text, whose words `words` counts."""
    parted = re.search(rf"(?<![^\W\d_])([^\W\d_]++)[-‐{HYPHENS}]$", above)
    rest = re.match(r"[^\W\d_]+", below)
    if parted is None or rest is None or not below[0].islower():
        return f"{above} {below}" if above[-1] not in HYPHENS else above[:-1] + below
    whole, hyphened = parted[1] + rest[0], f"{parted[1]}-{rest[0]}"
    if words[hyphened.lower()] > words[whole.lower()]:
        return f"{above[:-1]}-{below}"
    return above[:-1] + below


def _clean(text: str) -> str:
    """Return a line without control characters and with single spaces."""
    return " ".join(_UNPRINTED.sub("", text).split())


def _title(metadata: dict[str, str], rows: Sequence[Row]) -> str | None:
    """Return the title in the metadata, else the first heading of the outermost level on page 1."""
    title = " ".join(metadata.get("Title", "").split())
    if title and not _NO_TITLE.fullmatch(title):
        return title
    return next((row.text for row in rows if row.level == 1 and row.page == 1), None)


def _date(value: str) -> str | None:
    """Return a PDF date, D:YYYYMMDD... (ISO 32000-1, 7.9.4), as an ISO 8601 date, or None if it is invalid."""
    found = re.match(r"D:(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", value)
    return "-".join(found.groups()) if found else None
