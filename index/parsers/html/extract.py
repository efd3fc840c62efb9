"""Parse web pages: find the article, remove the boilerplate around it, and read the metadata."""

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
_SHORT = 60  # characters; an element with fewer is not the article
_LARGEST = 0.5  # share of a page without landmarks; an element with more is not boilerplate, whatever its name
_ENOUGH = 0.4  # share of the text without boilerplate; a landmark with less is not the article
_TITLE_ONLY = (
    0.3  # share of a header's text; with more in its heading it is the header of the article, else that of the site
)
_HEAD_TAGS = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
_LINKED = 0.9  # share of a block's text; with more in links the block is a list of links
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
    """What is known before parsing: the address of the page ("" for a file) and the charset of the HTTP header."""

    address: str = ""
    charset: str | None = None


def read_page(data: bytes, page: PageContext) -> Document:
    """Return the article of an HTML file. Raises `UserError` if the file is empty or its encoding uncertain."""
    root = parse_html(decode_web(data, page.charset))
    head = PageMetadata(root, page.address)
    title = head.title()  # before boilerplate is removed, which may contain it
    body = _main_part(root)
    return Document(rows_of(body), title, head.canonical(), head.published(), head.author(), head.language())


def _main_part(root: HtmlElement) -> HtmlElement:
    """Remove the boilerplate of a page, and return the element that contains the article."""
    body = _body(root)
    for element in list(body.iter(*_NO_TEXT)):
        element.clear(keep_tail=True)
    largest_of_each = [max(found, key=_length) for path in _LANDMARKS if (found := body.xpath(path))]
    landmarks = [element for element in largest_of_each if _length(element) >= _SHORT]
    protected = {around for element in landmarks for around in (element, *element.iterancestors())}
    largest = math.inf if protected else _LARGEST * _length(body)
    for element in list(body.iterdescendants()):
        is_attached = element.getroottree().getroot() is root
        if is_attached and _is_boilerplate(element, protected) and _length(element) <= largest:
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
    """Return the body. Content left in the head, because the page has no body tag, is moved into it."""
    body = root.find("body")
    if body is None:
        body = SubElement(root, "body")
    strays = [element for element in root.iterfind("head/*") if element.tag not in _HEAD_TAGS]
    body[:0] = strays
    return body


def _is_link_list(element: HtmlElement) -> bool:
    """Return whether an element consists of links only, at least three."""
    links = [_length(link) for link in element.iter("a")]
    return len(links) >= 3 and sum(links) >= _LINKED * _length(element)


def _length(element: HtmlElement) -> int:
    return sum(len(text.strip()) for text in element.itertext(with_tail=False) if not text.isspace())


def _is_boilerplate(element: HtmlElement, protected: Container[HtmlElement]) -> bool:
    """Return whether an element is boilerplate, by its tag, role, class or id.

    `protected` are the elements that may contain the article: they are kept whatever their class and id.
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
    """Return whether the id of an element is the text of its heading, as in a section about comments or menus."""
    heading = next(element.iter(*HEADINGS), None)
    words = re.findall(r"[a-z0-9]+", inline_text(heading).lower()) if heading is not None else []
    return bool(words) and words == re.findall(r"[a-z0-9]+", element.get("id", "").lower())


def _remove(element: HtmlElement) -> None:
    """Empty an element. A block is replaced by a `GAP`, an inline element such as a heading anchor by nothing."""
    block = element.tag not in {"a", "span"} and element.text_content().strip() and not is_invisible(element)
    # In place: lxml parses text with control characters, which pages contain, but refuses to move it.
    element.clear(keep_tail=True)
    element.tag = GAP if block else "template"
