"""Read documents that are ZIP packages of XML parts: OOXML (ECMA-376), OpenDocument and EPUB."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from lxml.etree import XMLParser, XMLSyntaxError, fromstring

from index.messages.files import PACKAGE_DAMAGED, PACKAGE_PROTECTED, PACKAGE_TOO_LARGE
from index.models import UserError

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_UNPACKED: Final = 300_000_000  # bytes; a book with its pictures has fewer


@contextmanager
def open_package(data: bytes, what: str) -> Iterator[zipfile.ZipFile]:
    """Open a document; `what` is the name of its file type in messages.

    Raises `UserError` if the document is damaged, protected by a password or too large, and also if a part turns out
    to be missing or damaged inside the `with` block.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MAX_UNPACKED:
                raise UserError(PACKAGE_TOO_LARGE, what=what)
            if any(part.flag_bits & 1 for part in parts.infolist()):
                raise password_error(what)
            yield parts
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, KeyError, XMLSyntaxError):
        raise UserError(PACKAGE_DAMAGED, what=what) from None


def password_error(what: str) -> UserError:
    """Return the error for a document that is protected by a password."""
    return UserError(PACKAGE_PROTECTED, what=what)


def parse_xml(data: bytes) -> _Element:
    """Return the root element of an XML part. Entities are not expanded, and nothing is fetched."""
    return fromstring(data, XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))


def local_name(element: _Element) -> str:
    """Return the name of an element without its namespace, or "" for comments and processing instructions."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def whole_number(value: str | None, default: int, *, digits: int = 6) -> int:
    """Return an attribute as a number, or `default` if it is missing, no number, or has more digits."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) <= digits else default


def part_name(folder: str, target: str) -> str:
    """Return the name of the part that a link in a part of a folder leads to."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def relationships(parts: zipfile.ZipFile, name: str) -> list[_Element]:
    """Return the relationships of a part of an OOXML file, none if it has none (ECMA-376 part 2, 9.3)."""
    folder, base = posixpath.split(name)
    path = posixpath.join(folder, "_rels", f"{base}.rels")
    return list(parse_xml(parts.read(path))) if path in parts.namelist() else []


def outside_addresses(parts: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Return the addresses outside the file to which a part links, by the ids of the relationships."""
    entries = (entry for entry in relationships(parts, name) if entry.get("TargetMode") == "External")
    return {entry.get("Id", ""): entry.get("Target", "") for entry in entries}


def core_properties(parts: zipfile.ZipFile) -> dict[str, str]:
    """Return the non-empty core properties of an OOXML file, such as title, creator, created and language."""
    if "docProps/core.xml" not in parts.namelist():
        return {}
    values = {local_name(child): (child.text or "").strip() for child in parse_xml(parts.read("docProps/core.xml"))}
    return {name: value for name, value in values.items() if value}
