"""Find the elements of a page that are boilerplate by their tag, role, class, id or structure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from index.parsers.html.dom import GAP, HEADINGS
from index.parsers.html.landmarks import Sizes, find_landmarks
from index.parsers.html.to_text import inline_text
from index.text.blocks import TERMINAL
from index.text.sections import is_same_title

_TEASERS = 3  # boxes in a row
_TEASER, _BYLINE = 300, 60  # characters of a teaser, and of what it has besides its headline
_BOXES = frozenset({"div", "li", "section", "article", "td", "a"})
_SHORT = 60  # characters; an element with fewer is not the article
_LARGEST = 0.5  # share of a page; an element with more is not boilerplate, whatever its name
_SUBSTANTIAL = 0.25  # share of a page; beside a landmark with as much, a larger box may be boilerplate
_ENOUGH = 0.4  # share of the text without boilerplate; a landmark with less is not the article
_TITLE_ONLY = 0.3  # share of a header's text; with more in its h1 it is the article's header, else that of the site
_LINKED = 0.9  # share of a block's text; with more in links the block is a list of links
_LINKS = 3  # the fewest in such a block
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
_COMMENTS = re.compile(r"(?i)comment|respon[ds]|disqus|kommentar|coment|comment")
_ACTIVE = ("a", "button", "form", "input", "textarea", "img", "time", "iframe", "svg")
_LONGEST_NAME = 100  # characters
_ANCHOR = re.compile(r"(?i)^anchor")
_SIGN = 2  # characters
_SENTENCE = 5  # words
_NEVER = {"body", "main", "article", GAP}
_BY_TAG = _BOILERPLATE_TAGS | {"header", "aside"}
_CALLOUT = re.compile(r"(?i)note|tip|warning|caution|important|admonition|callout|topic|footnote|info|danger|example")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the markup of a page says: its boilerplate blocks, and the landmark that contains the article, if any."""

    boilerplate: Mapping[HtmlElement, int]  # 2 by tag or role, 1 by class, id or structure
    landmark: HtmlElement | None


def read_layout(body: HtmlElement, title: str) -> Layout:
    """Return the layout of a page called `title`. Other stories and inline boilerplate are removed."""
    elements = list(body.iter())
    kinds = find_landmarks(elements[1:])
    if _remove_other_stories(kinds, title):
        elements = list(body.iter())
        kinds = find_landmarks(elements[1:])
    sizes = Sizes(elements)
    largest_of_each = [max(found, key=sizes.text) for found in kinds if found]
    landmarks = [element for element in largest_of_each if sizes.text(element) >= _SHORT]
    whole = sizes.text(body)
    plain = sizes.plain(body)
    chief = next((element for element in landmarks if sizes.plain(element) >= _SUBSTANTIAL * plain), None)
    if chief is not None:
        related = {*chief.iterdescendants(), *chief.iterancestors(), chief}
        landmarks = [element for element in landmarks if element in related]
    protected = {around for element in landmarks for around in (element, *element.iterancestors())}
    largest = plain if chief is not None else _LARGEST * plain
    marked: dict[HtmlElement, int] = {}
    for element in elements[1:]:
        if _is_boilerplate(element, protected, sizes) and (sizes.plain(element) <= largest or _is_comments(element)):
            if element.tag in {"a", "span"}:
                _remove(element)
            else:
                marked[element] = 2 if _is_certain(element) else 1
    marked |= dict.fromkeys(_teasers(body, sizes), 1)
    left = whole - sum(sizes.text(e) for e in marked if not any(a in marked for a in e.iterancestors()))
    for kind in kinds:
        found = [element for element in kind if sizes.text(element) >= _ENOUGH * left]
        if len(found) == 1 or (found and all(found[0] in e.iterancestors() for e in found[1:])):
            return Layout(marked, found[0])
    lists = (e for e in body.iter(*_LINK_LISTS) if sizes.text(e) <= _LARGEST * left and _is_link_list(e, sizes))
    return Layout(dict.fromkeys(lists, 1) | marked, None)


def _is_comments(element: HtmlElement) -> bool:
    """Return whether an element has the comments of readers, by its name and by what it says or how it is built."""
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if not _COMMENTS.search(names):
        return False
    heading = next(element.iter(*HEADINGS), None)
    counted = heading is not None and re.search(r"\d", inline_text(heading)) is not None
    return counted or next(element.iter(*_ACTIVE), None) is not None


def _is_prose_box(element: HtmlElement) -> bool:
    """Return whether a box inside an article is part of it: sentences, and nothing to click, to fill in or to see."""
    if not any(a.tag in {"article", "main"} or a.get("role") == "main" for a in element.iterancestors()):
        return False
    if _is_comments(element) or next(element.iter(*_ACTIVE), None) is not None:
        return False
    paragraphs = [inline_text(e) for e in (element, *element.iterdescendants("p", "li")) if e.tag in {"p", "li"}]
    return any(len(text.split()) >= _SENTENCE and TERMINAL.search(text) for text in paragraphs)


def _is_certain(element: HtmlElement) -> bool:
    return element.tag in _BOILERPLATE_TAGS | {"header"} or element.get("role") in _BOILERPLATE_ROLES


