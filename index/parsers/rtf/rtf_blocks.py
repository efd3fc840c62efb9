"""Convert the paragraphs of an RTF file to HTML: headings, list items, table rows, code and text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Final, Literal

_CODE: Final = re.compile(r"(?i)html preformatted|preformatted text|code.*|source.*|plain text")
_HEADING: Final = re.compile(r"(?i)heading ([1-9])")
_NUMBER: Final = re.compile(r"\(?(\d{1,6})[.)]")
_LETTER: Final = re.compile(r"\(?(?:[a-zA-Z]|[ivxlcIVXLC]+|\d+(?:\.\d+)+)[.)]?")
_DEEPEST: Final = 8  # levels of nested lists


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


@dataclass(slots=True)
class Style:
    """A paragraph style: its name and its outline level, counted from 0."""

    name: str = ""
    outline: int | None = None


@dataclass(slots=True)
class Paragraphs:
    """The finished blocks of a text or footnote, and the content of the block in progress.

    A block is a pair of kind and HTML. Each line of code is a block; they are joined in the end.
    """

    done: list[tuple[Literal["block", "code", "monospaced"], str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    marker: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    headed: bool = False
    monospaced: bool = True  # whether all words so far are set in a monospaced font

    def table(self, word: str) -> None:
        """Process a control word of a table."""
        if word in {"cell", "nestcell"}:
            self.cells.append("".join(self.words))
            self.words.clear()
            self.marker.clear()
        elif word in {"row", "nestrow"}:
            tag = "th" if self.headed and not self.rows else "td"
            if self.cells:
                self.rows.append("<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in self.cells) + "</tr>")
            self.cells.clear()
            self.headed, self.monospaced = False, True
        elif word == "trhdr":
            self.headed = True

    def end(self, state: State, style: Style) -> None:
        """End the current paragraph, which has this state and style."""
        inner, marker = "".join(self.words), "".join(self.marker).strip()
        monospaced, self.monospaced = self.monospaced, True
        self.words.clear()
        self.marker.clear()
        if state.in_table:
            self.words.append(f"{inner}<br>" if inner else "")
            return
        self.end_table()
        name, heading = style.name.strip(" ;"), _heading(state, style)
        if _CODE.fullmatch(name):
            self.done.append(("code", inner))
        elif monospaced and inner and not marker and not heading:
            self.done.append(("monospaced", inner))
        elif not name.lower().startswith("toc "):
            self.done.append(("block", _block(inner, marker, state.level, heading)))

    def end_table(self) -> None:
        """End the current table, if there is one."""
        if self.rows:
            self.done.append(("block", f"<table>{''.join(self.rows)}</table>"))
            self.rows.clear()

    def html(self) -> str:
        """Return the blocks as HTML. Monospaced paragraphs are code unless most of the text is monospaced."""
        monospaced = sum(len(inner) for kind, inner in self.done if kind == "monospaced")
        mostly = 2 * monospaced > sum(len(inner) for _, inner in self.done)
        parts = []
        for kind, run in groupby(self.done, key=lambda block: block[0]):
            inner = [block for _, block in run]
            if kind == "code" or (kind == "monospaced" and not mostly):
                parts.append(f"<pre>{'<br>'.join(inner)}</pre>")
            else:
                parts += [f"<p>{block}</p>" for block in inner] if kind == "monospaced" else inner
        return "".join(parts)


def _heading(state: State, style: Style) -> int | None:
    """Return the level of a heading, counted from 1, or None if the paragraph is not a heading."""
    name = style.name.strip(" ;")
    if found := _HEADING.match(name):
        return int(found[1])
    if name.lower() == "title":
        return 1
    outline = state.outline if state.outline is not None else style.outline
    return outline + 1 if outline is not None and 0 <= outline < 6 else None


def _block(inner: str, marker: str, level: int, heading: int | None) -> str:
    """Return a paragraph, heading or list item as HTML."""
    if heading:
        tag = f"h{min(6, heading)}"
        return f"<{tag}>{inner}</{tag}>"
    if not marker:
        return f"<p>{inner}</p>"
    around, end = "<ul>" * min(_DEEPEST, level), "</ul>" * min(_DEEPEST, level)
    if number := _NUMBER.fullmatch(marker):
        return f'{around}<ol start="{number[1]}"><li>{inner}</li></ol>{end}'
    if _LETTER.fullmatch(marker):
        return f"<p>{escape(marker)} {inner}</p>"
    return f"{around}<ul><li>{inner}</li></ul>{end}"
