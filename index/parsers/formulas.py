"""Write the formulas of Office files (OMML, ECMA-376 part 1, 22.1, and MathML) as one line of text.

The notation follows UnicodeMath (Unicode Technical Note 28): `(a+b)/2`, `x²`, `x_(i+1)`, `√(2x)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from index.parsers.html.code_and_formulas import SUBSCRIPTS, SUPERSCRIPTS
from index.parsers.zip_package import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_ATOM: Final = re.compile(r"\d+(?:[.,]\d+)?|\w+|\(.*\)|√.")
_PROPERTIES: Final = {"ctrlPr", "rPr", "annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark"}
_DEEPEST: Final = 100  # levels of nested parts; deeper ones are written without structure


def formula_text(formula: _Element, depth: int = 0) -> str:
    """Return a formula, or a part of one, as text on one line."""
    if depth > _DEEPEST:
        return " ".join("".join(formula.itertext()).split())
    name = local_name(formula)
    if name in _PROPERTIES or (name.endswith("Pr") and len(name) > 2):
        return ""
    if name in {"t", "mi", "mn", "mo", "mtext", "ms"}:
        return (formula.text or "").strip() if name != "t" else (formula.text or "")
    parts = [(local_name(part), formula_text(part, depth + 1)) for part in formula]
    if name in _OMML:
        return _OMML[name](formula, dict(parts))
    if name in _REPEATING:
        return _REPEATING[name](formula, [text for part, text in parts if part in {"e", "mr"}])
    return _MATHML.get(name, "".join)([text for part, text in parts if part not in _PROPERTIES])


def _grouped(text: str) -> str:
    """Return a part in parentheses unless it is a number, a name or already in parentheses."""
    text = text.strip()
    return text if not text or _ATOM.fullmatch(text) else f"({text})"


def _fraction(above: str, below: str) -> str:
    return f"{_grouped(above)}/{_grouped(below)}"


def _raised(text: str) -> str:
    text = text.strip()
    if text and all(ord(char) in SUPERSCRIPTS for char in text):
        return text.translate(SUPERSCRIPTS)
    return f"^{_grouped(text)}" if text and text not in "′″*°" else text


def _lowered(text: str) -> str:
    text = text.strip()
    if text and all(ord(char) in SUBSCRIPTS for char in text):
        return text.translate(SUBSCRIPTS)
    return f"_{_grouped(text)}" if text else ""


def _base(text: str) -> str:
    """Return the base of an exponent or index; a sum gets parentheses."""
    return f"({text})" if re.search(r"\S\s*[-+−/]", text) and not _ATOM.fullmatch(text) else text


def _root(inner: str, degree: str = "") -> str:
    return f"{degree.translate(SUPERSCRIPTS)}√{_grouped(inner)}"


def _property(formula: _Element, name: str, default: str) -> str:
    """Return the value of a property of an OMML element, or `default` if it is not given."""
    for part in formula:
        if local_name(part).endswith("Pr"):
            for entry in part:
                if local_name(entry) == name:
                    return next((str(value) for value in entry.attrib.values()), "")
    return default


def _delimited(formula: _Element, parts: list[str]) -> str:
    inner = _property(formula, "sepChr", "|").join(parts)
    return f"{_property(formula, 'begChr', '(')}{inner}{_property(formula, 'endChr', ')')}"


def _operator(formula: _Element, parts: dict[str, str]) -> str:
    sign = _property(formula, "chr", "∫")
    return f"{sign}{_lowered(parts.get('sub', ''))}{_raised(parts.get('sup', ''))} {parts.get('e', '')}"


def _omml_fraction(formula: _Element, parts: dict[str, str]) -> str:
    if _property(formula, "type", "bar") == "noBar":  # a binomial coefficient, inside parentheses of its own
        return f"{parts.get('num', '')} over {parts.get('den', '')}"
    return _fraction(parts.get("num", ""), parts.get("den", ""))


def _scripts(_formula: _Element, parts: dict[str, str]) -> str:
    return f"{_base(parts.get('e', ''))}{_lowered(parts.get('sub', ''))}{_raised(parts.get('sup', ''))}"


def _before(_formula: _Element, parts: dict[str, str]) -> str:
    return f"{_lowered(parts.get('sub', ''))}{_raised(parts.get('sup', ''))}{parts.get('e', '')}"


_OMML: Final[dict[str, Callable[[_Element, dict[str, str]], str]]] = {
    "f": _omml_fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "sPre": _before,
    "rad": lambda _, parts: _root(parts.get("e", ""), parts.get("deg", "")),
    "nary": _operator,
    "limLow": lambda _, parts: f"{parts.get('e', '')}{_lowered(parts.get('lim', ''))}",
    "limUpp": lambda _, parts: f"{parts.get('e', '')}{_raised(parts.get('lim', ''))}",
    "func": lambda _, parts: f"{parts.get('fName', '')} {parts.get('e', '')}",
}

_REPEATING: Final[dict[str, Callable[[_Element, list[str]], str]]] = {  # elements with several parts of one name
    "d": _delimited,
    "m": lambda _, rows: "; ".join(rows),
    "mr": lambda _, cells: ", ".join(cells),
    "eqArr": lambda _, lines: "; ".join(line.replace("&", "") for line in lines),
}


def _at(parts: list[str], number: int) -> str:
    return parts[number] if number < len(parts) else ""


_MATHML: Final[dict[str, Callable[[list[str]], str]]] = {
    "mfrac": lambda parts: _fraction(_at(parts, 0), _at(parts, 1)),
    "msup": lambda parts: f"{_base(_at(parts, 0))}{_raised(_at(parts, 1))}",
    "mover": lambda parts: f"{_at(parts, 0)}{_raised(_at(parts, 1))}",
    "msub": lambda parts: f"{_base(_at(parts, 0))}{_lowered(_at(parts, 1))}",
    "munder": lambda parts: f"{_at(parts, 0)}{_lowered(_at(parts, 1))}",
    "msubsup": lambda parts: f"{_base(_at(parts, 0))}{_lowered(_at(parts, 1))}{_raised(_at(parts, 2))}",
    "munderover": lambda parts: f"{_at(parts, 0)}{_lowered(_at(parts, 1))}{_raised(_at(parts, 2))} ",
    "msqrt": lambda parts: _root("".join(parts)),
    "mroot": lambda parts: _root(_at(parts, 0), _at(parts, 1)),
    "mtr": lambda parts: f"{', '.join(parts)}; ",
    "mspace": lambda _: " ",
}
