"""The styles of an OpenDocument file: what its paragraphs, spans, lists and slides inherit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from index.parsers.number_formats import formatted_number
from index.parsers.office_blocks import TYPEWRITER_FONT, is_code_style
from index.parsers.zip_package import local_name, whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

_LONGEST_CHAIN: Final = 20  # styles based on one another


def attribute(element: _Element, name: str) -> str | None:
    """Return an attribute by its local name, in any namespace."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), None)


def number_of(element: _Element, name: str, default: int = 1) -> int:
    """Return an attribute as a number, or `default` if it is missing or no number."""
    return whole_number(attribute(element, name), default)


@dataclass(frozen=True, slots=True)
class ListLevel:
    """A level of a list: "" for bullets or the format of its numbers, what stands around them, and the first one.

    `levels` is how many levels the number shows.
    """

    form: str
    prefix: str
    suffix: str
    start: int
    levels: int

    def marker(self, counts: Sequence[int]) -> str:
        """Return the number of an item, given the last numbers of this level and those above."""
        if not self.form:
            return "-"
        shown = ".".join(formatted_number(count, self.form) for count in counts[-self.levels :])
        marker = f"{self.prefix}{shown}{self.suffix}".strip()
        return f"{marker}." if marker.isdecimal() else marker


@dataclass(frozen=True, slots=True)
class _Style:
    parent: str
    raised: str  # "sup", "sub" or ""
    hidden: bool
    font: str
    list_style: str


@dataclass(slots=True)
class OdfStyles:
    """The styles of a file by their names. `outline` has the numbered levels of headings."""

    _styles: dict[str, _Style] = field(default_factory=dict)
    lists: dict[str, dict[int, ListLevel]] = field(default_factory=dict)
    outline: dict[int, ListLevel] = field(default_factory=dict)

    def add(self, root: _Element) -> None:
        """Add the styles in a part of the file."""
        for element in root.iter():
            name = attribute(element, "name") or ""
            match local_name(element):
                case "style" if name:
                    self._styles[name] = _style(element)
                case "list-style" if name:
                    self.lists[name] = dict(_levels(element))
                case "outline-style":
                    self.outline = {number: level for number, level in _levels(element) if level.form}

    def chain(self, name: str | None) -> list[str]:
        """Return a style's name and the names of those that it is based on."""
        found: list[str] = []
        while name and name not in found and len(found) < _LONGEST_CHAIN:
            found.append(name)
            style = self._styles.get(name)
            name = style.parent if style else None
        return found

    def is_titled(self, name: str | None) -> bool:
        """Return whether paragraphs of a style are the title of the text."""
        return "Title" in self.chain(name)

    def is_code(self, name: str | None) -> bool:
        """Return whether paragraphs of a style are code."""
        return any(map(is_code_style, self.chain(name)))

    def is_hidden(self, name: str | None) -> bool:
        """Return whether text, slides or sheets of a style are hidden."""
        return any(style.hidden for style in self._based(name))

    def raised(self, name: str | None) -> str:
        """Return "sup" or "sub" for text in superscript or subscript, else ""."""
        return next((style.raised for style in self._based(name) if style.raised), "")

    def is_typewriter(self, name: str | None) -> bool:
        """Return whether the font of a style is monospaced."""
        font = next((style.font for style in self._based(name) if style.font), "")
        return TYPEWRITER_FONT.search(font) is not None

    def list_style(self, name: str | None) -> str:
        """Return the list style of a paragraph style, "" if it has none."""
        return next((style.list_style for style in self._based(name) if style.list_style), "")

    def _based(self, name: str | None) -> list[_Style]:
        return [style for one in self.chain(name) if (style := self._styles.get(one))]


def _style(element: _Element) -> _Style:
    position, font, hidden = "", "", False
    for properties in element:
        if local_name(properties) == "text-properties":
            position = attribute(properties, "text-position") or ""
            font = attribute(properties, "font-name") or attribute(properties, "font-family") or ""
        hidden = hidden or attribute(properties, "display") in {"none", "false"}
        hidden = hidden or attribute(properties, "visibility") == "hidden"
    raised = "sub" if position.startswith(("sub", "-")) else "sup" if position and not position.startswith("0") else ""
    parent, list_style = attribute(element, "parent-style-name"), attribute(element, "list-style-name")
    return _Style(parent or "", raised, hidden, font, list_style or "")


def _levels(element: _Element) -> list[tuple[int, ListLevel]]:
    return [
        (
            number_of(level, "level"),
            ListLevel(
                attribute(level, "num-format") or "",
                attribute(level, "num-prefix") or "",
                attribute(level, "num-suffix") or "",
                number_of(level, "start-value"),
                number_of(level, "display-levels"),
            ),
        )
        for level in element
        if attribute(level, "level")
    ]
