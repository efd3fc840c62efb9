"""Read what was typed into or chosen in the form fields of a PDF page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from index.parsers.pdf.pieces import Piece

_TYPES: Final = frozenset(
    {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
)
_MAX_FIELDS: Final = 2000  # of a page
_SIZE: Final = 10.0  # points; of the values on a page without other text


def field_pieces(page: pypdfium2.PdfPage, form: Any, number: int, printed: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the values of a page's text and choice fields as text at the places of the fields.

    A value stands on the line of what is `printed` beside its field.
    """
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_FIELDS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET:
                yield from _value(annotation, form, number, printed)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _value(annotation: Any, form: Any, page: int, printed: Sequence[Piece]) -> Iterator[Piece]:
    if pdfium.FPDFAnnot_GetFormFieldType(form, annotation) not in _TYPES:
        return
    size = pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    value = ctypes.create_string_buffer(size)
    pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, ctypes.cast(value, ctypes.POINTER(ctypes.c_ushort)), size)
    box = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(annotation, box):
        return
    top, bottom = max(box.top, box.bottom), min(box.top, box.bottom)
    lines = [
        line for line in value.raw[: size - size % 2].decode("utf-16-le", "ignore").rstrip("\0").splitlines() if line
    ]
    beside = next((piece for piece in printed if bottom <= piece.middle <= top), None)
    usual = beside.size if beside else median(piece.size for piece in printed) if printed else _SIZE
    for n, line in enumerate(lines):
        if line.strip():
            base = top - (top - bottom) * (n + 0.5) / len(lines) - 0.35 * usual
            base = beside.base if beside and len(lines) == 1 else base
            yield Piece(line.strip(), page, box.left, box.right, base, usual)
