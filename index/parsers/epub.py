"""Parse e-books (EPUB 2 and 3): chapters in reading order, named as in the table of contents."""

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

from index.messages.files import E_BOOK_LOCKED
from index.models import UserError
from index.parsers.document import Document, Row
from index.parsers.file_types import KIND_NAMES
from index.parsers.html.dom import parse_html
from index.parsers.html.oversized import shorten_oversized
from index.parsers.html.to_text import rows_of
from index.parsers.zip_package import local_name, open_package, parse_xml, part_name
from index.text.encoding import decode_web
from index.text.metadata_values import iso_date

if TYPE_CHECKING:
    from lxml.etree import _Element

# Font obfuscation, which does not affect the text.
_FONT_ALGORITHMS: Final = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
_DRM_PARTS: Final = ("META-INF/rights.xml", "META-INF/sinf.xml", "META-INF/license.lcpl")
_CHAPTER_TYPES: Final = {"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"}
_PROSE: Final = 12  # words of a paragraph outside of its links
_EPUB_TYPE: Final = "{http://www.idpf.org/2007/ops}type"
_ENTITY: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+;)")


def read_epub(data: bytes) -> Document:
    """Return the text of an e-book. Parts that it lists but lacks are named in `missing_pages`.

    Raises `UserError` if it is damaged or protected by DRM.
    """
    with open_package(data, KIND_NAMES["epub"]) as package:
        _require_readable(package)
        parts = _Parts(package)
        container = parse_xml(parts.read("META-INF/container.xml"))
        rootfile = next(str(e.get("full-path")) for e in container.iter() if local_name(e) == "rootfile")
        package_path = _path("", rootfile)
        book = parse_xml(parts.read(package_path))
        folder = posixpath.dirname(package_path)
        items = {e.get("id"): e for e in book.iter() if local_name(e) == "item"}
        names = _chapter_names(parts, folder, items)
        navs, guides = _contents_lists(book, folder, items)
        rows: list[Row] = []
        missing: list[str] = []
        for path in _chapters(book, folder, items):
            if path in navs:
                continue
            chapter = parts.find(path)
            if chapter is None:
                rows.append(Row("", gap=True))  # the book lacks a part that it lists
                missing.append(names.get(path) or posixpath.basename(path))
            elif path not in guides or not _is_contents_list(_page(chapter)):
                rows += _chapter(chapter, names.get(path))
    metadata = _metadata(book)
    return Document(
        tuple(rows),
        metadata.get("title"),
        published=iso_date(metadata.get("date", "")),
        author=metadata.get("creator"),
        language=metadata.get("language"),
        missing_pages=tuple(missing),
    )


class _Parts:
    """The parts of a book. Their names are compared as by reading systems: any slashes, and any case if need be."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._names = {_path("", name): name for name in package.namelist()}
        self._folded = {path.casefold(): name for path, name in self._names.items()}

    def find(self, path: str) -> bytes | None:
        """Return the content of a part, or None if there is no such part."""
        name = self._names.get(path) or self._folded.get(path.casefold())
        return self._package.read(name) if name is not None else None

    def read(self, path: str) -> bytes:
        """Return the content of a part. Raises `KeyError` if there is no such part."""
        data = self.find(path)
        if data is None:
            raise KeyError(path)
        return data


def _require_readable(parts: zipfile.ZipFile) -> None:
    """Raise `UserError` if the chapters are protected by DRM."""
    names = parts.namelist()
    locked = any(name in names for name in _DRM_PARTS)
    if "META-INF/encryption.xml" in names:
        methods = (
            e for e in parse_xml(parts.read("META-INF/encryption.xml")).iter() if local_name(e) == "EncryptionMethod"
        )
        locked = locked or any(method.get("Algorithm") not in _FONT_ALGORITHMS for method in methods)
    if locked:
        raise UserError(E_BOOK_LOCKED)


def _path(folder: str, href: str) -> str:
    """Return the name of the part that a link points to, without its fragment."""
    return part_name(folder, unquote(href.partition("#")[0]).replace("\\", "/"))


def _chapters(book: _Element, folder: str, items: dict[str | None, _Element]) -> Iterator[str]:
    """Yield the paths of the chapters in reading order."""
    for reference in (e for e in book.iter() if local_name(e) == "itemref"):
        item = items.get(reference.get("idref"))
        if item is not None and item.get("media-type") in _CHAPTER_TYPES:
            yield _path(folder, item.get("href", ""))


def _metadata(book: _Element) -> dict[str, str]:
    """Return the metadata of the book: the first of several titles and dates, and all authors."""
    metadata: dict[str, str] = {}
    section = next((e for e in book.iter() if local_name(e) == "metadata"), None)
    for element in section.iter() if section is not None else ():
        name, text = local_name(element), " ".join("".join(element.itertext()).split())
        if not text or name not in {"title", "date", "creator", "language"}:
            continue
        if name == "creator" and name in metadata:
            metadata[name] += f", {text}"
        metadata.setdefault(name, text)
    return metadata


def _contents_lists(
    book: _Element, folder: str, items: dict[str | None, _Element]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the parts that are tables of contents, and those that contain one according to the guide of the book."""
    navs = (e.get("href", "") for e in items.values() if "nav" in e.get("properties", "").split())
    guides = (e.get("href", "") for e in book.iter() if local_name(e) == "reference" and e.get("type") == "toc")
    nav_paths = frozenset(_path(folder, href) for href in navs)
    return nav_paths, frozenset(_path(folder, href) for href in guides)


