"""The paragraphs, lists and tables of an OpenDocument file as blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Final

from index.parsers.formulas import formula_text
from index.parsers.hyperlink_fields import link_html
from index.parsers.office_blocks import Cell, OfficeBlock, blocks_html
from index.parsers.opendocument.odf_styles import ListLevel, OdfStyles, attribute, number_of
from index.parsers.zip_package import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_IGNORED: Final = frozenset(
    """annotation annotation-end tracked-changes table-of-content illustration-index table-index object-index user-index
    alphabetical-index bibliography sequence-decls variable-decls user-field-decls dde-connection-decls forms title desc
    hidden-text hidden-paragraph ruby-text script event-listeners notes footer date-time page-number shapes
    soft-page-break""".split()
)
_MAX_REPEATED: Final = 50  # cells or rows; sheets repeat empty ones a thousand times with one element
_NO_LEVEL: Final = ListLevel("", "", "", 1, 1)
Formula = Callable[[str], "_Element | None"]


class OdfReader:
    """Reads blocks, and collects the footnotes as `notes`: pairs of a number and HTML."""

    def __init__(self, styles: OdfStyles, formula: Formula) -> None:
        self.notes: list[tuple[str, str]] = []
        self._styles = styles
        self._formula = formula  # returns the MathML of an embedded object by its address
        self._headings = [0] * 11
        self._lists: dict[str, dict[int, int]] = {}  # the last number at each level, by list style and list id

    def blocks(self, parent: Iterable[_Element]) -> Iterator[OfficeBlock]:
        """Yield the blocks inside an element."""
        for element in parent:
            name = local_name(element)
            if name in {"p", "h"}:
                yield from self._paragraph(element)
            elif name == "list":
                yield from self._list(element)
            elif name == "table":
                yield OfficeBlock("table", rows=tuple(self.rows(element)))
            elif name == "object":
                if text := self._object(element):
                    yield OfficeBlock("text", text)
            elif name not in _IGNORED and attribute(element, "display") != "none":
                yield from self.blocks(element)

    def rows(self, table: _Element, *, head: bool = False) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows of a table, without hidden ones."""
        for part in table:
            name = local_name(part)
            if name == "table-row" and attribute(part, "visibility") not in {"collapse", "filter"}:
                cells = tuple(self._cells(part, head=head))
                for _ in range(min(_MAX_REPEATED, number_of(part, "number-rows-repeated"))):
                    yield cells
            elif name in {"table-header-rows", "table-rows", "table-row-group"}:
                yield from self.rows(part, head=head or name == "table-header-rows")

    def _cells(self, row: _Element, *, head: bool) -> Iterator[Cell]:
        cells = [cell for cell in row if local_name(cell) in {"table-cell", "covered-table-cell"}]
        while cells and not "".join(cells[-1].itertext()).strip() and local_name(cells[-1]) == "table-cell":
            cells.pop()
        for cell in cells:
            if local_name(cell) == "table-cell":
                columns, rows = number_of(cell, "number-columns-spanned"), number_of(cell, "number-rows-spanned")
                repeated = min(_MAX_REPEATED, number_of(cell, "number-columns-repeated"))
                yield from [Cell(tuple(self.blocks(cell)), columns, rows, head)] * repeated

    def _paragraph(self, element: _Element, marker: str = "", level: int = 0) -> Iterator[OfficeBlock]:
        style = attribute(element, "style-name")
        if self._styles.is_hidden(style):
            return
        html = self._inline(element)
        is_heading = local_name(element) == "h" or self._styles.is_titled(style)
        if self._styles.is_code(style) and not is_heading:
            yield OfficeBlock("code", html)
        elif not html.replace("<br>", "").strip():
            return
        elif is_heading:
            yield self._heading(element, html, marker)
        elif marker:
            yield OfficeBlock("item", html, marker, level)
        else:
            yield OfficeBlock("monospaced" if self._is_typewriter(element) else "text", html)

    def _heading(self, element: _Element, html: str, marker: str) -> OfficeBlock:
        level = number_of(element, "outline-level") if local_name(element) == "h" else 1
        numbered = self._styles.outline.get(level)
        if numbered and local_name(element) == "h" and attribute(element, "is-list-header") != "true":
            self._headings[level] += 1
            self._headings[level + 1 :] = [0] * (10 - level)
            counts = [max(1, count) for count in self._headings[1 : level + 1]]
            marker = numbered.marker(counts).removesuffix(".") if level > 1 else numbered.marker(counts)
        return OfficeBlock("heading", f"{escape(marker)} {html}" if marker not in {"", "-"} else html, level=level)

    def _list(self, element: _Element) -> Iterator[OfficeBlock]:
        style, list_id = attribute(element, "style-name") or "", attribute(element, "id") or ""
        continued = attribute(element, "continue-list") or ""
        if continued in self._lists:
            counts = self._lists[continued]
        elif attribute(element, "continue-numbering") == "true" and f"style:{style}" in self._lists:
            counts = self._lists[f"style:{style}"]
        else:
            counts = {}
        self._lists[f"style:{style}"] = counts
        if list_id:
            self._lists[list_id] = counts
        yield from self._items(element, style, 1, counts)

    def _items(self, element: _Element, style: str, level: int, counts: dict[int, int]) -> Iterator[OfficeBlock]:
        """Yield the items of a list; `counts` are the last numbers of its levels and are updated."""
        levels = self._styles.lists.get(attribute(element, "style-name") or style, {})
        own = levels.get(level, _NO_LEVEL)
        for item in element:
            parts = list(item)
            counted = local_name(item) == "list-item" and bool(parts) and local_name(parts[0]) in {"p", "h"}
            marker = ""
            if counted and "".join(parts[0].itertext()).strip():
                counts[level] = number_of(item, "start-value", counts.get(level, own.start - 1) + 1)
                for deeper in [other for other in counts if other > level]:
                    del counts[deeper]
                marker = own.marker([counts.get(above, 1) for above in range(1, level + 1)])
            for part in parts:
                if local_name(part) == "list":
                    yield from self._items(part, style, level + 1, counts)
                elif local_name(part) in {"p", "h"}:
                    yield from self._paragraph(part, marker, level - 1)
                    marker = ""
                else:
                    yield from self.blocks([part])

    def _is_typewriter(self, paragraph: _Element) -> bool:
        """Return whether all text of a paragraph is in a monospaced font."""
        if self._styles.is_typewriter(attribute(paragraph, "style-name")):
            return True
        direct = [paragraph.text, *(child.tail for child in paragraph)]
        spans = [child for child in paragraph if "".join(child.itertext()).strip()]
        return (
            bool(spans)
            and not any(text and text.strip() for text in direct)
            and all(self._styles.is_typewriter(attribute(span, "style-name")) for span in spans)
        )

    def _inline(self, element: _Element) -> str:
        """Return the inline content of an element as HTML."""
        parts = [escape(element.text or "", quote=False)]
        for child in element:
            parts += [self._child(child), escape(child.tail or "", quote=False)]
        return "".join(parts)

    def _child(self, element: _Element) -> str:  # noqa: PLR0911 - a list of elements
        match local_name(element):
            case "s":
                return " " * min(200, number_of(element, "c"))
            case "tab":
                return "\t"
            case "line-break":
                return "<br>"
            case "note":
                return self._note(element)
            case "object":
                return self._object(element)
            case "text-box":
                return f"<br>{'<br>'.join(self._inline(part) for part in element)}<br>"
            case name if name in _IGNORED or self._styles.is_hidden(attribute(element, "style-name")):
                return ""
            case "span" if tag := self._styles.raised(attribute(element, "style-name")):
                return f"<{tag}>{self._inline(element)}</{tag}>"
            case "a":
                return link_html(self._inline(element), attribute(element, "href") or "")
            case _:
                return self._inline(element)

    def _object(self, element: _Element) -> str:
        """Return the formula in an embedded object, "" for an object of another kind."""
        inner = next((child for child in element if local_name(child) == "math"), None)
        formula = inner if inner is not None else self._formula(attribute(element, "href") or "")
        return escape(" ".join(formula_text(formula).split()), quote=False) if formula is not None else ""

    def _note(self, element: _Element) -> str:
        """Return the mark of a footnote, and keep its text for the end."""
        parts = {local_name(part): part for part in element}
        if not {"note-citation", "note-body"} <= parts.keys():
            return ""
        mark = "".join(parts["note-citation"].itertext()).strip()
        body = blocks_html(list(self.blocks(parts["note-body"])))
        self.notes.append((mark, body) if mark.isdigit() else (str(len(self.notes) + 1), body))
        return f"<sup>{escape(mark)}</sup>"
