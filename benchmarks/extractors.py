"""Verbatim's reader of web pages, and the extraction libraries that are installed, behind one signature."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from lxml.html import HtmlElement, document_fromstring

from index.models import UserError
from index.parsers.document import to_draft
from index.parsers.html.extract import PageContext, read_page

Extract = Callable[[bytes], str]

_INLINE = frozenset("a abbr b code em i kbd samp small span strong sub sup tt u var".split())


def extractors() -> Iterator[tuple[str, Extract]]:
    """Yield Verbatim's extractor and those of the installed libraries, with their names."""
    yield "Verbatim", verbatim
    with suppress(ImportError):
        trafilatura: Any = importlib.import_module("trafilatura")
        yield "trafilatura", lambda page: trafilatura.extract(page, include_comments=False) or ""
    with suppress(ImportError):
        readability: Any = importlib.import_module("readability")
        yield "readability", lambda page: text_of(document_fromstring(readability.Document(decoded(page)).summary()))
    with suppress(ImportError):
        resiliparse: Any = importlib.import_module("resiliparse.extract.html2text")
        yield "resiliparse", lambda page: resiliparse.extract_plain_text(decoded(page), main_content=True)
    with suppress(ImportError):
        justext: Any = importlib.import_module("justext")
        stop = justext.get_stoplist("English")
        yield "jusText", lambda page: "\n".join(p.text for p in justext.justext(page, stop) if not p.is_boilerplate)


def verbatim(page: bytes) -> str:
    """Return the text that Verbatim stores of a page; "" if it refuses the page."""
    try:
        document = read_page(page, PageContext("https://news.example/"))
        return to_draft(document, key="", source="", title="", cleaned=True).text
    except UserError:
        return ""


def decoded(page: bytes) -> str:
    """Return the text of a page for the libraries that take no bytes."""
    try:
        return page.decode()
    except UnicodeDecodeError:
        return page.decode("cp1252", "replace")


def text_of(root: HtmlElement) -> str:
    """Return the text of an element, with spaces between blocks."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in _INLINE:
            element.text, element.tail = f" {element.text or ''}", f" {element.tail or ''}"
    return str(root.text_content())
