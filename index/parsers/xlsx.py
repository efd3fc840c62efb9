"""Parse Excel files (.xlsx, ECMA-376 part 1, 18): each sheet as tables, with numbers and dates as they are shown."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from index.messages.files import SHEETS_ARE_PICTURES
from index.models import Link, UserError
from index.parsers.document import Document
from index.parsers.file_types import KIND_NAMES
from index.parsers.hyperlink_fields import with_place
from index.parsers.linked_text import LinkedText
from index.parsers.number_display import BUILT_IN, shown_number
from index.parsers.sheets import Sheet, sheet_rows
from index.parsers.zip_package import (
    core_properties,
    local_name,
    open_package,
    outside_addresses,
    parse_xml,
    part_name,
    relationships,
    whole_number,
)
from index.text.link_addresses import link_address
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

_RELATIONS: Final = re.compile(r"\{http://[^}]*/relationships\}id")
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MAX_COLUMNS: Final = 500
_MAX_MERGED: Final = 10_000  # cells that repeat a merged one, in one sheet
_ON: Final = {"1", "true"}
_LINK_FORMULA: Final = re.compile(r"\s*+HYPERLINK\(\s*+\"([^\"]++)\"", re.IGNORECASE)
_Place = tuple[int, int]  # row and column, counted from 1


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of a file share: its texts, the format code of each cell style, and the start of its calendar."""

    texts: list[str]
    formats: list[str]
    since_1904: bool


def read_xlsx(data: bytes) -> Document:
    """Return the tables of an Excel file, without hidden sheets, rows and columns, comments and formulas.

    Sheets that are only pictures or charts are named in `missing_pages`. Raises `UserError` if there are no others, and
    if the file is damaged, protected by a password or too large.
    """
    with open_package(data, KIND_NAMES["xlsx"]) as parts:
        properties = core_properties(parts)
        targets = _targets(parts)
        workbook = parse_xml(parts.read("xl/workbook.xml"))
        since_1904 = any(e.get("date1904") in _ON for e in _descendants(workbook, "workbookPr"))
        book = _Book(_texts(parts), _formats(parts), since_1904)
        sheets: list[Sheet] = []
        pictures: list[str] = []
        for entry in _descendants(workbook, "sheet"):
            path = targets.get(_relation(entry), "")
            if entry.get("state", "visible") == "visible" and path in parts.namelist():
                root = parse_xml(parts.read(path))
                sheets.append(Sheet(entry.get("name", ""), _cells(root, book, _links(root, parts, path))))
                drawn = any(local_name(e) in {"drawing", "picture"} for e in root.iter())
                pictures += [sheets[-1].name] if drawn and not any(map(any, sheets[-1].cells)) else []
    if pictures and len(pictures) == len(sheets):
        raise UserError(SHEETS_ARE_PICTURES)
    return Document(
        sheet_rows(sheets),
        properties.get("title"),
        published=iso_date(properties.get("created", "")),
        author=properties.get("creator"),
        language=properties.get("language"),
        missing_pages=tuple(pictures),
    )


def _descendants(element: _Element, name: str) -> Iterator[_Element]:
    return (e for e in element.iter() if local_name(e) == name)


