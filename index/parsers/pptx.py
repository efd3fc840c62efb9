"""Parse PowerPoint files (.pptx): each slide is a page, with its title as a heading, then its text and notes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

from index.messages.files import SLIDES_ARE_PICTURES
from index.models import UserError
from index.parsers.document import Document, Row
from index.parsers.file_types import KIND_NAMES
from index.parsers.formulas import formula_text
from index.parsers.hyperlink_fields import link_html
from index.parsers.number_formats import formatted_number
from index.parsers.office_blocks import Cell, OfficeBlock, blocks_html
from index.parsers.slide_rows import slide_rows
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
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from lxml.etree import _Element

_RELATIONS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ADDRESS: Final = "verbatim-address"  # an attribute of links, set when a slide is read
_RUNNING: Final = {
    "dt",
    "ftr",
    "hdr",
    "sldNum",
    "sldImg",
}  # repeated on every slide, and the picture on a page of notes
_TITLES: Final = {"title", "ctrTitle"}
_SCHEMES: Final = {
    "romanUc": "upperRoman", "romanLc": "lowerRoman", "alphaUc": "upperLetter", "alphaLc": "lowerLetter",
    "circle": "decimalEnclosedCircle",
}  # fmt: skip
_LISTED: Final = {"body", "obj", ""}  # placeholders whose paragraphs are bulleted by default


def read_pptx(data: bytes) -> Document:
    """Return the text of a PowerPoint file.

    Slides that are pictures or charts without text are named in `missing_pages`. Raises `UserError` if there are no
    others, and if the file is damaged, protected or too large.
    """
    with open_package(data, KIND_NAMES["pptx"]) as parts:
        properties = core_properties(parts)
        rows: list[Row] = []
        pictures: list[str] = []
        for number, name in enumerate(_slides(parts), 1):
            slide = _linked(parts, name)
            found = [] if slide.get("show") == "0" else _slide(parts, name, slide)
            rows += (replace(row, page=number) for row in found)
            has_text = slide.get("show") == "0" or any(row.text for row in found)
            if not has_text and any(local_name(e) in {"pic", "graphicFrame"} for e in slide.iter()):
                pictures.append(str(number))
    if pictures and not rows:
        raise UserError(SLIDES_ARE_PICTURES)
    title = properties.get("title")
    if title in {None, "PowerPoint Presentation"}:
        title = next((row.text for row in rows if row.text and (row.level == 1 or row.page == 1)), None)
    return Document(
        tuple(rows),
        title,
        published=iso_date(properties.get("created", "")),
        author=properties.get("creator"),
        language=properties.get("language"),
        missing_pages=tuple(pictures),
    )


def _slides(parts: zipfile.ZipFile) -> list[str]:
    """Return the names of the slide parts in presentation order."""
    links = _links(parts, "ppt/presentation.xml")
    listed = (e for e in parse_xml(parts.read("ppt/presentation.xml")).iter() if local_name(e) == "sldId")
    return [links[key][1] for e in listed if (key := str(e.get(f"{_RELATIONS}id"))) in links]


def _links(parts: zipfile.ZipFile, name: str) -> dict[str, tuple[str, str]]:
    """Return the internal relationships of a part: for each id, the type and name of the target part."""
    folder = name.rpartition("/")[0]
    return {
        e.get("Id", ""): (e.get("Type", "").rpartition("/")[2], part_name(folder, e.get("Target", "")))
        for e in relationships(parts, name)
        if e.get("TargetMode") != "External"
    }


def _linked(parts: zipfile.ZipFile, name: str) -> _Element:
    """Return the root element of a part, in which each link has its address as an attribute."""
    root = parse_xml(parts.read(name))
    links = [e for e in _descendants(root, "hlinkClick") if e.get(f"{_RELATIONS}id")]
    addresses = outside_addresses(parts, name) if links else {}
    for link in links:
        link.set(_ADDRESS, addresses.get(link.get(f"{_RELATIONS}id", ""), ""))
    return root


def _slide(parts: zipfile.ZipFile, name: str, slide: _Element) -> list[Row]:
    """Return the rows of a slide. Its notes are a section of their own."""
    links = _links(parts, name)
    shapes = sorted(_shapes(slide), key=lambda shape: _placeholder(shape) not in _TITLES)
    html = "".join(part for shape in shapes for part in _shape(parts, shape, links))
    notes = (_linked(parts, target) for kind, target in links.values() if kind == "notesSlide")
    bodies = (shape for page in notes for shape in _shapes(page) if _placeholder(shape) == "body")
    return slide_rows(html, "".join(f"<p>{_text(p)}</p>" for shape in bodies for p in _descendants(shape, "p")))


def _descendants(element: _Element, *names: str) -> Iterator[_Element]:
    return (e for e in element.iter() if local_name(e) in names)


def _shapes(slide: _Element) -> Iterator[_Element]:
    """Yield the shapes of a slide and of its groups; of alternative contents only the first."""
    for element in slide:
        name = local_name(element)
        if name in {"sp", "graphicFrame"}:
            if not any(e.get("hidden") in {"1", "true"} for e in _descendants(element, "cNvPr")):
                yield element
        elif name == "AlternateContent":
            yield from _shapes(element[0]) if len(element) else ()
        elif name in {"cSld", "spTree", "grpSp"}:
            yield from _shapes(element)


def _placeholder(shape: _Element) -> str | None:
    """Return the placeholder type of a shape, "" for the default type, or None if it is not a placeholder."""
    placeholder = next(_descendants(shape, "ph"), None)
    return None if placeholder is None else placeholder.get("type", "")


def _shape(parts: zipfile.ZipFile, shape: _Element, links: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Yield a shape as HTML."""
    kind = _placeholder(shape)
    if kind in _RUNNING:
        return
    for table in _descendants(shape, "tbl"):
        yield blocks_html([_table(table)])
    for diagram in _descendants(shape, "relIds"):
        _, path = links.get(str(diagram.get(f"{_RELATIONS}dm")), ("", ""))
        points = _descendants(parse_xml(parts.read(path)), "pt") if path in parts.namelist() else ()
        texts = [" ".join(_text(p) for p in _descendants(point, "p")) for point in points]
        yield "".join(f"<ul><li>{text}</li></ul>" for text in texts if text.strip())
    body = next((e for e in shape if local_name(e) == "txBody"), None)
    blocks = _blocks(body, listed=kind in _LISTED) if body is not None else []
    if kind in _TITLES and blocks:
        yield f"<h1>{' '.join(block.html for block in blocks)}</h1>"
    else:
        yield blocks_html(blocks)


