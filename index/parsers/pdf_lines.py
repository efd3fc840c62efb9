"""Extract the printed lines of a PDF page, each with its position and font."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from index.parsers.html.to_text import SUPERSCRIPTS

_FIXED_PITCH = 1  # the font descriptor flag of monospaced fonts (ISO 32000-1, 9.8.2)
_RAISED = 0.8  # share of the line's font size: a smaller digit above the base line is superscript
HYPHENS = "\u00ad\ufffe\x02"  # what pdfium returns for a hyphen at the end of a line, in place of the line break


@dataclass(frozen=True, slots=True)
class PdfLine:
    """One printed line. Positions and font size are in points, from the left and bottom edges of the page."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    monospaced: bool


def page_lines(page: pypdfium2.PdfPage, number: int) -> list[PdfLine]:
    """Return the lines of a page in reading order; `number` is the page number, from 1."""
    textpage = page.get_textpage()
    codes = [pdfium.FPDFText_GetUnicode(textpage, at) for at in range(textpage.count_chars())]
    found: list[PdfLine] = []
    start = 0
    for at, code in enumerate([*codes, 10]):
        if code in {10, 13} or chr(code) in HYPHENS:
            line = _line(textpage, codes, start, at + (chr(code) in HYPHENS), number)
            found += [line] if line else []
            start = at + 1
    return found


def _line(textpage: pypdfium2.PdfTextPage, codes: Sequence[int], start: int, end: int, page: int) -> PdfLine | None:
    """Return the line for a range of characters, or None if it is blank."""
    while start < end and chr(codes[start]).isspace():
        start += 1
    while start < end and chr(codes[end - 1]).isspace():
        end -= 1
    if start == end:
        return None
    left, bottom, _, _ = textpage.get_charbox(start, loose=True)
    _, _, right, _ = textpage.get_charbox(end - 1, loose=True)
    sizes = [pdfium.FPDFText_GetFontSize(textpage, at) for at in (start, end - 1)]
    size = round(max(sizes), 1)
    units = "".join(_character(textpage, at, codes[at], bottom, size) for at in range(start, end))
    text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")  # joins surrogate pairs
    monospaced = all(_is_monospaced(textpage, at) for at in (start, end - 1))
    return PdfLine(text, page, left, right, bottom, size, monospaced)


def _character(textpage: pypdfium2.PdfTextPage, at: int, code: int, bottom: float, size: float) -> str:
    """Return a character; a small raised digit, such as a footnote number, as the Unicode superscript."""
    char = chr(code) if code else ""
    if char.isdigit() and char.isascii() and pdfium.FPDFText_GetFontSize(textpage, at) < _RAISED * size:
        _, base, _, _ = textpage.get_charbox(at, loose=True)
        return char.translate(SUPERSCRIPTS) if base > bottom + 0.1 * size else char
    return char


def _is_monospaced(textpage: pypdfium2.PdfTextPage, at: int) -> bool:
    """Return whether a character is set in a monospaced font."""
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(textpage, at, name, 128, ctypes.byref(flags))
    return bool(flags.value & _FIXED_PITCH) or re.search(rb"(?i)mono|courier|consol|typewriter", name.value) is not None
