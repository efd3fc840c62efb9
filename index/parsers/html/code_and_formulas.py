"""Text that HTML marks up and plain text writes differently: code, formulas, superscripts and subscripts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from index.parsers.html.dom import GAP, is_invisible

SUPERSCRIPTS = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
LINE_NUMBERS = {
    "lineno",
    "linenos",
    "line-number",
    "line-numbers",
    "gutter",
}  # classes of elements next to code, not part of it


def code_text(element: HtmlElement) -> Iterator[str]:
    """Yield the text of code, line breaks included."""
    yield element.text or ""
    for child in element:
        names = set(child.get("class", "").split())
        if child.tag == "br":
            yield "\n"
        elif isinstance(child.tag, str) and child.tag != GAP and not is_invisible(child) and not LINE_NUMBERS & names:
            yield from code_text(child)
            yield "\n" if child.tag == "div" else ""
        yield child.tail or ""


def small_text(text: str, tag: str) -> str:
    """Return superscript or subscript text in Unicode characters where possible: 10⁶ must not become 106."""
    table = SUPERSCRIPTS if tag == "sup" else SUBSCRIPTS
    if all(ord(char) in table for char in text):
        return text.translate(table)
    return f"^{text}" if tag == "sup" and text[:1].isdigit() else text


def formula(element: HtmlElement) -> str:
    """Return a formula as TeX if the page includes it, else its text."""
    tex = element.xpath(".//annotation[@encoding='application/x-tex']/text()")
    return str(tex[0]).strip() if tex else element.get("alttext") or " ".join(element.text_content().split())
