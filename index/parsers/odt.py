"""Parse OpenDocument texts (.odt, ISO/IEC 26300) by converting them to HTML first."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from index.parsers.document import Document
from index.parsers.file_types import KIND_NAMES
from index.parsers.html.dom import GAP
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.zip_package import local_name, open_package, parse_xml, password_error
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from lxml.etree import _Element

_IGNORED: Final = frozenset(
    """annotation annotation-end tracked-changes table-of-content illustration-index table-index object-index user-index
    alphabetical-index bibliography sequence-decls variable-decls user-field-decls forms title desc hidden-text
    hidden-paragraph ruby-text script event-listeners""".split()
)
_CODE: Final = ("Preformatted_20_Text", "Source", "Code", "HTML_20_Preformatted")
_MAX_REPEATED: Final = 50  # cells or rows; sheets repeat empty ones a thousand times with one element


@dataclass(frozen=True, slots=True)
class _Styles:
    """The styles of a file: the parent of each, "sup" or "sub" for text styles, the numbered levels of list styles."""

    parents: dict[str, str]
    raised: dict[str, str]
    numbered: dict[str, frozenset[int]]

    def based_on(self, style: str | None, *names: str) -> bool:
        """Return whether a style is one of these or derived from one."""
        for _ in range(20):
            if not style or style in names:
                break
            style = self.parents.get(style)
        return style in names


def read_odt(data: bytes) -> Document:
    """Return the text of an OpenDocument text. Raises `UserError` if it is damaged or protected by a password."""
    with open_package(data, KIND_NAMES["odt"]) as parts:
        names = parts.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise password_error(KIND_NAMES["odt"])
        content = parse_xml(parts.read("content.xml"))
        styles = _styles([content, *([parse_xml(parts.read("styles.xml"))] if "styles.xml" in names else [])])
        properties = _properties(parts)
    writer = _Writer(styles)
    body = next(e for e in content.iter() if local_name(e) == "body")
    text = "".join(writer.blocks(body))
    notes = "".join(f'<ol><li value="{number}">{note}</li></ol>' for number, note in writer.notes)
    rows = rows_of_fragment(f"{text}<{GAP}></{GAP}>{notes}")
    title = properties.get("title") or next((row.text for row in rows if row.level == 1), None)
    author = properties.get("initial-creator") or properties.get("creator")
    date = properties.get("creation-date") or properties.get("date", "")
    published = iso_date(date.partition(".")[0])  # without fractions of a second
    return Document(rows, title, published=published, author=author, language=properties.get("language"))


def _properties(parts: zipfile.ZipFile) -> dict[str, str]:
    if "meta.xml" not in parts.namelist():
        return {}
    elements = parse_xml(parts.read("meta.xml")).iter()
    return {local_name(e): e.text.strip() for e in elements if e.text and e.text.strip()}


def _styles(roots: list[_Element]) -> _Styles:
    found = _Styles({}, {}, {})
    for element in (e for root in roots for e in root.iter()):
        name = _attribute(element, "name")
        if local_name(element) == "style" and name:
            found.parents[name] = _attribute(element, "parent-style-name") or ""
            position = next(
                (_attribute(e, "text-position") for e in element if local_name(e) == "text-properties"), None
            )
            if position:
                found.raised[name] = "sub" if position.startswith(("sub", "-")) else "sup"
        elif local_name(element) == "list-style" and name:
            levels = (e for e in element if local_name(e) == "list-level-style-number" and _attribute(e, "num-format"))
            found.numbered[name] = frozenset(_number(e, "level") for e in levels)
    return found


def _attribute(element: _Element, name: str) -> str | None:
    """Return an attribute by its local name, in any namespace."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), None)


