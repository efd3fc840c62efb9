"""Parse PowerPoint files (.pptx): each slide is a page, with its title as a heading, then its text and notes."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

from index.parsers.document import Document, Row
from index.parsers.file_types import KIND_NAMES
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.zip_package import core_properties, local_name, open_package, parse_xml
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from lxml.etree import _Element

_RELATIONS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RUNNING: Final = {
    "dt",
    "ftr",
    "hdr",
    "sldNum",
    "sldImg",
}  # repeated on every slide, and the picture on a page of notes
_TITLES: Final = {"title", "ctrTitle"}
_LISTED: Final = {"body", "obj", ""}  # placeholders whose paragraphs are bulleted by default


def read_pptx(data: bytes) -> Document:
    """Return the text of a PowerPoint file. Raises `UserError` if it is damaged, protected or too large."""
    with open_package(data, KIND_NAMES["pptx"]) as parts:
        properties = core_properties(parts)
        rows: list[Row] = []
        for number, name in enumerate(_slides(parts), 1):
            rows += (replace(row, page=number) for row in _slide(parts, name))
    title = properties.get("title")
    if title in {None, "PowerPoint Presentation"}:
        title = next((row.text for row in rows if row.level == 1), None)
    return Document(
        tuple(rows),
        title,
        published=iso_date(properties.get("created", "")),
        author=properties.get("creator"),
        language=properties.get("language"),
    )


def _slides(parts: zipfile.ZipFile) -> list[str]:
    """Return the names of the slide parts in presentation order."""
    links = _links(parts, "ppt/presentation.xml")
    listed = (e for e in parse_xml(parts.read("ppt/presentation.xml")).iter() if local_name(e) == "sldId")
    return [links[key][1] for e in listed if (key := str(e.get(f"{_RELATIONS}id"))) in links]


def _links(parts: zipfile.ZipFile, name: str) -> dict[str, tuple[str, str]]:
    """Return the internal relationships of a part: for each id, the type and name of the target part."""
    folder, base = posixpath.split(name)
    path = f"{folder}/_rels/{base}.rels"
    if path not in parts.namelist():
        return {}
    found = (e for e in parse_xml(parts.read(path)).iter() if local_name(e) == "Relationship")
    return {
        e.get("Id", ""): (e.get("Type", "").rpartition("/")[2], _resolve(folder, e.get("Target", "")))
        for e in found
        if e.get("TargetMode") != "External"
    }


def _resolve(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _slide(parts: zipfile.ZipFile, name: str) -> list[Row]:
    """Return the rows of a slide, none if it is hidden. Its notes are a section of their own."""
    slide = parse_xml(parts.read(name))
    if slide.get("show") == "0":
        return []
    links = _links(parts, name)
    shapes = sorted(_shapes(slide), key=lambda shape: _placeholder(shape) not in _TITLES)
    rows = _rows("".join(part for shape in shapes for part in _shape(parts, shape, links)))
    for kind, target in links.values():
        if kind == "notesSlide":
            notes = (shape for shape in _shapes(parse_xml(parts.read(target))) if _placeholder(shape) == "body")
            note_rows = _rows("".join(f"<p>{_text(p)}</p>" for shape in notes for p in _descendants(shape, "p")))
            rows += [replace(row, gap=number == 1) for number, row in enumerate(note_rows)]
    return rows


def _rows(html: str) -> list[Row]:
    return [Row(""), *rows_of_fragment(html)] if html else []


def _descendants(element: _Element, *names: str) -> Iterator[_Element]:
    return (e for e in element.iter() if local_name(e) in names)


def _shapes(slide: _Element) -> Iterator[_Element]:
    """Yield the shapes of a slide and of its groups; of alternative contents only the first."""
    for element in slide:
        name = local_name(element)
        if name in {"sp", "graphicFrame"}:
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
        yield _table(table)
    for diagram in _descendants(shape, "relIds"):
        _, path = links.get(str(diagram.get(f"{_RELATIONS}dm")), ("", ""))
        points = _descendants(parse_xml(parts.read(path)), "pt") if path in parts.namelist() else ()
        texts = [" ".join(_text(p) for p in _descendants(point, "p")) for point in points]
        yield "".join(f"<ul><li>{text}</li></ul>" for text in texts if text.strip())
    body = next((e for e in shape if local_name(e) == "txBody"), None)
    paragraphs = [p for p in body if local_name(p) == "p" and _text(p).strip()] if body is not None else []
    if kind in _TITLES and paragraphs:
        yield f"<h1>{' '.join(_text(p) for p in paragraphs)}</h1>"
        return
    bulleted = kind in _LISTED and len(paragraphs) > 1
    count: dict[int, int] = {}
    for paragraph in paragraphs:
        yield _paragraph(paragraph, bulleted, count)


def _paragraph(paragraph: _Element, bulleted: bool, count: dict[int, int]) -> str:
    """Return a paragraph or list item as HTML. `count` is the last number at each level and is updated."""
    properties = next((e for e in paragraph if local_name(e) == "pPr"), None)
    marks = {local_name(e): e for e in properties} if properties is not None else {}
    given_level = properties.get("lvl", "0") if properties is not None else "0"
    level = int(given_level) if given_level in set("012345678") else 0
    for deeper in [other for other in count if other > level]:
        del count[deeper]
    inner = _text(paragraph)
    if "buAutoNum" in marks:
        start = marks["buAutoNum"].get("startAt", "1")
        first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
        count[level] = count.get(level, first - 1) + 1
        return f'{"<ul>" * level}<ol start="{count[level]}"><li>{inner}</li></ol>{"</ul>" * level}'
    count.pop(level, None)
    if "buChar" in marks or "buBlip" in marks or (bulleted and "buNone" not in marks):
        return f"{'<ul>' * (level + 1)}<li>{inner}</li>{'</ul>' * (level + 1)}"
    return f"<p>{inner}</p>"


def _table(table: _Element) -> str:
    properties = next(_descendants(table, "tblPr"), None)
    headed = properties is not None and properties.get("firstRow") == "1"
    rows = []
    for number, row in enumerate(_descendants(table, "tr")):
        tag = "th" if headed and not number else "td"
        cells = (c for c in row if local_name(c) == "tc" and c.get("hMerge") != "1")
        rows.append("".join(f"<{tag}>{'<br>'.join(_text(p) for p in _descendants(c, 'p'))}</{tag}>" for c in cells))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _text(paragraph: _Element) -> str:
    """Return the text of a paragraph as inline HTML."""
    found = []
    for element in paragraph.iter():
        name = local_name(element)
        if name == "br":
            found.append("<br>")
        elif name == "t":
            run = element.getparent()
            style = next((e for e in run if local_name(e) == "rPr"), None) if run is not None else None
            raised = style.get("baseline", "0") if style is not None else "0"
            tag = "" if raised in {"0", "0%"} else "sub" if raised.startswith("-") else "sup"
            inner = escape((element.text or "").replace("\x0b", "\n"))
            found.append(f"<{tag}>{inner}</{tag}>" if tag else inner)
    return "".join(found)
