"""Documents that are ZIP files of XML parts, as office programs and e-books write them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from lxml.etree import XMLParser, XMLSyntaxError, fromstring

from index.models import UserError

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_UNPACKED: Final = 300_000_000  # bytes; a book with its pictures has less


@contextmanager
def opened(data: bytes, what: str) -> Iterator[zipfile.ZipFile]:
    """Open a document; `what` names its kind. Inside, a part that is missing or damaged is the document's error.

    Raises `UserError` for one that is damaged, protected or far too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MAX_UNPACKED:
                raise UserError(f"The {what} unpacks to more than 300 MB; split it into several files.")
            if any(part.flag_bits & 1 for part in parts.infolist()):
                raise protected(what)
            yield parts
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, KeyError, XMLSyntaxError):
        problem = f"The file is damaged, protected by a password, or no {what}; "
        raise UserError(problem + "open it, save it anew and add that.") from None


def protected(what: str) -> UserError:
    """Return the error for a document that only its owner can open."""
    return UserError(f"The {what} is protected by a password; save a copy without one and add that.")


def xml_of(data: bytes) -> _Element:
    """Return the root of a part. Entities are left alone, and nothing is fetched."""
    return fromstring(data, XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))


def local(element: _Element) -> str:
    """Return an element's name without its namespace; nothing for what is no element."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def core_properties(parts: zipfile.ZipFile) -> dict[str, str]:
    """Return what an Office file says of itself: title, creator, created and language, where they are filled in."""
    if "docProps/core.xml" not in parts.namelist():
        return {}
    values = {local(child): (child.text or "").strip() for child in xml_of(parts.read("docProps/core.xml"))}
    return {name: value for name, value in values.items() if value}
