"""The styles of a Word file: what a paragraph or run inherits (ECMA-376 part 1, 17.7)."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from index.parsers.docx.word_xml import W, is_on, value_of
from index.parsers.office_blocks import TYPEWRITER_FONT, is_code_style

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADING: Final = re.compile(r"(?i)heading ?([1-9])$")
_CONTENTS: Final = re.compile(r"(?i)toc \d|table of (?:figures|authorities)|index \d")
_LONGEST_CHAIN: Final = 20  # styles based on one another


class Style:
    """One style; what it does not say itself comes from the style that it is based on."""

    def __init__(self, name: str, chain: tuple[_Element, ...]) -> None:
        self.name = name
        self._chain = chain

    def property(self, path: str) -> _Element | None:
        """Return the first element at a path in the style or in those it is based on, or None."""
        return next((found for style in self._chain if (found := style.find(path)) is not None), None)

    @cached_property
    def hidden(self) -> bool:
        """Whether its text is hidden."""
        return is_on(self.property(f"{W}rPr/{W}vanish"))

    @cached_property
    def struck(self) -> bool:
        """Whether its text is struck through."""
        return is_on(self.property(f"{W}rPr/{W}strike")) or is_on(self.property(f"{W}rPr/{W}dstrike"))

    @cached_property
    def raised(self) -> str:
        """The HTML element of superscript or subscript text, else ""."""
        return raised(self.property(f"{W}rPr/{W}vertAlign"))

    @cached_property
    def typewriter(self) -> bool | None:
        """Whether its font is monospaced; None if it does not name one."""
        return typewriter(self.property(f"{W}rPr/{W}rFonts"))

    @cached_property
    def code(self) -> bool:
        """Whether its paragraphs are code."""
        return is_code_style(self.name) or any(is_code_style(value_of(style.find(f"{W}name"))) for style in self._chain)

    @cached_property
    def contents(self) -> bool:
        """Whether its paragraphs are entries of a table of contents or an index."""
        return _CONTENTS.match(self.name) is not None

    @cached_property
    def heading(self) -> int | None:
        """The level of its headings, counted from 1, or None if it is no heading."""
        if not self._chain and (found := _HEADING.match(self.name)):
            return int(found[1])  # the style is missing, and the name is its id
        for style in self._chain:
            name = value_of(style.find(f"{W}name"))
            if found := _HEADING.match(name):
                return int(found[1])
            if name.lower() == "title":
                return 1
            outline = value_of(style.find(f"{W}pPr/{W}outlineLvl"))
            if outline.isdigit():
                return int(outline) + 1 if int(outline) < 9 else None
        return None

    @cached_property
    def numbering(self) -> tuple[str, str, str]:
        """The id of its list, the level in it ("" if not given) and the id of the style that names it; else ""."""
        for style in self._chain:
            properties = style.find(f"{W}pPr/{W}numPr")
            if properties is not None and (number := value_of(properties.find(f"{W}numId"))):
                return number, value_of(properties.find(f"{W}ilvl")), style.get(f"{W}styleId", "")
        return "", "", ""

    @cached_property
    def first_row_formatted(self) -> bool:
        """Whether a table style sets the first row apart."""
        return any(part.get(f"{W}type") == "firstRow" for style in self._chain for part in style.iter(f"{W}tblStylePr"))


class Styles:
    """The styles of a file by their ids; an unknown id gives a style without properties."""

    def __init__(self, root: _Element | None) -> None:
        elements = root.findall(f"{W}style") if root is not None else []
        self._elements: dict[str, _Element] = {e.get(f"{W}styleId", ""): e for e in elements}
        self._default = next((e.get(f"{W}styleId", "") for e in elements if _is_default_paragraph(e)), "")
        self._known: dict[str, Style] = {}
        fonts = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts") if root is not None else None
        self.typewriter = typewriter(fonts) or False

    def paragraph(self, style_id: str) -> Style:
        """Return the style of a paragraph; without an id that is the default one."""
        return self.style(style_id or self._default)

    def style(self, style_id: str) -> Style:
        """Return a style by its id."""
        if style_id not in self._known:
            chain: list[_Element] = []
            at = style_id
            while at in self._elements and len(chain) < _LONGEST_CHAIN:
                chain.append(self._elements[at])
                at = value_of(chain[-1].find(f"{W}basedOn"))
            name = value_of(chain[0].find(f"{W}name")) if chain else style_id
            self._known[style_id] = Style(name, tuple(chain))
        return self._known[style_id]


def _is_default_paragraph(style: _Element) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in {"1", "true", "on"}


def typewriter(fonts: _Element | None) -> bool | None:
    """Return whether an `rFonts` element names a monospaced font; None if it names none."""
    if fonts is None:
        return None
    name = fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi")
    return TYPEWRITER_FONT.search(name) is not None if name else None


def raised(alignment: _Element | None) -> str:
    """Return "sup" or "sub" for a `vertAlign` element, else ""."""
    return {"superscript": "sup", "subscript": "sub"}.get(value_of(alignment), "")
