"""Read what was typed into or chosen in the form fields of a PDF page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from index.parsers.pdf.pieces import Piece

_TYPES: Final = frozenset(
    {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
)
_MAX_FIELDS: Final = 2000  # of a page
_MAX_SIZE: Final = 12.0  # points; the values are placed as text of about this size


def field_pieces(page: pypdfium2.PdfPage, form: Any, number: int) -> Iterator[Piece]:
    """Yield the values of a page's text and choice fields as text at the places of the fields."""
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_FIELDS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET:
                yield from _value(annotation, form, number)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _value(annotation: Any, form: Any, page: int) -> Iterator[Piece]:
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
    height = min(_MAX_SIZE, (top - bottom) / max(1, len(lines)) * 0.7)
    for n, line in enumerate(lines):
        if line.strip():
            base = top - (top - bottom) * (n + 0.5) / len(lines) - 0.35 * height
            yield Piece(line.strip(), page, box.left, box.right, base, round(height, 1))