def _blocks(body: _Element, *, listed: bool = False) -> list[OfficeBlock]:
    """Return the paragraphs of a shape or cell. In a `listed` one that has several, they are list items by default."""
    paragraphs = [(p, html) for p in body if local_name(p) == "p" and (html := _text(p)).strip()]
    bulleted = listed and len(paragraphs) > 1
    count: dict[int, int] = {}
    return [_paragraph(paragraph, html, bulleted, count) for paragraph, html in paragraphs]


def _paragraph(paragraph: _Element, html: str, bulleted: bool, count: dict[int, int]) -> OfficeBlock:
    """Return a paragraph or list item. `count` is the last number at each level and is updated."""
    properties = next((e for e in paragraph if local_name(e) == "pPr"), None)
    marks = {local_name(e): e for e in properties} if properties is not None else {}
    given_level = properties.get("lvl", "0") if properties is not None else "0"
    level = int(given_level) if given_level in set("012345678") else 0
    for deeper in [other for other in count if other > level]:
        del count[deeper]
    if "buAutoNum" in marks:
        first = whole_number(marks["buAutoNum"].get("startAt"), 1, digits=5)
        count[level] = count.get(level, first - 1) + 1
        return OfficeBlock("item", html, _number(count[level], marks["buAutoNum"].get("type", "")), level)
    count.pop(level, None)
    if "buChar" in marks or "buBlip" in marks or (bulleted and "buNone" not in marks):
        return OfficeBlock("item", html, "-", level)
    return OfficeBlock("text", html)


def _number(number: int, kind: str) -> str:
    """Return the number of a list item in a scheme such as `alphaLcParenR` (ECMA-376 part 1, 20.1.10.61)."""
    written = formatted_number(number, next((form for start, form in _SCHEMES.items() if kind.startswith(start)), ""))
    if kind.endswith("ParenBoth"):
        return f"({written})"
    return f"{written})" if kind.endswith("ParenR") else written if kind.endswith("Plain") else f"{written}."


def _table(table: _Element) -> OfficeBlock:
    properties = next(_descendants(table, "tblPr"), None)
    headed = properties is not None and properties.get("firstRow") == "1"
    rows = []
    for number, row in enumerate(e for e in table if local_name(e) == "tr"):
        cells = (c for c in row if local_name(c) == "tc" and not {c.get("hMerge"), c.get("vMerge")} & {"1", "true"})
        rows.append(tuple(_cell(cell, head=headed and not number) for cell in cells))
    return OfficeBlock("table", rows=tuple(rows))


def _cell(cell: _Element, *, head: bool) -> Cell:
    blocks = [block for body in cell if local_name(body) == "txBody" for block in _blocks(body)]
    columns, rows = (whole_number(cell.get(name), 1, digits=4) for name in ("gridSpan", "rowSpan"))
    return Cell(tuple(blocks), columns=columns, rows=rows, head=head)


def _text(paragraph: _Element) -> str:
    """Return the text of a paragraph as inline HTML."""
    return "".join(_inline(element) for element in paragraph)


def _inline(element: _Element) -> str:
    """Return a part of a paragraph as inline HTML: a run, a field, a line break or a formula."""
    name = local_name(element)
    if name == "br":
        return "<br>"
    if name == "t":
        return escape((element.text or "").replace("\x0b", "\n"), quote=False)
    if name in {"oMath", "oMathPara"}:
        return escape(formula_text(element), quote=False)
    if name == "AlternateContent":
        return _inline(element[0]) if len(element) else ""
    inner = "".join(map(_inline, element))
    style = next((e for e in element if local_name(e) == "rPr"), None) if name in {"r", "fld"} else None
    raised = style.get("baseline", "0") if style is not None else "0"
    tag = "" if raised in {"0", "0%"} else "sub" if raised.startswith("-") else "sup"
    inner = f"<{tag}>{inner}</{tag}>" if tag and inner else inner
    link = next((e for e in style if local_name(e) == "hlinkClick"), None) if style is not None else None
    return link_html(inner, link.get(_ADDRESS, "")) if link is not None else inner
