"""Make visible what a page shows only after its scripts have run, and put the labels of tabs above their panels."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml.etree import SubElement
from lxml.html import HtmlElement

from index.models import UserError
from index.parsers.html.dom import is_invisible, parse_html, styled_invisible
from index.parsers.html.to_text import inline_text
from index.text.blocks import TERMINAL

_LITTLE = 80  # code points of sentences; a page that shows fewer waits for its scripts
_WORDS = 5  # of the shortest sentence
_TEMPLATES = frozenset({"text/template", "text/x-template", "text/html", "text/x-handlebars-template"})


def show_hidden_text(root: HtmlElement, body: HtmlElement) -> None:
    """Show the text of a page that has none without its scripts: `noscript`, templates, hidden boxes, or JSON-LD."""
    for show in (_show_noscript, _show_hidden, _show_templates, _show_data):
        if _shown(body) >= _LITTLE:
            return
        show(root, body)


def label_panels(body: HtmlElement) -> None:
    """Put the label of each tab as a heading above its panel, where the labels stand in a list of their own."""
    for tabs in body.xpath(".//*[@role='tablist']"):
        labels = [tab for tab in tabs.iter() if tab.get("role") == "tab"]
        if any(panel.get("role") == "tabpanel" for panel in tabs.iter()):
            continue  # an accordion: each label already stands above its panel
        panels = _panels_after(tabs, len(labels))
        if len(panels) != len(labels):
            continue
        for label, panel in zip(labels, panels, strict=True):
            text = inline_text(label)
            if text and not any(inline_text(h) == text for h in panel.iter("h1", "h2", "h3", "h4", "h5", "h6")):
                heading = SubElement(panel, "h4")
                heading.text = text
                heading.tail, panel.text = panel.text, None
                panel.insert(0, heading)
        tabs.clear(keep_tail=True)
        tabs.tag = "template"


def _panels_after(tabs: HtmlElement, count: int) -> list[HtmlElement]:
    """Return the panels of a list of tabs: those in the nearest ancestor that has any."""
    for ancestor in tabs.iterancestors():
        found: list[HtmlElement] = ancestor.xpath(".//*[@role='tabpanel']")
        if found:
            return found if len(found) == count else []
    return []


def _shown(body: HtmlElement) -> int:
    """Return how many code points of sentences a page shows, at least up to `_LITTLE`."""
    size = 0
    for text in _sentences(body):
        size += len(text)
        if size >= _LITTLE:
            break
    return size


def _sentences(element: HtmlElement) -> Iterator[str]:
    """Yield the texts of the visible elements that end like sentences."""
    if not isinstance(element.tag, str) or is_invisible(element):
        return
    texts = [element.text, *(child.tail for child in element)]
    text = " ".join(" ".join(filter(None, texts)).split())
    if (len(text.split()) >= _WORDS and TERMINAL.search(text)) or len(text) >= _LITTLE:
        yield text
    for child in element:
        yield from _sentences(child)


def _show_noscript(_root: HtmlElement, body: HtmlElement) -> None:
    for element in list(body.iter("noscript")):
        element.tag = "div"


def open_boxes(body: HtmlElement) -> None:
    """Show what the attributes of a page's elements hide, as its scripts do when a reader opens a box."""
    _show_hidden(body, body)


def _show_hidden(_root: HtmlElement, body: HtmlElement) -> None:
    for element in list(body.iter()):
        if isinstance(element.tag, str) and styled_invisible(element):
            for name in ("hidden", "style", "aria-hidden"):
                element.attrib.pop(name, None)


def _show_templates(_root: HtmlElement, body: HtmlElement) -> None:
    for element in list(body.iter("template", "script")):
        if element.tag == "template":
            element.tag = "div"
        elif element.get("type", "").lower() in _TEMPLATES and element.text:
            try:
                inner = parse_html(element.text)
            except UserError:
                continue
            element.tag, element.text = "div", None
            element.extend(list(inner.find("body")) if inner.find("body") is not None else [])


def _show_data(root: HtmlElement, body: HtmlElement) -> None:
    """Add the article that the page's JSON-LD has, one paragraph for each of its lines."""
    for script in root.xpath("//script[@type='application/ld+json']/text()"):
        try:
            data = json.loads(str(script))
        except (ValueError, RecursionError):
            continue
        for item in data if isinstance(data, list) else [data]:
            text = item.get("articleBody") if isinstance(item, dict) else None
            for line in text.split("\n") if isinstance(text, str) else ():
                paragraph = SubElement(body, "p")
                paragraph.text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "", line)
