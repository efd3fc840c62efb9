"""The parts of a Word file, and what its attributes mean."""

from __future__ import annotations

import posixpath
import zipfile
from typing import TYPE_CHECKING, Final

from index.parsers.zip_package import parse_xml, part_name, relationships

if TYPE_CHECKING:
    from lxml.etree import _Element

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT: Final = (  # the namespaces of "Strict Open XML" files
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", M[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R[1:-1].encode()),
)


def value_of(element: _Element | None) -> str:
    """Return the `val` attribute of an element, "" without one."""
    return "" if element is None else str(element.get(f"{W}val", ""))


def is_on(element: _Element | None) -> bool:
    """Return whether a property that may be switched on or off is on."""
    return element is not None and value_of(element).lower() not in {"0", "false", "off", "none"}


class WordPackage:
    """The parts of a Word file by their purpose."""

    def __init__(self, parts: zipfile.ZipFile) -> None:
        self._parts = parts
        self._names = set(parts.namelist())
        found = self._targets("").get("officeDocument")
        self._main = found if found in self._names else "word/document.xml"
        self._related = self._targets(self._main)

    def document(self) -> _Element:
        """Return the root element of the document. Raises `KeyError` if there is none."""
        return self._parse(self._main)

    def part(self, purpose: str) -> _Element | None:
        """Return the root element of the part of a purpose, such as "styles" or "footnotes", or None."""
        name = self._name(purpose)
        return self._parse(name) if name in self._names else None

    def links(self, purpose: str = "") -> dict[str, str]:
        """Return the addresses that the document or another part links to, by the ids of the relationships."""
        return {
            entry.get("Id", ""): entry.get("Target", "")
            for entry in relationships(self._parts, self._name(purpose) if purpose else self._main)
            if entry.get("TargetMode") == "External" and entry.get("Type", "").endswith("/hyperlink")
        }

    def _name(self, purpose: str) -> str:
        return self._related.get(purpose) or posixpath.join(posixpath.dirname(self._main), f"{purpose}.xml")

    def _targets(self, name: str) -> dict[str, str]:
        """Return the parts that a part refers to, by the last word of the relationship's type."""
        folder = posixpath.dirname(name)
        return {
            entry.get("Type", "").rpartition("/")[2]: part_name(folder, entry.get("Target", "").replace("\\", "/"))
            for entry in relationships(self._parts, name)
            if entry.get("TargetMode") != "External"
        }

    def _parse(self, name: str) -> _Element:
        data = self._parts.read(name)
        if b"purl.oclc.org" in data[:5000]:
            for strict, usual in _STRICT:
                data = data.replace(strict, usual)
        return parse_xml(data)
