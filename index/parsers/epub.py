"""E-books to a document: their chapters in the order of reading, with the names that the contents list gives them."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from lxml.etree import XMLSyntaxError, fromstring
from lxml.html import HtmlElement, XHTMLParser, xhtml_to_html

from index.models import UserError
from index.parsers.document import Document, Row
from index.parsers.file_types import NAMES
from index.parsers.html.dom import parse_html
from index.parsers.html.to_text import rows_of
from index.parsers.zip_package import local, opened, xml_of
from index.text.encoding import decode_web
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from lxml.etree import _Element

_FONTS: Final = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}  # hidden fonts are no text
_LOCKS: Final = ("META-INF/rights.xml", "META-INF/sinf.xml", "META-INF/license.lcpl")
_CONTENTS: Final = {"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"}
_EPUB_TYPE: Final = "{http://www.idpf.org/2007/ops}type"
_ENTITY: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+;)")


def read_epub(data: bytes) -> Document:
    """Return the text of an e-book. Raises `UserError` for one that is damaged or locked against copying."""
    with opened(data, NAMES["epub"]) as parts:
        _require_readable(parts)
        container = xml_of(parts.read("META-INF/container.xml"))
        place = next(str(e.get("full-path")) for e in container.iter() if local(e) == "rootfile")
        book = xml_of(parts.read(place))
        folder = posixpath.dirname(place)
        items = {e.get("id"): e for e in book.iter() if local(e) == "item"}
        names = _chapter_names(parts, folder, items)
        skipped = _contents_lists(book, folder, items)
        rows: list[Row] = []
        for reference in (e for e in book.iter() if local(e) == "itemref"):
            item = items.get(reference.get("idref"))
            if item is None or item.get("media-type") not in _CONTENTS:
                continue
            path = _path(folder, item.get("href", ""))
            if path not in skipped:
                rows += _chapter(parts.read(path), names.get(path))
    told = _told(book)
    return Document(
        tuple(rows), told.get("title"), None, iso_date(told.get("date", "")), told.get("creator"), told.get("language")
    )


def _require_readable(parts: zipfile.ZipFile) -> None:
    """Raise `UserError` where the chapters are locked."""
    names = parts.namelist()
    locked = any(name in names for name in _LOCKS)
    if "META-INF/encryption.xml" in names:
        methods = (e for e in xml_of(parts.read("META-INF/encryption.xml")).iter() if local(e) == "EncryptionMethod")
        locked = locked or any(method.get("Algorithm") not in _FONTS for method in methods)
    if locked:
        raise UserError(
            "The e-book is locked against copying (DRM), so it cannot be read; add a copy without the lock."
        )


def _path(folder: str, href: str) -> str:
    """Return the name of the part that a link leads to, without the place in it."""
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _told(book: _Element) -> dict[str, str]:
    """Return what the book says of itself; the first of several titles and dates, all of its authors."""
    told: dict[str, str] = {}
    metadata = next((e for e in book.iter() if local(e) == "metadata"), None)
    for element in metadata.iter() if metadata is not None else ():
        name, text = local(element), " ".join("".join(element.itertext()).split())
        if not text or name not in {"title", "date", "creator", "language"}:
            continue
        if name == "creator" and name in told:
            told[name] += f", {text}"
        told.setdefault(name, text)
    return told


def _contents_lists(book: _Element, folder: str, items: dict[str | None, _Element]) -> set[str]:
    """Return the parts that only list the chapters."""
    navs = (e.get("href", "") for e in items.values() if "nav" in e.get("properties", "").split())
    guides = (e.get("href", "") for e in book.iter() if local(e) == "reference" and e.get("type") == "toc")
    return {_path(folder, href) for href in (*navs, *guides)}


def _chapter_names(parts: zipfile.ZipFile, folder: str, items: dict[str | None, _Element]) -> dict[str, str]:
    """Return the names of chapters by their parts, as the contents list gives them; the first for each part."""
    names: dict[str, str] = {}
    for item in items.values():
        is_nav = "nav" in item.get("properties", "").split()
        path = _path(folder, item.get("href", ""))
        if path not in parts.namelist() or not (is_nav or item.get("media-type") == "application/x-dtbncx+xml"):
            continue
        listed = _links(_page(parts.read(path))) if is_nav else _points(xml_of(parts.read(path)))
        for href, name in listed:
            if name:
                names.setdefault(_path(posixpath.dirname(path), href), name)
    return names


def _links(page: HtmlElement) -> Iterator[tuple[str, str]]:
    for nav in page.iter("nav"):
        if nav.get(_EPUB_TYPE, "toc") == "toc":
            yield from ((link.get("href", ""), " ".join(link.text_content().split())) for link in nav.iter("a"))


def _points(ncx: _Element) -> Iterator[tuple[str, str]]:
    for point in (e for e in ncx.iter() if local(e) == "navPoint"):
        label = next(("".join(e.itertext()) for e in point if local(e) == "navLabel"), "")
        yield next((e.get("src", "") for e in point if local(e) == "content"), ""), " ".join(label.split())


def _chapter(data: bytes, name: str | None) -> list[Row]:
    """Return the rows of one part; where it has no heading, the contents list's name for it stands above."""
    page = _page(data)
    for element in list(page.iter()):
        if isinstance(element.tag, str):
            _set_right(element)
    body = page.find("body")
    rows = rows_of(page if body is None else body)
    if name and rows and not any(row.level for row in rows):
        rows = (Row(name, 1), Row(""), *rows)
    return [*rows, Row("")]


def _set_right(element: HtmlElement) -> None:
    """Take out the marks of printed pages and the ways back from notes, and raise the numbers of notes."""
    kinds = {element.get(_EPUB_TYPE), element.get("role")}
    if kinds & {"pagebreak", "doc-pagebreak", "doc-backlink"}:
        element.clear(keep_tail=True)
    elif kinds & {"noteref", "doc-noteref"} and next(element.iter("sup"), None) is None:
        element.tag = "sup"


def _page(data: bytes) -> HtmlElement:
    """Parse a part as the XML that it should be, else as browsers would."""
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), decode_web(data))
    try:
        parser = XHTMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True)
        root = fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8", "replace"), parser)
    except XMLSyntaxError:
        return parse_html(text)
    xhtml_to_html(root)
    return root
