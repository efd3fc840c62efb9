"""Convert the help of desktop programs to web pages that the loader reads: DocBook (KDE) and Mallard (GNOME)."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DROPPED: Final = frozenset(
    """info bookinfo articleinfo chapterinfo sectioninfo sect1info prefaceinfo appendixinfo indexterm footnote
    mediaobject inlinemediaobject screenshot figure media links subtitle legalnotice toc index remark desc credit
    revhistory titleabbrev include keywordset comment""".split()
)
_BLOCKS: Final = {
    **dict.fromkeys("para simpara formalpara p synopsis cmdsynopsis".split(), "p"),
    **dict.fromkeys("itemizedlist list simplelist".split(), "ul"),
    **dict.fromkeys("orderedlist procedure steps substeps".split(), "ol"),
    **dict.fromkeys("listitem step item member".split(), "li"),
    **dict.fromkeys("variablelist terms".split(), "dl"),
    **dict.fromkeys("programlisting screen literallayout code".split(), "pre"),
    **dict.fromkeys("table informaltable".split(), "table"),
    **dict.fromkeys("row tr".split(), "tr"),
    **dict.fromkeys("entry td th".split(), "td"),
    **dict.fromkeys("note tip warning caution important answer example blockquote".split(), "div"),
    "term": "dt",
}
_HEADED: Final = frozenset(
    """book article chapter preface appendix part section sect1 sect2 sect3 sect4 sect5 simplesect refsect1 page
    qandadiv reference glossary""".split()
)
_CHAINS: Final = {"menuchoice": " > ", "guiseq": " > ", "keycombo": "+", "keyseq": "+"}
_ENTITY: Final = re.compile(r"&([A-Za-z][\w.-]*);")
_DECLARED: Final = re.compile(r"<!ENTITY\s+([\w.-]+)\s+(['\"])(.*?)\2\s*>", re.DOTALL)
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_XML: Final = frozenset({"lt", "gt", "amp", "quot", "apos"})
_KDE: Final = {"LMB": "left mouse button", "RMB": "right mouse button", "MMB": "middle mouse button"}


def manual_pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield a name, relative to the folder, and a web page for each DocBook file and each guide of Mallard pages.

    The pages of a guide, each a topic of its own, are sections of one web page, as a handbook has them.
    """
    for path in sorted(folder.rglob("*.docbook")):
        root = None if path.is_symlink() else _root(path)
        if root is not None and _name(root) in _HEADED:
            yield path.relative_to(folder).as_posix(), _page(_title(root), [root])
    guides: dict[Path, list[Any]] = defaultdict(list)
    for path in sorted(folder.rglob("*.page")):
        root = None if path.is_symlink() else _root(path)
        if root is not None and _name(root) == "page":
            guides[path.parent].append(root)
    for parent, pages in sorted(guides.items()):
        titles = {page.get("id"): _title(page) for page in pages}
        for link in (element for page in pages for element in page.iter() if _name(element) == "link"):
            if not len(link) and not link.text:  # the viewer shows the title of the page it leads to
                link.text = titles.get(link.get("xref", "").partition("#")[0])
        topics: dict[str, list[Any]] = defaultdict(list)
        for page in pages:
            topics[_guide_of(page)].append(page)
        for guide, members in sorted(topics.items()):
            title = titles.get(guide) or titles.get("index") or parent.name
            yield f"{parent.relative_to(folder).as_posix()}/{guide or 'pages'}", _page(title, members)


def _guide_of(page: Any) -> str:
    """Return the id of the first guide that a page belongs to, or ""."""
    links = (element for element in page.iter() if _name(element) == "link" and element.get("type") == "guide")
    return next((link.get("xref", "").partition("#")[0] for link in links), "")


def _root(path: Path) -> Any | None:
    """Return the root element of an XML file whose entities are replaced by their text or name, or None."""
    text = path.read_bytes().decode("utf-8", "replace")
    declared = {name: value for name, _, value in _DECLARED.findall(text)}

    def replaced(entity: re.Match[str]) -> str:
        name = entity[1]
        if name in _XML:
            return entity[0]
        if name in declared:
            return _ENTITY.sub(lambda inner: inner[1] if inner[1] not in _XML else inner[0], declared[name])
        known = html.unescape(entity[0])
        return _KDE.get(name, name.replace("-", " ")) if known == entity[0] else known

    text = _ENTITY.sub(replaced, _DOCTYPE.sub("", text))
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _title(element: Any) -> str:
    """Return the title of a book, section or page, or ""."""
    for child in element:
        if _name(child) == "title":
            return _inline(child)
        if _name(child).endswith("info") and (title := _title(child)):
            return title
    return ""


def _inline(element: Any) -> str:
    return " ".join("".join(_text(element)).split())


def _text(element: Any) -> Iterator[str]:
    """Yield the text of an element, the parts of menus and key combinations joined by their signs."""
    name = _name(element)
    if name in _DROPPED:
        return
    if name in _CHAINS:
        yield _CHAINS[name].join(part for child in element if (part := _inline(child)) and _name(child) != "shortcut")
        return
    yield element.text or ""
    for child in element:
        yield from _text(child)
        yield child.tail or ""


def _page(title: str, roots: list[Any]) -> bytes:
    body = "".join(part for root in roots for part in _html(root, 1 if len(roots) == 1 else 2))
    head = f"<h1>{html.escape(title)}</h1>" if len(roots) > 1 else ""
    return (
        f"<html><head><title>{html.escape(title)}</title></head><body><main>{head}{body}</main></body></html>".encode()
    )


def _html(element: Any, level: int) -> Iterator[str]:
    """Yield an element as HTML; `level` is that of the next heading."""
    name = _name(element)
    if not name or name in _DROPPED:
        return
    if name in _HEADED:
        if title := _title(element):
            yield f"<h{min(level, 6)}>{html.escape(title)}</h{min(level, 6)}>"
        yield from _children(element, level + 1)
    elif name == "question":
        yield f"<h{min(level, 6)}>{html.escape(_inline(element))}</h{min(level, 6)}>"
    elif name == "title":
        if _name(element.getparent()) not in _HEADED:
            yield f"<{'dt' if _name(element.getparent()) == 'item' else 'p'}>{html.escape(_inline(element))}</p>"
    elif name in _CHAINS:
        yield html.escape("".join(_text(element)))
    elif name == "pre" or _BLOCKS.get(name) == "pre":
        inline = name == "code" and _BLOCKS.get(_name(element.getparent())) in {"p", "td", "dt"}
        text = html.escape("".join(element.itertext()))
        yield text if inline else f"<pre>{text.strip()}</pre>"
    else:
        tag = _BLOCKS.get(name)
        yield f"<{tag}>" if tag else ""
        yield from _children(element, level)
        yield f"</{tag}>" if tag else ""


def _children(element: Any, level: int) -> Iterator[str]:
    yield html.escape(element.text or "")
    for child in element:
        yield from _html(child, level)
        yield html.escape(child.tail or "")
