"""Parse HTML into an element tree, and ask what a browser would do with its elements."""

from __future__ import annotations

import re

from lxml.etree import ElementDefaultClassLookup, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from selectolax.lexbor import LexborHTMLParser

from index.messages.files import PAGE_EMPTY, PAGE_TOO_DEEP, PARAGRAPH_TOO_LARGE
from index.models import UserError
from index.parsers.html.excess_attributes import without_excess_attributes
from index.parsers.html.oversized import shorten_oversized

GAP = "removed-boilerplate"  # the element put in the place of removed boilerplate
MARKER = "list-marker"  # an attribute of `li` elements made from Office files: the number or letter as it was shown
HEADINGS = {f"h{level}": level for level in range(1, 7)}
_FORMATTING = re.compile(r"(?i)<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])")
_SPACES = re.compile(r"\s+")
_MAX_REPEATED = 100_000_000  # code points; unclosed formatting elements that browsers repeat in each block
_MAX_TAGS = 10_000  # a page with fewer is parsed within 0.1 s, however deep it is
_LONGEST_TAG = 10_000  # code points, attributes included
_INVISIBLE = frozenset(
    """area audio base canvas col colgroup datalist embed head iframe img input link meta meter map noscript
    object option param picture progress rp rt script select source style svg template textarea title track
    video""".split()
)
# Elements that people click to see more.
_EXPANDERS = {"dt", "summary", *HEADINGS}
# Elements that no cell of a data table contains.
_NESTED = {"table", "ul", "ol", "dl", "pre", "blockquote", *HEADINGS}
_TABLE_PARTS = frozenset({"caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th", GAP})


def parse_html(text: str) -> HtmlElement:
    """Return the root element of a page, parsed as browsers do (HTML Living Standard, 13.2.6).

    Lexbor supplies the tags that the author left out, and lxml reads the tree from Lexbor's output. Raises `UserError`
    if the page is empty, nested too deeply, or has a part that is too long.
    """
    text = without_excess_attributes(shorten_oversized(text))
    if _grows(text) or not text.strip():
        return _tree(text)
    if text.count("<") > _MAX_TAGS:
        _tree(text)  # checks the depth: Lexbor's time grows with its square
    return _tree(LexborHTMLParser(text.encode("utf-8", "replace")).html or text)


def _tree(text: str) -> HtmlElement:
    parser = HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True)
    parser.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))  # without a call for each element
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except ParserError:
        raise UserError(PAGE_EMPTY) from None
    messages = [entry.message.lower() for entry in parser.error_log]
    if any("limit exceeded" in message or "huge" in message for message in messages if "depth" not in message):
        raise UserError(PARAGRAPH_TOO_LARGE)
    if any("depth" in message for message in messages):
        raise UserError(PAGE_TOO_DEEP)
    return root


def _grows(text: str) -> bool:
    """Return whether a page could grow beyond measure when parsed as browsers do.

    They repeat each unclosed formatting element in every block that follows (HTML Living Standard, 13.2.4.3).
    """
    open_tags: list[int] = []  # their lengths
    size = largest = 0
    for tag in _FORMATTING.finditer(text):
        if not tag[1]:
            end = text.find(">", tag.end(), tag.end() + _LONGEST_TAG)
            open_tags.append((end if end >= 0 else tag.end() + _LONGEST_TAG) - tag.start())
            size += open_tags[-1]
            largest = max(largest, size)
        elif open_tags:
            size -= open_tags.pop()
    return largest * text.count("<") > _MAX_REPEATED


def is_invisible(element: HtmlElement) -> bool:
    """Return whether a browser never shows the text of an element, not even after everything is expanded."""
    if element.get("role") in {"tabpanel", "region"}:
        return False
    if element.tag == "button":  # boilerplate, except for questions that expand their answers
        return not any(ancestor.tag in _EXPANDERS for ancestor in element.iterancestors())
    return element.tag in _INVISIBLE or styled_invisible(element)


def styled_invisible(element: HtmlElement) -> bool:
    """Return whether the attributes of an element hide it."""
    if element.get("hidden", "until-found") != "until-found" or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return style is not None and "display:none" in _SPACES.sub("", style).lower()


def is_layout_table(table: HtmlElement) -> bool:
    """Return whether a table lays out the page: it contains blocks instead of data, or has a single column."""
    if table.get("role") in {"presentation", "none"}:
        return True
    if any(element.tag in _NESTED for element in table.iterdescendants()) or _has_stray_text(table):
        return True
    widths = [sum(1 for _ in row.iterchildren("td", "th")) for row in table.iter("tr")]
    return max(widths, default=0) < 2


def _has_stray_text(table: HtmlElement) -> bool:
    """Return whether a table has text outside its cells, as results from missing tags."""
    structure = [table, *table.iter("thead", "tbody", "tfoot", "tr")]
    strays = [child for part in structure for child in part if child.tag not in _TABLE_PARTS]
    texts = [text for part in structure for text in (part.text, *(child.tail for child in part))]
    return bool(strays) or any(text and not text.isspace() for text in texts)
