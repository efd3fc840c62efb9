"""The paragraphs and tables of an RTF file as blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

from index.parsers.office_blocks import Cell, OfficeBlock, PlacedCell, blocks_html, is_code_style, spanning_rows

_HEADING: Final = re.compile(r"(?i)heading ([1-9])")
_NUMBER: Final = re.compile(r"[\w(].*[\w.)]|\w")  # of a list item; other marks are bullets
_GROUP: Final = re.compile("\ue000(\\w*)\ue001")  # a part of a formula that needs no parentheses
_PARENTHESES: Final = str.maketrans("\ue000\ue001", "()")


@dataclass(frozen=True, slots=True)
class State:
    """The formatting and destination that apply until the end of a group."""

    destination: str = "text"  # or the name of a destination; "skip" for ignored ones
    style: int = 0
    outline: int | None = None
    level: int = 0
    in_table: bool = False
    font: int = 0
    fallbacks: int = 1
    raised: str = ""
    hidden: bool = False
    struck: bool = False
    closing: str = ""  # what the end of a part of a formula adds to the text
    address: str = ""  # of the link


@dataclass(slots=True)
class Style:
    """A paragraph style: its name, its outline level, counted from 0, and whether its text is hidden."""

    name: str = ""
    outline: int | None = None
    hidden: bool = False


@dataclass(slots=True)
class Paragraphs:
    """The finished blocks of a text or footnote, and the content of the block, cell, row and table in progress."""

    done: list[OfficeBlock] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    marker: list[str] = field(default_factory=list)
    monospaced: bool = True  # whether all words so far are set in a monospaced font
    _address: str = ""  # of the link that is open in the words
    _cell: list[OfficeBlock] = field(default_factory=list)
    _cells: list[Cell] = field(default_factory=list)
    _rows: list[list[PlacedCell]] = field(default_factory=list)
    _inner_cells: list[Cell] = field(default_factory=list)  # of a table in a cell
    _inner_rows: list[tuple[Cell, ...]] = field(default_factory=list)
    _merges: list[str] = field(default_factory=list)  # how each cell of the row is merged with those around it
    _merge: str = ""
    _headed: bool = False

    def add(self, text: str, address: str) -> None:
        """Add inline HTML to the words, as part of a link if there is an address."""
        self._link_to(address)
        self.words.append(text)

    def _link_to(self, address: str) -> None:
        if address != self._address:
            self.words += ["</a>" if self._address else "", f'<a href="{escape(address)}">' if address else ""]
            self._address = address

    def table(self, word: str, state: State, style: Style) -> None:
        """Process a control word of a table."""
        if word in {"cell", "nestcell"}:
            self._end_paragraph(state, style, self._cell)
            self._end_cell(inner=word == "nestcell")
        elif word == "row":
            self._end_row()
        elif word == "nestrow":
            self._end_inner_row()
        elif word == "trowd":
            self._merges, self._merge, self._headed = [], "", False
        elif word == "trhdr":
            self._headed = True
        elif word == "cellx":
            self._merges.append(self._merge)
            self._merge = ""
        elif word in {"clvmrg", "clmrg"}:
            self._merge = word

    def end(self, state: State, style: Style) -> None:
        """End the current paragraph, which has this state and style."""
        if not state.in_table:
            self.end_table()
        self._end_paragraph(state, style, self._cell if state.in_table else self.done)

    def end_table(self) -> None:
        """End the current table, if there is one, also if its last row has no end."""
        if self._cell or self._inner_cells or self._inner_rows:
            self._end_inner_row()
            self._end_cell(inner=False)
        if self._cells:
            self._end_row()
        if self._rows:
            self.done.append(OfficeBlock("table", rows=spanning_rows(self._rows)))
            self._rows = []

    def html(self) -> str:
        """Return the blocks as HTML."""
        return blocks_html(self.done)

    def _end_cell(self, *, inner: bool) -> None:
        if self._inner_rows and not inner:
            self._cell.append(OfficeBlock("table", rows=tuple(self._inner_rows)))
            self._inner_rows = []
        (self._inner_cells if inner else self._cells).append(Cell(tuple(self._cell)))
        self._cell = []

    def _end_inner_row(self) -> None:
        if self._inner_cells:
            self._inner_rows.append(tuple(self._inner_cells))
            self._inner_cells = []
        self._merges = []

    def _end_row(self) -> None:
        row: list[PlacedCell] = []
        for column, cell in enumerate(self._cells):
            merge = self._merges[column] if column < len(self._merges) else ""
            if merge == "clmrg" and row:
                last = row[-1]
                row[-1] = replace(last, cell=replace(last.cell, columns=last.cell.columns + 1))
            else:
                head = self._headed and not self._rows
                row.append(PlacedCell(column, merge == "clvmrg", replace(cell, head=head)))
        if row:
            self._rows.append(row)
        self._cells, self._headed, self.monospaced = [], False, True

    def _end_paragraph(self, state: State, style: Style, into: list[OfficeBlock]) -> None:
        self._link_to("")
        inner, marker = "".join(self.words), "".join(self.marker).strip()
        inner = _GROUP.sub(r"\1", inner).translate(_PARENTHESES)
        monospaced, self.monospaced = self.monospaced, True
        self.words.clear()
        self.marker.clear()
        block = _block(inner, marker, state, style, monospaced=monospaced)
        if block is not None:
            into.append(block)


def _block(inner: str, marker: str, state: State, style: Style, *, monospaced: bool) -> OfficeBlock | None:
    """Return a paragraph, heading, list item or line of code; None if it is empty or an entry of a contents list."""
    name, heading = style.name.strip(" ;"), _heading(state, style)
    if is_code_style(name):
        return OfficeBlock("code", inner)
    if not inner.strip() or name.lower().startswith("toc "):
        return None
    if heading:
        number = f"{marker} " if _NUMBER.fullmatch(marker) else ""
        return OfficeBlock("heading", f"{number}{inner}", level=heading)
    if marker:
        return OfficeBlock("item", inner, marker if _NUMBER.fullmatch(marker) else "-", state.level)
    return OfficeBlock("monospaced" if monospaced else "text", inner)


def _heading(state: State, style: Style) -> int | None:
    """Return the level of a heading, counted from 1, or None if the paragraph is not a heading."""
    name = style.name.strip(" ;")
    if found := _HEADING.match(name):
        return int(found[1])
    if name.lower() == "title":
        return 1
    outline = state.outline if state.outline is not None else style.outline
    return outline + 1 if outline is not None and 0 <= outline < 6 else None
