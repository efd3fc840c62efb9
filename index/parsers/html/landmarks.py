"""Find the elements of a page that may contain its article, and the size of the text of every element."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.html import HtmlElement

_IDS = frozenset("content main-content main page-content bodyContent docs-body doc-content article".split())
_CLASSES = frozenset("entry-content post-content article-body markdown-body".split())


class Sizes:
    """The code points of text of every element of a page, and those outside links, counted once."""

    def __init__(self, elements: Sequence[HtmlElement]) -> None:
        """Count the text of `elements`: a page's body and all that it contains, in the order of the page."""
        self._sizes: dict[HtmlElement, tuple[int, int]] = {}
        for element in reversed(elements):
            text = len(element.text.strip()) if element.text else 0
            plain = text
            for child in element:
                tail = len(child.tail.strip()) if child.tail else 0
                inner = self._sizes[child]
                text, plain = text + inner[0] + tail, plain + inner[1] + tail
            self._sizes[element] = text, 0 if element.tag == "a" else plain

    def text(self, element: HtmlElement) -> int:
        """Return the size of the text of an element."""
        return self._sizes[element][0]

    def plain(self, element: HtmlElement) -> int:
        """Return the size of the text of an element outside links."""
        return self._sizes[element][1]


def find_landmarks(elements: Sequence[HtmlElement]) -> tuple[list[HtmlElement], ...]:
    """Return the elements of a page that may contain its article, for each kind of mark, the surest kind first.

    The kinds are: schema.org's `articleBody`, the main part, `article` elements, usual ids, and usual classes.
    """
    bodies: list[HtmlElement] = []
    mains: list[HtmlElement] = []
    articles: list[HtmlElement] = []
    by_id: list[HtmlElement] = []
    by_class: list[HtmlElement] = []
    for element in elements:
        if "articleBody" in element.get("itemprop", ""):
            bodies.append(element)
        if element.tag == "main" or element.get("role") == "main":
            mains.append(element)
        if element.tag == "article":
            articles.append(element)
        if element.get("id") in _IDS:
            by_id.append(element)
        if not _CLASSES.isdisjoint(element.get("class", "").split()):
            by_class.append(element)
    return bodies, mains, articles, by_id, by_class
