"""Parse web pages: find the article, leave out the boilerplate around it, and read the metadata."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml.etree import SubElement
from lxml.html import HtmlElement

from index.parsers.document import Document, Row
from index.parsers.html.article_rows import judge, missing_lines, select
from index.parsers.html.boilerplate_elements import read_layout
from index.parsers.html.dom import parse_html
from index.parsers.html.metadata import PageMetadata
from index.parsers.html.repair import label_panels, open_boxes, show_hidden_text
from index.parsers.html.to_text import Origin, rows_with_origins
from index.parsers.html.word_links import with_addresses
from index.text.page_encoding import DAMAGED, decode_page

_HEAD_TAGS = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
_HIDDEN = 0.5  # share of the article's sentences that the page does not show without its scripts
_NO_TEXT = ("script", "style", "noscript", "template", "iframe", "svg")


@dataclass(frozen=True, slots=True)
class PageContext:
    """What is known before parsing: the address of the page ("" for a file) and the charset of the HTTP header."""

    address: str = ""
    charset: str | None = None


def read_page(data: bytes, page: PageContext) -> Document:
    """Return the article of an HTML file. Raises `UserError` if the file is empty or its encoding uncertain."""
    text = decode_page(data, page.charset)
    root = parse_html(text)
    head = PageMetadata(root, page.address)
    title = head.title()  # before boilerplate is removed, which may contain it
    body = _complete_body(root)
    judged = judge(root)
    rows, origins = _rows(body, title or "")
    missing = missing_lines(judged, rows)
    if missing > _HIDDEN:
        opened = _complete_body(parse_html(text))
        open_boxes(opened)
        more = _rows(opened, title or "")
        rows, origins = more if missing_lines(judged, more[0]) < missing else (rows, origins)
    kept = select(judged, lambda: _judge_again(text), rows, origins)
    return Document(
        tuple(with_addresses(_cut(rows, kept), head.base())),
        title,
        head.canonical(),
        head.published(),
        head.author(),
        head.language(),
        characters=sum(len(row.text) + 1 for row in rows),
    )


def _rows(body: HtmlElement, title: str) -> tuple[list[Row], list[Origin]]:
    """Return the visible rows of a page, and where each comes from."""
    for element in list(body.iter(*_NO_TEXT)):
        element.clear(keep_tail=True)
    layout = read_layout(body, title)
    return rows_with_origins(body, layout.boilerplate, layout.landmark)


def _judge_again(text: str) -> str:
    """Return the article of a page as a thorough comparison finds it.

    The page is parsed again, because its tree has changed; copying the tree of every page would take longer.
    """
    root = parse_html(text)
    _complete_body(root)
    return judge(root, thorough=True)


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


def _complete_body(root: HtmlElement) -> HtmlElement:
    """Return the body of a page, with what its scripts would show, and with labels above its panels.

    Content left in the head, because the page has no body tag, is moved into it.
    """
    body = root.find("body")
    if body is None:
        body = SubElement(root, "body")
    strays = [element for element in root.iterfind("head/*") if element.tag not in _HEAD_TAGS]
    body[:0] = strays
    show_hidden_text(root, body)
    label_panels(body)
    return body
