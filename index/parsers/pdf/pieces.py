"""Extract the text of a PDF page as pieces of lines, each with its position and font.

Positions are in points, from the left and bottom edges of the page as it is read: text that is turned by 90, 180 or
270 degrees is turned back first.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

import pypdfium2

from index.parsers.html.code_and_formulas import SUPERSCRIPTS
from index.parsers.pdf.characters import Character, Style, page_characters
from index.parsers.pdf.rulings import Ruling

HYPHENS: Final = "\u00ad\ufffe\x02"  # what pdfium returns for a hyphen at the end of a line
MARKER: Final = re.compile(  # of a list
    r"(?:[-*+•‣◦▪–—·○●■□➢✓]|\W|\(?\d{1,3}(?:\.\d{1,3})*[.)]?|\(?[a-zA-Z][.)]|\[\w{1,6}\])"
)
_NUMBER: Final = re.compile(r"[-+–−±$€£¥(*]*\d[\d.,:/%)*–-]*|[-–—*.†‡#]+|n/?a", re.IGNORECASE)
CAPTION: Final = re.compile(
    r"(?i)(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)|tabelle|tableau|cuadro|tabla|exhibit)\s?[\dIVX]"
)
GAP: Final = 0.75  # times the font size: a wider gap separates two pieces
_GAP_IN_TYPESCRIPT: Final = 1.9  # the same for typewritten text, which has two spaces between sentences
_GAP_IN_CODE: Final = 4.0  # the same for monospaced text, whose spaces are wide
_BACK: Final = 1.0  # times the font size: how far a character may stand left of the end of the one before
_NARROW: Final = 0.1  # times the font size: the narrowest space
_DOUBLE: Final = 0.25  # times the font size: how far text drawn again is from the first
_BASE: Final = 0.5  # times the font size: characters of one piece differ less in height
_RAISED: Final = 0.8  # share of the piece's font size: a smaller digit above the base line is superscript
_LIGATURES: Final = str.maketrans(
    {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one line without a wide gap between them. `base` is the height of the base line.

    A piece with `cells` is a table: its rows, of which the first has the names of the columns if `has_head`.
    `spaces` are the spaces in `text`: the offset, and where the word before ends and the one after begins.
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
    spaces: tuple[tuple[int, float, float], ...] = ()

    @property
    def middle(self) -> float:
        """The height of the middle of its letters."""
        return middle(self.base, self.size)


def middle(base: float, size: float) -> float:
    """Return the height of the middle of letters of a font size above their base line."""
    return base + 0.3 * size


def is_number(text: str) -> bool:
    """Return whether a text is only a number, or a sign that stands for one."""
    return _NUMBER.fullmatch(text) is not None


def page_pieces(
    page: pypdfium2.PdfPage, number: int, rulings: Sequence[Ruling] = (), *, typewritten: bool = False
) -> list[Piece]:
    """Return the pieces of a page in the order in which they are drawn; `number` is the page number, from 1.

    A vertical line of `rulings` between two words separates pieces, as it separates the cells of a table. The
    monospaced text of a `typewritten` document is no code.
    """
    wide = _GAP_IN_TYPESCRIPT if typewritten else _GAP_IN_CODE
    walls = [ruling for ruling in rulings if ruling.vertical]
    found: list[Piece] = []
    current: list[Character] = []
    for character in page_characters(page):
        if current and character is not None and _is_false_space(current, character):
            current.pop()
        if current and (
            character is None or not _goes_on(current, character, wide) or _is_parted(current, character, walls)
        ):
            found += _piece(current, number)
            current = []
        if character is not None:
            current.append(character)
    found = _without_doubles([*found, *_piece(current, number)])
    return [replace(piece, monospaced=False) for piece in found] if typewritten else found


def _without_doubles(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces without those drawn again nearly in the same place, as some programs make letters bold."""
    found: list[Piece] = []
    same: defaultdict[tuple[str, int], list[Piece]] = defaultdict(list)
    for piece in pieces:
        near = _DOUBLE * piece.size
        drawn = same[piece.text, piece.turned]
        if not any(abs(each.left - piece.left) < near and abs(each.base - piece.base) < near for each in drawn):
            drawn.append(piece)
            found.append(piece)
    return found


def _is_false_space(current: list[Character], character: Character) -> bool:
    """Return whether pdfium put a space where letters stand close together."""
    last = current[-1]
    if last.text != " " or last.left != last.right or last.style.turned != character.style.turned:
        return False
    size = character.style.size
    gap = character.left - _end(current)
    return abs(last.style.base - character.style.base) <= _BASE * size and -size < gap < _NARROW * size


def _goes_on(current: list[Character], character: Character, wide: float) -> bool:
    """Return whether a character belongs to the piece of those before it; `wide` is the gap in monospaced text."""
    last = current[-1]
    one, other = last.style, character.style
    size = max(one.size, other.size)
    if one.turned != other.turned or abs(one.base - other.base) > _BASE * size:
        return False
    if character.text == " ":
        return True
    if unicodedata.bidirectional(character.text) in {"R", "AL"} or unicodedata.combining(character.text):
        return True
    gap = character.left - _end(current)
    return -_BACK * size <= gap < (wide if one.monospaced and other.monospaced else GAP) * size


def _is_parted(current: Sequence[Character], character: Character, walls: Sequence[Ruling]) -> bool:
    """Return whether a vertical line stands between a character and the end of the piece before it."""
    if not walls or character.style.turned or character.text == " " or current[-1].text != " ":
        return False
    end, height = _end(current), middle(character.style.base, character.style.size)
    return any(end <= wall.at <= character.left and wall.start <= height <= wall.end for wall in walls)


def _end(characters: Sequence[Character]) -> float:
    """Return where the last character that is no space ends; where the last one does if all are spaces."""
    return next((each.right for each in reversed(characters) if each.text != " "), characters[-1].right)


def _piece(characters: list[Character], page: int) -> Iterator[Piece]:
    """Yield the piece that characters form, nothing if all are blank."""
    while characters and characters[-1].text.isspace():
        characters.pop()
    first = next((n for n, character in enumerate(characters) if not character.text.isspace()), 0)
    characters = characters[first:]
    if not characters:
        return
    size = Counter(round(c.style.size, 1) for c in characters if not c.text.isspace()).most_common(1)[0][0]
    style = next(c.style for c in characters if round(c.style.size, 1) == size and not c.text.isspace())
    parts = [_raised(c, style).translate(_LIGATURES) for c in characters]
    offsets = list(accumulate(map(len, parts), initial=0))
    spaces = tuple(
        (offsets[n], characters[n - 1].right, characters[n + 1].left)
        for n, part in enumerate(parts)
        if part == " " and parts[n + 1] != " " != parts[n - 1]
    )
    text = "".join(parts)
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
        spaces=spaces,
    )


def _raised(character: Character, line: Style) -> str:
    """Return the text of a character; a small raised digit, such as a footnote number, as the Unicode superscript."""
    text, style = character.text, character.style
    if text.isdigit() and text.isascii() and style.size < _RAISED * line.size:
        return text.translate(SUPERSCRIPTS) if style.base > line.base + 0.1 * line.size else text
    return text