def _remove_other_stories(kinds: Sequence[Sequence[HtmlElement]], title: str) -> bool:
    """Remove the stories that a page without end shows below the one with its title. Return whether it has any."""
    removed = False
    bodies, _, articles, *_ = kinds
    for every in (bodies, articles):
        found = [e for e in every if not any(a in every for a in e.iterancestors())] if len(every) > 1 else []
        if len(found) > 1 and _has_title(found[0], title) and all(map(_starts_with_heading, found[1:])):
            removed = True
            for element in found[1:]:
                element.clear(keep_tail=True)
                element.tag = GAP
    return removed


def _has_title(element: HtmlElement, title: str) -> bool:
    return any(is_same_title(inline_text(heading), title) for heading in element.iter("h1", "h2"))


def _starts_with_heading(element: HtmlElement) -> bool:
    """Return whether an element has a sentence of text, and a heading before it."""
    heading = next(element.iter("h1", "h2"), None)
    start = next((e for e in element.iter() if isinstance(e.tag, str) and (e.text or "").strip()), None)
    return heading is not None and start is not None and (start is heading or heading in start.iterancestors())


def _teasers(body: HtmlElement, sizes: Sizes) -> Iterator[HtmlElement]:
    """Yield the boxes that announce other pages: three or more in a row, each a linked headline with little else."""
    for parent in body.iter("div", "section", "ul", "ol", "aside", "tr"):
        row: list[HtmlElement] = []
        for child in [*parent, None]:
            if child is not None and child.tag in _BOXES and _is_teaser(child, sizes):
                row.append(child)
                continue
            if len(row) >= _TEASERS:
                yield from row
            row = []


def _is_teaser(element: HtmlElement, sizes: Sizes) -> bool:
    """Return whether an element is a linked heading with at most a byline and a date."""
    size = sizes.text(element)
    if not 0 < size <= _TEASER:
        return False
    headings = [e for e in element.iter(*HEADINGS) if next(e.iter("a"), None) is not None or _in_link(e, element)]
    return bool(headings) and size - sum(map(sizes.text, headings)) <= _BYLINE


def _in_link(element: HtmlElement, inside: HtmlElement) -> bool:
    """Return whether an element is in a link that is in another element."""
    for ancestor in element.iterancestors():
        if ancestor is inside:
            return bool(ancestor.tag == "a")
        if ancestor.tag == "a":
            return True
    return False


def _remove(element: HtmlElement) -> None:
    # In place: lxml parses text with control characters, which pages contain, but refuses to move it.
    element.clear(keep_tail=True)
    element.tag = "template"


def _is_link_list(element: HtmlElement, sizes: Sizes) -> bool:
    """Return whether an element consists of links only, at least three."""
    size = sizes.text(element)
    return size - sizes.plain(element) >= _LINKED * size and sum(1 for _ in element.iter("a")) >= _LINKS


def _is_boilerplate(element: HtmlElement, protected: Container[HtmlElement], sizes: Sizes) -> bool:
    """Return whether an element is boilerplate, by its tag, role, class or id.

    `protected` are the elements that may contain the article: they are kept whatever their class and id.
    """
    tag, role = element.tag, element.get("role")
    if tag in _NEVER:
        return False
    names = element.get("class", "").split()
    names += [name] if (name := element.get("id")) else []
    called = any(_is_boilerplate_name(name, element, sizes) for name in names)
    by_role = tag in _BOILERPLATE_TAGS or role in _BOILERPLATE_ROLES
    if not called and not by_role and tag not in _BY_TAG:
        return False
    inside = {ancestor.tag for ancestor in element.iterancestors()}
    tabs = role == "tablist" and element.xpath(".//*[@role='tabpanel']")
    if inside & {"pre", "code"} or tabs:
        return False
    if by_role or tag in _BY_TAG:
        return not inside & {"blockquote"} if by_role else _is_site_part(element, inside, names, sizes)
    return tag in _MAY_BE_BOILERPLATE and element not in protected and _is_named(element, sizes)


def _is_site_part(element: HtmlElement, inside: set[str], names: Sequence[str], sizes: Sizes) -> bool:
    """Return whether a header is that of the site, or an aside no callout; `inside` are the tags around it."""
    if element.tag == "aside":
        return not any(_CALLOUT.search(name) for name in names)
    titles = sum(sizes.text(heading) for heading in element.iter("h1"))
    return not inside & {"main", "article"} and titles <= _TITLE_ONLY * sizes.text(element)


def _is_named(element: HtmlElement, sizes: Sizes) -> bool:
    """Return whether a box is boilerplate by its names: not by an id that is its heading, nor if it has prose."""
    names = [*element.get("class", "").split(), "" if _is_named_after_heading(element) else element.get("id", "")]
    return any(_is_boilerplate_name(name, element, sizes) for name in names) and not _is_prose_box(element)


def _is_boilerplate_name(name: str, element: HtmlElement, sizes: Sizes) -> bool:
    """Return whether a class or id is one of boilerplate; a mark beside a heading has at most one sign."""
    return len(name) <= _LONGEST_NAME and _matches(name) and (not _ANCHOR.search(name) or sizes.text(element) <= _SIGN)


@lru_cache(maxsize=10_000)
def _matches(name: str) -> bool:
    return _BOILERPLATE_NAME.fullmatch(name) is not None


def _is_named_after_heading(element: HtmlElement) -> bool:
    """Return whether the id of an element is the text of its heading, as in a section about comments or menus."""
    heading = next(element.iter(*HEADINGS), None)
    words = re.findall(r"[a-z0-9]+", inline_text(heading).lower()) if heading is not None else []
    return bool(words) and words == re.findall(r"[a-z0-9]+", element.get("id", "").lower())
