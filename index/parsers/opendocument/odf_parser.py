"""Parse OpenDocument texts (.odt), presentations (.odp) and spreadsheets (.ods)."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from index.messages.files import SHEETS_ARE_PICTURES, SLIDES_ARE_PICTURES
from index.models import UserError
from index.parsers.document import Document, Row
from index.parsers.file_types import KIND_NAMES
from index.parsers.html.dom import GAP
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.linked_text import LinkedText, joined
from index.parsers.office_blocks import Cell, OfficeBlock, blocks_html
from index.parsers.opendocument.odf_blocks import OdfReader
from index.parsers.opendocument.odf_styles import OdfStyles, attribute
from index.parsers.sheets import Sheet, sheet_rows
from index.parsers.slide_rows import slide_rows
from index.parsers.zip_package import local_name, open_package, parse_xml, password_error
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

    from index.parsers.file_types import Kind

_MAX_COLUMNS: Final = 100  # that a merged cell is repeated in
_ONLY_PICTURES: Final = {"odp": SLIDES_ARE_PICTURES, "ods": SHEETS_ARE_PICTURES}


def read_odt(data: bytes) -> Document:
    """Return the text of an OpenDocument text. Raises `UserError` if it is damaged or protected by a password."""
    return _read(data, "odt")


def read_odp(data: bytes) -> Document:
    """Return the text of an OpenDocument presentation, each slide a page.

    Slides that are pictures or charts without text are named in `missing_pages`. Raises `UserError` if there are no
    others, and as `read_odt` does.
    """
    return _read(data, "odp")


def read_ods(data: bytes) -> Document:
    """Return the tables of an OpenDocument spreadsheet.

    Sheets that are only pictures or charts are named in `missing_pages`. Raises `UserError` if there are no others, and
    as `read_odt` does.
    """
    return _read(data, "ods")


def _read(data: bytes, kind: Kind) -> Document:
    with open_package(data, KIND_NAMES[kind]) as parts:
        names = parts.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise password_error(KIND_NAMES[kind])
        content = parse_xml(parts.read("content.xml"))
        styles = OdfStyles()
        for root in (*([parse_xml(parts.read("styles.xml"))] if "styles.xml" in names else []), content):
            styles.add(root)
        properties = _properties(parts)
        body = next(e for e in content.iter() if local_name(e) == "body")
        reader = OdfReader(styles, lambda address: _formula(parts, address))
        pictures: list[str] = []
        if kind == "odp":
            rows = tuple(_slides(body, styles, reader, pictures))
        elif kind == "ods":
            rows = sheet_rows(list(_sheets(body, styles, reader, pictures)))
        else:
            rows = _text_rows(body, reader)
    if pictures and not any(row.text for row in rows):
        raise UserError(_ONLY_PICTURES[kind])
    title = properties.get("title") or next((row.text for row in rows if row.level == 1 and row.text), None)
    author = properties.get("initial-creator") or properties.get("creator")
    date = properties.get("creation-date") or properties.get("date", "")
    published = iso_date(date.partition(".")[0])  # without fractions of a second
    return Document(
        rows,
        title,
        published=published,
        author=author,
        language=properties.get("language"),
        missing_pages=tuple(pictures),
    )


def _text_rows(body: _Element, reader: OdfReader) -> tuple[Row, ...]:
    """Return the rows of a text, footnotes last."""
    text = blocks_html(list(reader.blocks(body)))
    notes = "".join(f'<ol><li value="{number}">{note}</li></ol>' for number, note in reader.notes)
    return rows_of_fragment(f"{text}<{GAP}></{GAP}>{notes}")


def _slides(body: _Element, styles: OdfStyles, reader: OdfReader, pictures: list[str]) -> Iterator[Row]:
    """Yield the rows of the slides that are not hidden; add the numbers of those that are pictures to `pictures`."""
    pages = (e for e in body.iter() if local_name(e) == "page")
    for number, page in enumerate(pages, 1):
        if styles.is_hidden(attribute(page, "style-name")):
            continue
        shapes = sorted(page, key=lambda shape: attribute(shape, "class") != "title")
        html = "".join(_shape(shape, reader) for shape in shapes)
        notes = "".join(blocks_html(list(reader.blocks(e))) for e in page if local_name(e) == "notes")
        rows = slide_rows(html, notes)
        pictures += [str(number)] if _is_picture(page) and not any(row.text for row in rows) else []
        yield from (replace(row, page=number) for row in rows)


def _shape(shape: _Element, reader: OdfReader) -> str:
    blocks = list(reader.blocks([shape]))
    if attribute(shape, "class") == "title" and any(block.html for block in blocks):
        return blocks_html([OfficeBlock("heading", " ".join(block.html for block in blocks), level=1)])
    return blocks_html(blocks)


def _sheets(body: _Element, styles: OdfStyles, reader: OdfReader, pictures: list[str]) -> Iterator[Sheet]:
    """Yield the sheets that are not hidden; add the names of those that are pictures or charts to `pictures`."""
    for table in body.iter():
        if local_name(table) == "table" and not styles.is_hidden(attribute(table, "style-name")):
            sheet = Sheet(attribute(table, "name") or "", list(_spread(reader.rows(table))))
            pictures += [sheet.name] if _is_picture(table) and not any(map(any, sheet.cells)) else []
            yield sheet


def _is_picture(part: _Element) -> bool:
    """Return whether a slide or sheet has a picture, or an embedded object such as a chart."""
    return any(local_name(element) in {"image", "object", "object-ole"} for element in part.iter())


def _spread(rows: Iterable[tuple[Cell, ...]]) -> Iterator[list[LinkedText]]:
    """Yield the texts of the rows, merged cells repeated in each row and column that they span."""
    above: dict[int, tuple[int, LinkedText]] = {}  # for a column, how many rows more its cell spans, and its text
    for row in rows:
        texts: list[LinkedText] = []
        below: dict[int, tuple[int, LinkedText]] = {}
        for cell in (*row, None):
            while len(texts) in above:
                left, text = above.pop(len(texts))
                below |= {len(texts): (left - 1, text)} if left > 1 else {}
                texts.append(text)
            text = _cell_text(cell) if cell else LinkedText()
            for _ in range(0 if cell is None else 1 if len(row) == 1 else min(cell.columns, _MAX_COLUMNS)):
                below |= {len(texts): (cell.rows - 1, text)} if cell and cell.rows > 1 else {}
                texts.append(text)
        yield texts
        above = below


def _cell_text(cell: Cell) -> LinkedText:
    rows = rows_of_fragment(blocks_html(cell.blocks)) if cell.blocks else ()
    return joined((LinkedText(row.text, row.links) for row in rows if row.text), " ")


def _formula(parts: zipfile.ZipFile, address: str) -> _Element | None:
    """Return the MathML of an embedded object, or None if it is no formula."""
    path = posixpath.normpath(posixpath.join(address, "content.xml")).lstrip("/")
    if path not in parts.namelist():
        return None
    root = parse_xml(parts.read(path))
    return root if local_name(root) == "math" else None


def _properties(parts: zipfile.ZipFile) -> dict[str, str]:
    if "meta.xml" not in parts.namelist():
        return {}
    elements = parse_xml(parts.read("meta.xml")).iter()
    return {local_name(e): e.text.strip() for e in elements if e.text and e.text.strip()}