def _number(element: _Element, name: str, default: int = 1) -> int:
    value = _attribute(element, name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else default


class _Writer:
    """Writes HTML and collects the footnotes as `notes`: pairs of a number and HTML."""

    def __init__(self, styles: _Styles) -> None:
        self.notes: list[tuple[str, str]] = []
        self._styles = styles

    def blocks(self, parent: _Element, style: str | None = None, depth: int = 0) -> Iterator[str]:
        """Yield the blocks inside an element as HTML; `style` and `depth` are those of the list around it."""
        code: list[str] = []
        for element in parent:
            name = local_name(element)
            if name == "p" and self._styles.based_on(_attribute(element, "style-name"), *_CODE):
                code.append(self._inline(element))
                continue
            yield from self._code(code)
            match name:
                case "h":
                    level = min(6, _number(element, "outline-level"))
                    yield f"<h{level}>{self._inline(element)}</h{level}>"
                case "p":
                    titled = self._styles.based_on(_attribute(element, "style-name"), "Title")
                    yield f"<h1>{self._inline(element)}</h1>" if titled else f"<p>{self._inline(element)}</p>"
                case "list":
                    yield from self._list(element, _attribute(element, "style-name") or style, depth + 1)
                case "table":
                    yield f"<table>{''.join(self._rows(element))}</table>"
                case _ if name not in _IGNORED:
                    yield from self.blocks(element, style, depth)
        yield from self._code(code)

    def _code(self, lines: list[str]) -> Iterator[str]:
        if lines:
            yield f"<pre>{'<br>'.join(lines)}</pre>"
            lines.clear()

    def _list(self, element: _Element, style: str | None, depth: int) -> Iterator[str]:
        if any(local_name(e) == "h" for e in element.iter()):  # numbered headings are written as lists
            yield from self.blocks(element, style, depth)
            return
        tag = "ol" if depth in self._styles.numbered.get(style or "", ()) else "ul"
        items = []
        for item in element:
            start = _attribute(item, "start-value")
            value = f' value="{escape(start)}"' if start else ""
            items.append(f"<li{value}>{''.join(self.blocks(item, style, depth))}</li>")
        yield f"<{tag}>{''.join(items)}</{tag}>"

    def _rows(self, element: _Element, tag: str = "td") -> Iterator[str]:
        """Yield the rows of a table as HTML."""
        for part in element:
            if local_name(part) == "table-row":
                cells = "".join(self._cells(part, tag))
                yield f"<tr>{cells}</tr>" * min(_MAX_REPEATED, _number(part, "number-rows-repeated"))
            elif local_name(part) in {"table-header-rows", "table-rows", "table-row-group"}:
                yield from self._rows(part, "th" if local_name(part) == "table-header-rows" else tag)

    def _cells(self, row: _Element, tag: str) -> Iterator[str]:
        cells = [cell for cell in row if local_name(cell) == "table-cell"]
        while cells and not "".join(cells[-1].itertext()).strip():
            cells.pop()
        for cell in cells:
            repeated = min(_MAX_REPEATED, _number(cell, "number-columns-repeated"))
            columns, rows = _number(cell, "number-columns-spanned"), _number(cell, "number-rows-spanned")
            merged = f'<{tag} colspan="{columns}" rowspan="{rows}">'
            yield f"{merged}{''.join(self.blocks(cell))}</{tag}>" * repeated

    def _inline(self, element: _Element) -> str:
        """Return the inline content of an element as HTML."""
        parts = [escape(element.text or "")]
        for child in element:
            parts += [self._child(child), escape(child.tail or "")]
        return "".join(parts)

    def _child(self, element: _Element) -> str:
        match local_name(element):
            case "s" | "tab":
                return " "
            case "line-break":
                return "<br>"
            case "note":
                return self._note(element)
            case "span" if tag := self._styles.raised.get(_attribute(element, "style-name") or ""):
                return f"<{tag}>{self._inline(element)}</{tag}>"
            case "text-box":
                return f"<br>{'<br>'.join(self._inline(part) for part in element)}<br>"
            case name:
                return "" if name in _IGNORED else self._inline(element)

    def _note(self, element: _Element) -> str:
        """Return the mark of a footnote, and keep its text for the end."""
        parts = {local_name(part): part for part in element}
        if "note-citation" not in parts or "note-body" not in parts:
            return ""
        mark = "".join(parts["note-citation"].itertext()).strip()
        body = "".join(self.blocks(parts["note-body"]))
        self.notes.append((mark, body) if mark.isdigit() else (str(len(self.notes) + 1), body))
        return f"<sup>{escape(mark)}</sup>"
