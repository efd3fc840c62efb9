"""Find the elements of a page that are boilerplate by their tag, role, class, id or structure."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator

from lxml.html import HtmlElement

from index.parsers.html.dom import GAP, HEADINGS, is_invisible
from index.parsers.html.to_text import inline_text
from index.text.blocks import TERMINAL

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
_LARGEST = 0.5  # share of a page; an element with more is not boilerplate, whatever its name
_ENOUGH = 0.4  # share of the text without boilerplate; a landmark with less is not the article
_TITLE_ONLY = 0.3  # share of a header's text; with more in its h1 it is the article's header, else that of the site
_LINKED = 0.9  # share of a block's text; with more in links the block is a list of links
_LINK_LISTS = ("div", "ul", "ol", "dl", "p", "td", "table")
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


def mark_boilerplate(body: HtmlElement) -> set[HtmlElement]:
    """Return the blocks of a page that its markup shows to be boilerplate. Inline boilerplate is removed.

    What is outside the one landmark that contains the article is marked too.
    """
    largest_of_each = [max(found, key=text_length) for path in _LANDMARKS if (found := body.xpath(path))]
    landmarks = [element for element in largest_of_each if text_length(element) >= _SHORT]
    protected = {around for element in landmarks for around in (element, *element.iterancestors())}
    largest = math.inf if protected else _LARGEST * text_length(body)
    marked: set[HtmlElement] = set()
    for element in list(body.iterdescendants()):
        if _is_boilerplate(element, protected) and text_length(element) <= largest:
            if element.tag in {"a", "span"}:
                _remove(element)
            else:
                marked.add(element)
    return marked


def _remove(element: HtmlElement) -> None:
    # In place: lxml parses text with control characters, which pages contain, but refuses to move it.
    element.clear(keep_tail=True)
    element.tag = "template"


def _is_link_list(element: HtmlElement) -> bool:
    """Return whether an element consists of links only, at least three."""
    links = [text_length(link) for link in element.iter("a")]
    return len(links) >= 3 and sum(links) >= _LINKED * text_length(element)


def text_length(element: HtmlElement) -> int:
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
        titles = sum(text_length(heading) for heading in element.iter("h1"))
        return not inside & {"main", "article"} and titles <= _TITLE_ONLY * text_length(element)
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
