"""Read the characters of a PDF page with their places, fonts and sizes."""

from __future__ import annotations

import ctypes
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

_ODD: Final = 3.0  # times the font size: no letter is higher, unless the font has a unit of its own
_FIXED_PITCH: Final = 1  # the font descriptor flag of monospaced fonts (ISO 32000-1, 9.8.2)
_BOLD: Final = 600  # font weight
_MONOSPACED_NAME: Final = re.compile(rb"(?i)mono|courier|consol|typewriter|cmtt")
_BOLD_NAME: Final = re.compile(rb"(?i)bold|black|heavy|demi|cmbx|-bd\b")
_MAX_CHARACTERS: Final = 200_000  # of a page


@dataclass(frozen=True, slots=True)
class Style:
    """What the characters of one text object have in common."""

    size: float
    base: float
    bold: bool
    monospaced: bool
    turned: int
    font: int


@dataclass(frozen=True, slots=True)
class Character:
    """One character: its edges in points along the line, and the height of its font's box."""

    text: str
    left: float
    right: float
    height: float
    style: Style


def page_characters(page: pypdfium2.PdfPage) -> list[Character | None]:
    """Return the characters that a page shows, in the order in which they are drawn; None where pdfium ends a line."""
    return _with_true_sizes(list(_characters(page.get_textpage(), page.get_bbox())))


def _characters(textpage: pypdfium2.PdfTextPage, shown: tuple[float, ...]) -> Iterator[Character | None]:
    """Yield the characters in the `shown` box of a page (its edges); None for the line breaks that pdfium adds."""
    west, south, east, north = shown
    styles: dict[int, Style | None] = {}
    box = pdfium.FS_RECTF()
    end = 0.0
    last: Style | None = None
    high = 0  # the first half of a character beyond U+FFFF
    for at in range(min(textpage.count_chars(), _MAX_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(textpage, at)
        drawn: Any = pdfium.FPDFText_GetTextObject(textpage, at)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code, high = (0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0), 0
        if not drawn:  # added by pdfium
            if code in {10, 13}:
                yield None
            elif code == 32 and last is not None:
                yield Character(" ", end, end, 0.0, last)
            continue
        key = ctypes.addressof(drawn.contents)
        if key not in styles:
            styles[key] = _style(textpage, at)
        style = styles[key]
        if style is None or not pdfium.FPDFText_GetLooseCharBox(textpage, at, box) or not 0 < code <= 0x10FFFF:
            continue
        if not (west <= (box.left + box.right) / 2 <= east and south <= (box.bottom + box.top) / 2 <= north):
            continue
        left, right = _horizontal(box, style.turned)
        height = box.right - box.left if style.turned % 2 else box.top - box.bottom
        last, end = style, right
        yield Character(chr(code), left, right, height, style)


def _style(textpage: pypdfium2.PdfTextPage, at: int) -> Style | None:
    """Return the style of a character, or None if it is not set upright, sideways or upside down."""
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(textpage, at, matrix):
        return None
    angle = math.degrees(math.atan2(matrix.b, matrix.a))
    turned = round(angle / 90) % 4
    if abs(angle - round(angle / 90) * 90) > 5:
        return None
    size = pdfium.FPDFText_GetFontSize(textpage, at) * math.hypot(matrix.c, matrix.d)
    base = (matrix.f, -matrix.e, -matrix.f, matrix.e)[turned]
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(textpage, at, name, 128, ctypes.byref(flags))
    bold = pdfium.FPDFText_GetFontWeight(textpage, at) >= _BOLD or _BOLD_NAME.search(name.value) is not None
    monospaced = bool(flags.value & _FIXED_PITCH) or _MONOSPACED_NAME.search(name.value) is not None
    font: Any = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(textpage, at))
    address = ctypes.addressof(font.contents) if font else 0
    return Style(abs(size), base, bold, monospaced, turned, address) if size else None


def _with_true_sizes(characters: list[Character | None]) -> list[Character | None]:
    """Return the characters of a page; the size of fonts whose unit is not a thousandth is taken from their letters.

    Fonts of type 3 define their own unit (ISO 32000-1, 9.6.5), so that text of 10 points may have a font size of 0.1.
    """
    highest: defaultdict[int, float] = defaultdict(float)  # of each such font, in times the font size
    for character in characters:
        if character is not None and character.height > _ODD * character.style.size:
            font = character.style.font
            highest[font] = max(highest[font], character.height / character.style.size)
    return [
        replace(c, style=replace(c.style, size=float(round(c.style.size * highest[c.style.font]) or 1)))
        if c is not None and c.style.font in highest
        else c
        for c in characters
    ]


def _horizontal(box: Any, turned: int) -> tuple[float, float]:
    """Return the left and right edge of a box on a page turned so that its text is upright."""
    return (
        (box.left, box.right),
        (box.bottom, box.top),
        (-box.right, -box.left),
        (-box.top, -box.bottom),
    )[turned]