def _targets(parts: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts that the workbook refers to, by the ids of the relationships."""
    entries = relationships(parts, "xl/workbook.xml")
    return {entry.get("Id", ""): part_name("xl", entry.get("Target", "")) for entry in entries}


def _relation(element: _Element) -> str:
    """Return the id of the relationship that an element names, "" if it names none."""
    return next((str(value) for name, value in element.attrib.items() if _RELATIONS.fullmatch(str(name))), "")


def _links(sheet: _Element, parts: zipfile.ZipFile, path: str) -> dict[_Place, str]:
    """Return the addresses that cells of a sheet link to, by row and column."""
    found: dict[_Place, str] = {}
    for cell in _descendants(sheet, "c"):
        formula = next((e.text or "" for e in cell if local_name(e) == "f"), "")
        place, link = _CELL.fullmatch(cell.get("r", "")), _LINK_FORMULA.match(formula)
        if place and link:
            found[int(place[2]), _column(place[1])] = link[1]
    targets = outside_addresses(parts, path)
    for link in _descendants(sheet, "hyperlink"):
        key, place = _relation(link), _CELL.fullmatch(link.get("ref", "").partition(":")[0])
        if place and key in targets:
            found[int(place[2]), _column(place[1])] = with_place(targets[key], link.get("location", ""))
    return found


def _texts(parts: zipfile.ZipFile) -> list[str]:
    """Return the texts that cells refer to by number."""
    if "xl/sharedStrings.xml" not in parts.namelist():
        return []
    return [_text(entry) for entry in parse_xml(parts.read("xl/sharedStrings.xml")) if local_name(entry) == "si"]


def _text(element: _Element) -> str:
    """Return the text of a cell or shared string, without the phonetic guides of Japanese text."""
    parts = []
    for child in element:
        name = local_name(child)
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts += [part.text or "" for part in child if local_name(part) == "t"]
    return "".join(parts)


def _formats(parts: zipfile.ZipFile) -> list[str]:
    """Return the format code of each cell style."""
    if "xl/styles.xml" not in parts.namelist():
        return []
    root = parse_xml(parts.read("xl/styles.xml"))
    codes = BUILT_IN | {_integer(e.get("numFmtId")): e.get("formatCode", "") for e in _descendants(root, "numFmt")}
    styles = next(_descendants(root, "cellXfs"), None)
    return [codes.get(_integer(style.get("numFmtId")), "General") for style in styles] if styles is not None else []


def _cells(sheet: _Element, book: _Book, links: Mapping[_Place, str]) -> list[list[LinkedText]]:
    """Return the visible cells of a sheet, each merged one repeated where it covers others.

    The text of a cell with a link is its words.
    """
    rows: dict[int, dict[int, str]] = {}
    hidden_rows: set[int] = set()
    number = 0
    for row in _descendants(sheet, "row"):
        number = _integer(row.get("r")) or number + 1
        hidden_rows |= {number} if row.get("hidden") in _ON else set()
        rows[number] = _row(row, book)
    _repeat_merged(sheet, rows)
    hidden = {
        column
        for entry in _descendants(sheet, "col")
        if entry.get("hidden") in _ON
        for column in range(_integer(entry.get("min")), min(_integer(entry.get("max")), _MAX_COLUMNS) + 1)
    }
    found: list[list[LinkedText]] = []
    last = 0
    for number in sorted(rows):
        if number not in hidden_rows:
            found += [[]] if number > last + 1 and found else []  # rows that are not stored are blank
            cells = rows[number]
            width = max(cells, default=0)
            shown = (column for column in range(1, width + 1) if column not in hidden)
            found.append([_linked(cells.get(column, ""), links.get((number, column), "")) for column in shown])
        last = number
    return found


def _linked(text: str, href: str) -> LinkedText:
    address = link_address(href)
    return LinkedText(text, (Link(0, len(text), address),) if address else ())


def _row(row: _Element, book: _Book) -> dict[int, str]:
    """Return the texts of a row by their columns, counted from 1."""
    cells: dict[int, str] = {}
    column = 0
    for cell in row:
        place = _CELL.fullmatch(cell.get("r", ""))
        column = _column(place[1]) if place else column + 1
        if column <= _MAX_COLUMNS and (text := _value(cell, book)):
            cells[column] = text
    return cells


def _value(cell: _Element, book: _Book) -> str:
    """Return what a cell shows."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return next((_text(e) for e in cell if local_name(e) == "is"), "")
    value = next((e.text or "" for e in cell if local_name(e) == "v"), "")
    if kind == "s":
        at = _integer(value, -1)
        return book.texts[at] if 0 <= at < len(book.texts) else ""
    if kind == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(value, "")
    if kind == "e":
        return ""  # an error such as #DIV/0!
    style = _integer(cell.get("s"))
    code = book.formats[style] if style < len(book.formats) else "General"
    return shown_number(value, code, since_1904=book.since_1904) if kind == "n" else value


def _repeat_merged(sheet: _Element, rows: dict[int, dict[int, str]]) -> None:
    """Repeat merged cells in the rows and columns that they cover, except one that makes up its row alone."""
    left = _MAX_MERGED
    for entry in _descendants(sheet, "mergeCell"):
        first, _, last = entry.get("ref", "").partition(":")
        start, end = _CELL.fullmatch(first), _CELL.fullmatch(last)
        if not (start and end):
            continue
        top, bottom, left_column, right = int(start[2]), int(end[2]), _column(start[1]), _column(end[1])
        text = rows.get(top, {}).get(left_column, "")
        if not text or (bottom == top and len(rows.get(top, {})) == 1):
            continue
        for number in range(top, min(bottom, top + 1000) + 1):
            for column in range(left_column, min(right, _MAX_COLUMNS) + 1) if number in rows else ():
                if not left:
                    return
                rows[number][column] = text
                left -= 1


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _integer(value: str | None, default: int = 0) -> int:
    return whole_number(value, default, digits=8)
