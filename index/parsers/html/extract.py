"""A web page to a document: which part of it is the article, and what the page says of itself."""

from __future__ import annotations

import math
import re
from collections.abc import Container
from dataclasses import dataclass

from lxml.etree import SubElement
from lxml.html import HtmlElement

from index.parsers.document import Document
from index.parsers.html.dom import GAP, HEADINGS, is_invisible, parse_html
from index.parsers.html.metadata import PageMetadata
from index.parsers.html.to_text import inline_text, rows_of
from index.text.encoding import decode_web

_LANDMARKS = (
    "//*[contains(@itemprop, 'articleBody')]",
    "//main | //*[@role='main']",
    "//article",
    """//*[@id='content' or @id='main-content' or @id='main' or @id='page-content' or @id='bodyContent'
    or @id='docs-body' or @id='doc-content' or @id='article']""",
    """//*[contains(concat(' ', normalize-space(@class), ' '), ' entry-content ')
    or contains(concat(' ', normalize-space(@class), ' '), ' post-content ')
    or contains(concat(' ', normalize-space(@class), ' '), ' article-body ')
    or contains(concat(' ', normalize-space(@class), ' '), ' markdown-body ')]""",
)
_SHORT = 60  # characters: what holds less is no article
_LARGEST = 0.5  # of a page without landmarks: what holds more is no frame around the article, whatever it is called
_ENOUGH = 0.4  # of the page's text without its frame: a landmark with less is another part of the page
_TITLE_ONLY = 0.3  # of a header's text: with more in its heading it is the article's title, with less the site's frame
_HEAD_TAGS = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
_LINKED = 0.9  # of a block's text: beyond this the block is a list of links
_LINK_LISTS = ("div", "ul", "ol", "dl", "p", "td", "table")
_NO_TEXT = ("script", "style", "noscript", "template", "iframe", "svg")
_BOILERPLATE_TAGS = frozenset({"nav", "footer", "menu"})
_BOILERPLATE_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar tablist doc-toc".split()
)
_MAY_BE_BOILERPLATE = frozenset("div section aside ul ol p table form header span a nav footer dl details".split())
_BOILERPLATE_NAME = re.compile(
    r"""(?: .*(?:breadcrumb|cookie|gdpr|newsletter|pagination|advert|addthis|disqus|sponsor|headerlink|editsection
        |sidebar|sidenav|sharedaddy|social-?(?:share|links|media|icons|bar)|skip-?(?:link|nav|to)|screen-?reader).*
    | (?:[a-z]+[-_])? (?:nav|navbar|navigation|navheader|navfooter|navlinks|menu|submenu|toc|tableofcontents|consent
        |share|sharing|sharebar|sharebuttons|related|recommended|recommendations|subscribe|promo|respond|comments
        |commentlist|pager|prevnext|masthead|popup|modal|permalink|feedback|footer|toplang|searchbox|outline)
        (?:[-_](?:area|bar|block|box|buttons?|container|content|form|header|inner|links?|list|main|menu|nav|panel
        |section|widget|wrap|wrapper|posts?|articles?|items?|top|bottom|left|right|icon))?
    | table-of-contents | on-this-page | ads? | ad-\w+ | adsbygoogle | noprint | nosearch
    | edit-?(?:link|page|this-page) | sr-only | visually-?hidden | site-?header | page-?header
    | tags? | tag-?list | meta-nav | post-nav\w* | widget
    | back-?to-?top | sourcelink | reference-?link | anchor(?:-?link|js-link)? | hash-link | mw-jump-link
    | copy-?button)""",
    re.IGNORECASE | re.VERBOSE,
)
_CALLOUT = re.compile(r"(?i)note|tip|warning|caution|important|admonition|callout|topic|footnote|info|danger|example")


@dataclass(frozen=True, slots=True)
class PageContext:
    """What is known of a page before it is read: its address, empty for a file, and its server's charset."""

    address: str = ""
    charset: str | None = None


