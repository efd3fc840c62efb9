"""Parse PDF files: headings, paragraphs, tables and code, without running heads and feet, each with its page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from statistics import median
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from index.messages.files import PDF_DAMAGED, PDF_PROTECTED, PDF_SCANNED, PDF_UNREADABLE
from index.models import UserError
from index.parsers.document import Document, Row
from index.parsers.pdf.form_fields import field_pieces
from index.parsers.pdf.open_tables import with_open_tables
from index.parsers.pdf.page_links import PrintedLink, page_links, with_links
from index.parsers.pdf.pieces import Piece, page_pieces
from index.parsers.pdf.rows import rows_of_pages
from index.parsers.pdf.ruled_tables import with_ruled_tables
from index.parsers.pdf.rulings import grids_of, page_rulings
from index.parsers.pdf.running_lines import without_running_lines

_TYPEWRITTEN: Final = 0.7  # share of the characters that are monospaced
_MIN_WORDS: Final = 7  # median of the lines of prose; those of code have fewer
_ILLEGIBLE: Final = 0.5  # share of the characters
_SCANNED: Final = 20  # characters per page; scanned pages have none, or only a stamp
_NO_TITLE: Final = re.compile(
    r"(?i)untitled|microsoft (?:word|powerpoint) - .*|.*\.(?:docx?|indd|tex|dvi|pdf|odt|pptx?)|\W*"
)


def read_pdf(data: bytes) -> Document:
    """Return the text of a PDF.

    Pages that cannot be read are left out and named in `missing_pages`; so are scanned pages and other pictures. Raises
    `UserError` for scans, and if the file is damaged or needs a password.
    """
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UserError(PDF_PROTECTED) from None
        raise UserError(PDF_DAMAGED) from None
    try:
        with suppress(pypdfium2.PdfiumError):
            if pdf.get_formtype() != pdfium.FORMTYPE_NONE:
                pdf.init_forms()
        pages, missing, pictured, links = _read_pages(pdf)
        if _is_typewritten(pages):
            pages, missing, pictured, links = _read_pages(pdf, typewritten=True)
        metadata = {key: _metadata(pdf, key) for key in ("Title", "Author", "CreationDate")}
    finally:
        pdf.close()
    if not pages and missing:
        raise UserError(PDF_UNREADABLE)
    characters = sum(len(piece.text) for pieces in pages for piece in pieces)
    if not characters or (characters < _SCANNED * len(pages) and 2 * len(pictured) >= len(pages)):
        raise UserError(PDF_SCANNED)
    rows = tuple(with_links(list(rows_of_pages(without_running_lines(pages))), links))
    return Document(
        rows,
        _title(metadata["Title"], rows),
        published=_date(metadata["CreationDate"]),
        author=metadata["Author"] or None,
        missing_pages=tuple(map(str, sorted(missing + pictured))),
    )


def _is_typewritten(pages: Sequence[Sequence[Piece]]) -> bool:
    """Return whether most of the text is monospaced and in lines of prose, so that this does not mark code."""
    pieces = [piece for found in pages for piece in found]
    monospaced = [piece for piece in pieces if piece.monospaced]
    if sum(len(piece.text) for piece in monospaced) <= _TYPEWRITTEN * sum(len(piece.text) for piece in pieces):
        return False
    return median(len(piece.text.split()) for piece in monospaced) >= _MIN_WORDS


def _read_pages(
    pdf: pypdfium2.PdfDocument, *, typewritten: bool = False
) -> tuple[list[list[Piece]], list[int], list[int], list[PrintedLink]]:
    """Return the text of each page, the numbers of unreadable ones and of pictures, and the links."""
    pages: list[list[Piece]] = []
    links: list[PrintedLink] = []
    missing: list[int] = []
    pictured: list[int] = []
    for number in range(1, len(pdf) + 1):
        try:
            page = pdf[number - 1]
            rulings = page_rulings(page)
            pieces = page_pieces(page, number, rulings, typewritten=typewritten)
            if pdf.formenv is not None:
                pieces += list(field_pieces(page, pdf.formenv, number, pieces))
            pieces = with_open_tables(with_ruled_tables(pieces, grids_of(rulings)), rulings)
            if sum(len(piece.text) for piece in pieces) < _SCANNED:
                pictured += [number] if _has_picture(page) else []
            links += page_links(pdf, page, number)
            page.close()
            if _is_illegible(pieces):
                raise ValueError("The fonts of the page do not say which characters their glyphs are.")
        except (pypdfium2.PdfiumError, ValueError, ArithmeticError):
            missing.append(number)
            continue
        pages.append(pieces)
    return pages, missing, pictured, links


def _is_illegible(pieces: Sequence[Piece]) -> bool:
    """Return whether most characters of a page have no meaning: its fonts do not map their glyphs to Unicode."""
    characters = [character for piece in pieces for character in piece.text if character != " "]
    unknown = sum(unicodedata.category(character) in {"Cc", "Co", "Cn"} for character in characters)
    return unknown > _ILLEGIBLE * len(characters)


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _metadata(pdf: Any, key: str) -> str:
    """Return a value of the metadata on one line, without what is no character."""
    size = pdfium.FPDF_GetMetaText(pdf, key.encode(), None, 0)
    buffer = bytes(size)
    pdfium.FPDF_GetMetaText(pdf, key.encode(), buffer, size)
    text = buffer[: size - size % 2].decode("utf-16-le", "ignore")
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


def _title(title: str, rows: Sequence[Row]) -> str | None:
    """Return the title in the metadata, else the first heading of the outermost level on the first page with text."""
    if title and not _NO_TITLE.fullmatch(title):
        return title
    first = next((row.page for row in rows if row.text), 0)
    return next((row.text for row in rows if row.level == 1 and row.page == first), None)


def _date(value: str) -> str | None:
    """Return a PDF date, D:YYYYMMDD... (ISO 32000-1, 7.9.4), as an ISO 8601 date, or None if it is invalid."""
    found = re.match(r"D:(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", value)
    return "-".join(found.groups()) if found else None
