"""Extract the text of a PDF page as pieces of lines, each with its position and font.

Positions are in points, from the left and bottom edges of the page as it is read: text that is turned by 90, 180 or
270 degrees is turned back first.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from index.parsers.html.code_and_formulas import SUPERSCRIPTS

HYPHENS: Final = "\u00ad\ufffe\x02"  # what pdfium returns for a hyphen at the end of a line
GAP: Final = 0.75  # times the font size: a wider gap separates two pieces
_GAP_IN_CODE: Final = 4.0  # the same for monospaced text, whose spaces are wide
_BACK: Final = 1.0  # times the font size: how far a character may stand left of the end of the one before
_NARROW: Final = 0.1  # times the font size: the narrowest space
_ODD: Final = 3.0  # times the font size: no letter is higher, unless the font has a unit of its own
_BASE: Final = 0.5  # times the font size: characters of one piece differ less in height
_RAISED: Final = 0.8  # share of the piece's font size: a smaller digit above the base line is superscript
_FIXED_PITCH: Final = 1  # the font descriptor flag of monospaced fonts (ISO 32000-1, 9.8.2)
_BOLD: Final = 600  # font weight
_MONOSPACED_NAME: Final = re.compile(rb"(?i)mono|courier|consol|typewriter|cmtt")
_BOLD_NAME: Final = re.compile(rb"(?i)bold|black|heavy|demi|cmbx|-bd\b")
_LIGATURES: Final = str.maketrans(
    {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
)
_MAX_CHARACTERS: Final = 200_000  # of a page


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one line without a wide gap between them. `base` is the height of the base line.

    A piece with `cells` is a table: its rows, of which the first has the names of the columns if `has_head`.
    """

    text: str
    page: int
    left: float
    right: float
    base: float
    size: float
    bold: bool = False
    monospaced: bool = False
    turned: int = 0  # quarter turns
    cells: tuple[tuple[str, ...], ...] = ()
    has_head: bool = False


@dataclass(frozen=True, slots=True)
class _Style:
    """What the characters of one text object have in common."""

    size: float
    base: float
    bold: bool
    monospaced: bool
    turned: int
    font: int


@dataclass(frozen=True, slots=True)
class _Character:
    text: str
    left: float
    right: float
    height: float
    style: _Style


def page_pieces(page: pypdfium2.PdfPage, number: int) -> list[Piece]:
    """Return the pieces of a page in the order in which they are drawn; `number` is the page number, from 1."""
    found: list[Piece] = []
    current: list[_Character] = []
    for character in _with_true_sizes(list(_characters(page.get_textpage()))):
        if current and character is not None and _is_false_space(current, character):
            current.pop()
        if current and (character is None or not _goes_on(current, character)):
            found += _piece(current, number)
            current = []
        if character is not None:
            current.append(character)
    return [*found, *_piece(current, number)]


def _characters(textpage: pypdfium2.PdfTextPage) -> Iterator[_Character | None]:
    """Yield the characters of a page; None for the line breaks that pdfium adds."""
    styles: dict[int, _Style | None] = {}
    box = pdfium.FS_RECTF()
    end = 0.0
    last: _Style | None = None
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
                yield _Character(" ", end, end, 0.0, last)
            continue
        key = ctypes.addressof(drawn.contents)
        if key not in styles:
            styles[key] = _style(textpage, at)
        style = styles[key]
        if style is None or not pdfium.FPDFText_GetLooseCharBox(textpage, at, box) or not 0 < code <= 0x10FFFF:
            continue
        left, right = _horizontal(box, style.turned)
        height = box.right - box.left if style.turned % 2 else box.top - box.bottom
        last, end = style, right
        yield _Character(chr(code), left, right, height, style)


def _style(textpage: pypdfium2.PdfTextPage, at: int) -> _Style | None:
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
    return _Style(abs(size), base, bold, monospaced, turned, address) if size else None


def _with_true_sizes(characters: list[_Character | None]) -> list[_Character | None]:
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


def _is_false_space(current: list[_Character], character: _Character) -> bool:
    """Return whether pdfium put a space where letters stand close together."""
    last = current[-1]
    if last.text != " " or last.left != last.right or last.style.turned != character.style.turned:
        return False
    size = character.style.size
    gap = character.left - next((each.right for each in reversed(current) if each.text != " "), last.right)
    return abs(last.style.base - character.style.base) <= _BASE * size and -size < gap < _NARROW * size


def _horizontal(box: Any, turned: int) -> tuple[float, float]:
    """Return the left and right edge of a box on a page turned so that its text is upright."""
    return (
        (box.left, box.right),
        (box.bottom, box.top),
        (-box.right, -box.left),
        (-box.top, -box.bottom),
    )[turned]


def _goes_on(current: list[_Character], character: _Character) -> bool:
    """Return whether a character belongs to the piece of those before it."""
    last = current[-1]
    one, other = last.style, character.style
    size = max(one.size, other.size)
    if one.turned != other.turned or abs(one.base - other.base) > _BASE * size:
        return False
    if character.text == " ":
        return True
    if unicodedata.bidirectional(character.text) in {"R", "AL"} or unicodedata.combining(character.text):
        return True
    end = next((each.right for each in reversed(current) if each.text != " "), last.right)
    gap = character.left - end
    return -_BACK * size <= gap < (_GAP_IN_CODE if one.monospaced and other.monospaced else GAP) * size


def _piece(characters: list[_Character], page: int) -> Iterator[Piece]:
    """Yield the piece that characters form, nothing if all are blank."""
    while characters and characters[-1].text.isspace():
        characters.pop()
    first = next((n for n, character in enumerate(characters) if not character.text.isspace()), 0)
    characters = characters[first:]
    if not characters:
        return
    size = Counter(round(c.style.size, 1) for c in characters if not c.text.isspace()).most_common(1)[0][0]
    style = next(c.style for c in characters if round(c.style.size, 1) == size and not c.text.isspace())
    text = "".join(_raised(c, style) for c in characters).translate(_LIGATURES)
    yield Piece(
        text,
        page,
        min(c.left for c in characters),
        max(c.right for c in characters),
        style.base,
        max(0.1, size),
        all(c.style.bold for c in characters if c.text.isalnum()) and style.bold,
        all(c.style.monospaced for c in characters if not c.text.isspace()),
        style.turned,
    )


def _raised(character: _Character, line: _Style) -> str:
    """Return the text of a character; a small raised digit, such as a footnote number, as the Unicode superscript."""
    text, style = character.text, character.style
    if text.isdigit() and text.isascii() and style.size < _RAISED * line.size:
        return text.translate(SUPERSCRIPTS) if style.base > line.base + 0.1 * line.size else text
    return text