def _is_contents_list(page: HtmlElement) -> bool:
    """Return whether most of the text of a part is in links, and no paragraph is prose."""
    for paragraph in page.iter("p", "blockquote"):
        links = sum(len("".join(link.itertext()).split()) for link in paragraph.iter("a"))
        if len("".join(paragraph.itertext()).split()) - links >= _PROSE:
            return False
    linked = sum(len("".join(link.itertext()).split()) for link in page.iter("a"))
    body = page.find("body")
    return 2 * linked > len("".join((page if body is None else body).itertext()).split())


def _chapter_names(parts: _Parts, folder: str, items: dict[str | None, _Element]) -> dict[str, str]:
    """Return the first name of each part in the tables of contents."""
    names: dict[str, str] = {}
    for item in items.values():
        is_nav = "nav" in item.get("properties", "").split()
        path = _path(folder, item.get("href", ""))
        if not (is_nav or item.get("media-type") == "application/x-dtbncx+xml"):
            continue
        data = parts.find(path)
        if data is None:
            continue
        listed = _nav_entries(_page(data)) if is_nav else _ncx_entries(parse_xml(data))
        for href, name in listed:
            if name:
                names.setdefault(_path(posixpath.dirname(path), href), name)
    return names


def _nav_entries(page: HtmlElement) -> Iterator[tuple[str, str]]:
    for nav in page.iter("nav"):
        if nav.get(_EPUB_TYPE, "toc") == "toc":
            yield from ((link.get("href", ""), " ".join(link.text_content().split())) for link in nav.iter("a"))


def _ncx_entries(ncx: _Element) -> Iterator[tuple[str, str]]:
    for point in (e for e in ncx.iter() if local_name(e) == "navPoint"):
        label = next(("".join(e.itertext()) for e in point if local_name(e) == "navLabel"), "")
        yield next((e.get("src", "") for e in point if local_name(e) == "content"), ""), " ".join(label.split())


def _chapter(data: bytes, name: str | None) -> list[Row]:
    """Return the rows of one part. If it has no heading, its name in the table of contents is put above."""
    page = _page(data)
    for element in list(page.iter()):
        if isinstance(element.tag, str):
            _normalize_notes(element)
    body = page.find("body")
    rows = rows_of(page if body is None else body)
    if name and rows and not any(row.level for row in rows):
        rows = (Row(name, 1), Row(""), *rows)
    return [*rows, Row("")]


def _normalize_notes(element: HtmlElement) -> None:
    """Remove page break marks and back links from notes, and make references to notes superscript."""
    kinds = {element.get(_EPUB_TYPE), element.get("role")}
    if kinds & {"pagebreak", "doc-pagebreak", "doc-backlink"}:
        element.clear(keep_tail=True)
    elif kinds & {"noteref", "doc-noteref"} and next(element.iter("sup"), None) is None:
        element.tag = "sup"


def _page(data: bytes) -> HtmlElement:
    """Parse a part as XHTML, or as HTML if it is not well-formed."""
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), shorten_oversized(decode_web(data)))
    try:
        parser = XHTMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True)
        root = fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8", "replace"), parser)
    except XMLSyntaxError:
        return parse_html(text)
    xhtml_to_html(root)
    return root
