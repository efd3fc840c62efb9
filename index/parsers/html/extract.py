"""Parse web pages: find the article, leave out the boilerplate around it, and read the metadata."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml.etree import SubElement
from lxml.html import HtmlElement

from index.parsers.document import Document, Row
from index.parsers.html.article_rows import judge, select
from index.parsers.html.boilerplate_elements import read_layout
from index.parsers.html.dom import parse_html
from index.parsers.html.metadata import PageMetadata
from index.parsers.html.repair import label_panels, show_hidden_text
from index.parsers.html.to_text import rows_with_origins
from index.parsers.html.word_links import with_addresses
from index.text.page_encoding import DAMAGED, decode_page

_HEAD_TAGS = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
_NO_TEXT = ("script", "style", "noscript", "template", "iframe", "svg")


@dataclass(frozen=True, slots=True)
class PageContext:
    """What is known before parsing: the address of the page ("" for a file) and the charset of the HTTP header."""

    address: str = ""
    charset: str | None = None


def read_page(data: bytes, page: PageContext) -> Document:
    """Return the article of an HTML file. Raises `UserError` if the file is empty or its encoding uncertain."""
    root = parse_html(decode_page(data, page.charset))
    head = PageMetadata(root, page.address)
    body = _body(root)
    title = head.title()  # before boilerplate is removed, which may contain it
    show_hidden_text(root, body)
    label_panels(body)
    judged = judge(root)
    for element in list(body.iter(*_NO_TEXT)):
        element.clear(keep_tail=True)
    layout = read_layout(body, title or "")
    rows, origins = rows_with_origins(body, layout.boilerplate, layout.landmark)
    kept = select(judged, rows, origins)
    return Document(
        tuple(with_addresses(_cut(rows, kept), head.base())),
        title,
        head.canonical(),
        head.published(),
        head.author(),
        head.language(),
        characters=sum(len(row.text) + 1 for row in rows),
    )


def _cut(rows: list[Row], kept: set[int]) -> tuple[Row, ...]:
    """Return the rows to keep; the first one after rows that are left out begins after a gap."""
    found: list[Row] = []
    blank: Row | None = None
    gap = False
    for number, row in enumerate(rows):
        if not row.text:
            blank = row
        elif number not in kept or DAMAGED in row.text:
            gap = True
        else:
            if blank is not None and found:
                found.append(blank)
            found.append(replace(row, gap=row.gap or (gap and bool(found))))
            blank, gap = None, False
    return tuple(found)


def _body(root: HtmlElement) -> HtmlElement:
    """Return the body. Content left in the head, because the page has no body tag, is moved into it."""
    body = root.find("body")
    if body is None:
        body = SubElement(root, "body")
    strays = [element for element in root.iterfind("head/*") if element.tag not in _HEAD_TAGS]
    body[:0] = strays
    return body