def read_page(data: bytes, page: PageContext) -> Document:
    """Return the article of an HTML file. Raises `UserError` where its encoding is in doubt or it is empty."""
    root = parse_html(decode_web(data, page.charset))
    head = PageMetadata(root, page.address)
    title = head.title()  # before the frame goes, which may hold it
    body = _main_part(root)
    return Document(rows_of(body), title, head.canonical(), head.published(), head.author(), head.language())


def _main_part(root: HtmlElement) -> HtmlElement:
    """Take the frame off a page, and return the element that holds the article."""
    body = _body(root)
    for element in list(body.iter(*_NO_TEXT)):
        element.clear(keep_tail=True)
    largest_of_each = [max(found, key=_length) for path in _LANDMARKS if (found := body.xpath(path))]
    landmarks = [element for element in largest_of_each if _length(element) >= _SHORT]
    protected = {around for element in landmarks for around in (element, *element.iterancestors())}
    largest = math.inf if protected else _LARGEST * _length(body)
    for element in list(body.iterdescendants()):
        still_there = element.getroottree().getroot() is root
        if still_there and _is_boilerplate(element, protected) and _length(element) <= largest:
            _remove(element)
    left = _length(body)
    for path in _LANDMARKS:
        found = [element for element in body.xpath(path) if _length(element) >= _ENOUGH * left]
        if len(found) == 1 or (found and all(found[0] in e.iterancestors() for e in found[1:])):
            return found[0]
    for element in list(body.iter(*_LINK_LISTS)):
        if _length(element) <= _LARGEST * left and _is_link_list(element):
            _remove(element)
    return body


def _body(root: HtmlElement) -> HtmlElement:
    """Return the body; what a page without its tag has left in the head is moved there."""
    body = root.find("body")
    if body is None:
        body = SubElement(root, "body")
    strays = [element for element in root.iterfind("head/*") if element.tag not in _HEAD_TAGS]
    body[:0] = strays
    return body


def _is_link_list(element: HtmlElement) -> bool:
    """Tell whether an element holds nothing but links, three at least."""
    links = [_length(link) for link in element.iter("a")]
    return len(links) >= 3 and sum(links) >= _LINKED * _length(element)


def _length(element: HtmlElement) -> int:
    return sum(len(text.strip()) for text in element.itertext(with_tail=False) if not text.isspace())


def _is_boilerplate(element: HtmlElement, protected: Container[HtmlElement]) -> bool:
    """Tell whether an element is a part of the page around the article, by its tag, role or name.

    `protected` are the elements that may hold the article, which no name makes a part of the frame.
    """
    if not isinstance(element.tag, str) or element.tag in {"body", "main", "article", GAP}:
        return False
    inside = {ancestor.tag for ancestor in element.iterancestors()}
    if inside & {"pre", "code"}:
        return False
    if element.tag in _BOILERPLATE_TAGS or element.get("role") in _BOILERPLATE_ROLES:
        return not inside & {"blockquote"}
    names = [*element.get("class", "").split(), "" if _is_named_after_heading(element) else element.get("id", "")]
    if element.tag == "header":
        titles = sum(_length(heading) for heading in element.iter("h1"))
        return not inside & {"main", "article"} and titles <= _TITLE_ONLY * _length(element)
    if element.tag == "aside":
        return not any(_CALLOUT.search(name) for name in names)
    return (
        element.tag in _MAY_BE_BOILERPLATE
        and element not in protected
        and any(_BOILERPLATE_NAME.fullmatch(name) for name in names if name)
    )


def _is_named_after_heading(element: HtmlElement) -> bool:
    """Tell whether an element is called after its own heading, as a section about comments or menus may be."""
    heading = next(element.iter(*HEADINGS), None)
    words = re.findall(r"[a-z0-9]+", inline_text(heading).lower()) if heading is not None else []
    return bool(words) and words == re.findall(r"[a-z0-9]+", element.get("id", "").lower())


def _remove(element: HtmlElement) -> None:
    """Empty an element. A block becomes a mark of its place; an inline one, such as a link to a heading, nothing."""
    block = element.tag not in {"a", "span"} and element.text_content().strip() and not is_invisible(element)
    # In place: lxml reads texts with control characters, which pages hold, but refuses to move them.
    element.clear(keep_tail=True)
    element.tag = GAP if block else "template"
