"""The paragraphs and tables of a Word file as blocks, in text order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

from index.parsers.docx.word_inline import InlineReader
from index.parsers.docx.word_numbers import Numbering
from index.parsers.docx.word_styles import Style, Styles
from index.parsers.docx.word_xml import MC, M, W, is_on, value_of
from index.parsers.office_blocks import Cell, OfficeBlock, PlacedCell, spanning_rows
from index.parsers.zip_package import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

_LONGEST_HEADING: Final = 250  # code points; a longer paragraph in a heading's style is text
_PASSED_THROUGH: Final = frozenset(
    f"{W}{name}" for name in "sdt sdtContent ins moveTo customXml smartTag body txbxContent footnote endnote tc".split()
)
_MAX_COLUMNS: Final = 200


class BlockReader:
    """Reads blocks. What a paragraph without an end of its own contains is kept in `_carried` for the next one."""

    def __init__(self, styles: Styles, numbering: Numbering, inline: InlineReader) -> None:
        self._styles = styles
        self._numbering = numbering
        self._inline = inline
        self._carried = ""
        self._bold = False  # whether the last paragraph was bold throughout

    def blocks(self, parent: _Element) -> Iterator[OfficeBlock]:
        """Yield the blocks in an element."""
        for element in parent:
            tag = element.tag
            if tag == f"{W}p":
                yield from self._paragraph(element)
            elif tag == f"{W}tbl":
                if rows := self._rows(element):
                    yield OfficeBlock("table", rows=rows)
            elif tag == f"{MC}AlternateContent":
                yield from self.blocks(element[0]) if len(element) else ()
            elif tag in {f"{M}oMathPara", f"{M}oMath"}:
                yield from self._paragraph(_wrapped(element))
            elif tag in _PASSED_THROUGH and not _is_left_out(element):
                yield from self.blocks(element)
        if self._carried and parent.tag in {f"{W}body", f"{W}tc"}:
            html, self._carried = self._carried, ""
            yield OfficeBlock("text", html)

    def _paragraph(self, paragraph: _Element) -> Iterator[OfficeBlock]:
        properties = paragraph.find(f"{W}pPr")
        style = self._styles.paragraph(value_of(properties.find(f"{W}pStyle")) if properties is not None else "")
        if style.heading and self._inline.fields and not style.contents:
            self._inline.fields = [field for field in self._inline.fields if field.shown]
        found = self._inline.read(paragraph, style)
        html, self._carried = self._carried + found.html(), ""
        self._bold = found.bold and found.has_text
        if _is_joined(properties) and found.has_text:
            self._carried = html
        elif not style.contents:
            marked = (properties is not None and _is_gone(properties)) and not found.has_text
            marker, level = ("", 0) if marked else self._marker(properties, style)
            if html.replace("<br>", "").strip():
                code = found.typewriter and found.has_text
                yield self._block(html, style, properties, OfficeBlock("item", html, marker, level), code=code)
            elif style.code:
                yield OfficeBlock("code")
        for box in found.boxes:
            yield from self.blocks(box)

    def _block(
        self, html: str, style: Style, properties: _Element | None, item: OfficeBlock, *, code: bool
    ) -> OfficeBlock:
        outline = value_of(properties.find(f"{W}outlineLvl")) if properties is not None else ""
        heading = (int(outline) + 1 if int(outline) < 9 else None) if outline.isdigit() else style.heading
        if style.code:
            return OfficeBlock("code", html)
        if heading and OfficeBlock("heading", html).size <= _LONGEST_HEADING:
            number = f"{escape(item.marker)} " if item.marker not in {"", "-"} else ""
            return OfficeBlock("heading", f"{number}{html}", level=heading)
        if item.marker:
            return item
        return OfficeBlock("monospaced" if code else "text", html)

    def _marker(self, properties: _Element | None, style: Style) -> tuple[str, int]:
        """Return the bullet or number of a paragraph, "" if it has none, and its level in the list."""
        own = properties.find(f"{W}numPr") if properties is not None else None
        number_id, level, style_id = style.numbering
        if own is not None:
            number_id = value_of(own.find(f"{W}numId")) or number_id
            level = value_of(own.find(f"{W}ilvl")) or level
        if not number_id or number_id == "0":
            return "", 0
        at = int(level) if level.isdigit() else self._numbering.level_of_style(number_id, style_id)
        return self._numbering.marker(number_id, min(at, 8)), min(at, 8)

    def _rows(self, table: _Element) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows of a table; a cell that spans rows is in the first of them."""
        style = self._styles.style(value_of(table.find(f"{W}tblPr/{W}tblStyle")))
        first = _sets_first_row_apart(table.find(f"{W}tblPr/{W}tblLook")) and style.first_row_formatted
        rows: list[list[PlacedCell]] = []
        heads: list[bool] = []
        bold: list[bool] = []
        for row in _children(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if properties is None or not (
                properties.find(f"{W}del") is not None or is_on(properties.find(f"{W}hidden"))
            ):
                cells, is_bold = self._cells(row)
                heads.append(properties is not None and is_on(properties.find(f"{W}tblHeader")))
                rows.append(cells)
                bold.append(is_bold)
        if len(rows) > 1 and not any(heads):
            heads[0] = first or (bold[0] and not any(bold[1:]))
        return spanning_rows(
            [[replace(p, cell=replace(p.cell, head=head)) for p in row] for row, head in zip(rows, heads, strict=True)]
        )

    def _cells(self, row: _Element) -> tuple[list[PlacedCell], bool]:
        """Return the cells of a row, and whether all of its text is bold."""
        found: list[PlacedCell] = []
        bold: list[bool] = []
        column = _count(row.find(f"{W}trPr/{W}gridBefore"), 0)
        if column:
            found.append(PlacedCell(0, continues=False, cell=Cell((), column)))
        for element in _children(row, f"{W}tc"):
            span, merge, across = (element.find(f"{W}tcPr/{W}{name}") for name in ("gridSpan", "vMerge", "hMerge"))
            columns = _count(span, 1)
            blocks = tuple(self.blocks(element))
            bold += [self._bold] if any(block.html for block in blocks) else []
            if across is not None and value_of(across) != "restart" and found:
                last = found[-1]
                found[-1] = replace(last, cell=replace(last.cell, columns=last.cell.columns + columns))
            else:
                continues = merge is not None and value_of(merge) != "restart"
                found.append(PlacedCell(column, continues, Cell(blocks, columns)))
            column += columns
        return found, bool(bold) and all(bold)


def _children(parent: _Element, tag: str) -> Iterator[_Element]:
    """Yield the rows of a table or the cells of a row, also those in content controls."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml", f"{W}moveTo"}:
            yield from _children(element, tag)


def _count(element: _Element | None, default: int) -> int:
    return min(whole_number(value_of(element), default, digits=5), _MAX_COLUMNS)


def _sets_first_row_apart(look: _Element | None) -> bool:
    if look is None:
        return False
    first, bits = look.get(f"{W}firstRow"), value_of(look)
    if first is not None:
        return first in {"1", "true", "on"}
    return len(bits) == 4 and bits.isalnum() and bits[2].lower() in "2367abef"


def _is_left_out(control: _Element) -> bool:
    """Return whether a content control is a table of contents or shows only how to fill it in."""
    gallery = value_of(control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery"))
    return gallery == "Table of Contents" or control.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def _is_gone(properties: _Element) -> bool:
    """Return whether the end of a paragraph is deleted or hidden."""
    mark = properties.find(f"{W}rPr")
    return mark is not None and (mark.find(f"{W}del") is not None or is_on(mark.find(f"{W}vanish")))


def _is_joined(properties: _Element | None) -> bool:
    """Return whether the next paragraph continues the line: after a drop cap, or if the end is deleted."""
    if properties is None:
        return False
    frame, mark = properties.find(f"{W}framePr"), properties.find(f"{W}rPr")
    drop = frame.get(f"{W}dropCap", "none") if frame is not None else "none"
    return drop != "none" or (mark is not None and mark.find(f"{W}del") is not None)


def _wrapped(formula: _Element) -> _Element:
    """Return a paragraph of a formula that stands between paragraphs."""
    paragraph = formula.makeelement(f"{W}p")
    paragraph.append(formula)
    return paragraph
