"""The spellings of identifiers: whether a text names one, or another in its place."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from index.text.analyzer import index_terms
from qa.retrieval.calendar_terms import covers
from qa.retrieval.identifiers import ORDINAL_WORDS, VERSION_WORD, Found, Identifier, identifiers, locate

_LATER: Final = re.compile(r"(?:\+|,? (?:and|or) (?:later|newer|higher|above|up|upwards|greater))", re.IGNORECASE)
_AT_LEAST: Final = re.compile(
    r"(?:>=|\u2265|\b(?:at least|minimum(?: of)?|or later than))\s*+(?:\w++ )?v?\Z", re.IGNORECASE
)


def names(text: str, identifier: Identifier) -> bool:
    """Whether a text names an identifier in any spelling, or a range of a text covers it."""
    kind, key = identifier.kind, identifier.key
    if kind in {"weekday", "month", "year"}:
        return identifier in identifiers(text) or covers(text, kind, key)
    if _pattern(identifier).search(text):
        return True
    return kind == "version" and any(
        _parts(found.identifier.key) <= _parts(key) and _is_least(text, found)
        for found in locate(text)
        if found.identifier.kind == "version"
    )


def written(text: str, identifier: Identifier, *, with_name: bool = False) -> str | None:
    """Return how a text first spells an identifier, on request with a name before it, or None if it does not."""
    if identifier.kind in {"weekday", "month", "year"}:
        return next((text[one.start : one.end] for one in locate(text) if one.identifier == identifier), None)
    found = _pattern(identifier).search(text)
    if not found:
        return None
    name = re.search(r"\b[A-Z]\w+ \Z", text[: found.start()]) if with_name else None
    return (name[0] if name else "") + found[0]


def names_another(text: str, identifier: Identifier, asked: frozenset[Identifier]) -> bool:
    """Whether a text names a rival of an identifier that is none of those asked for, and not the identifier itself."""
    rivals = {one for one in identifiers(text) if identifier.is_rival_of(one)} - asked
    if identifier.kind == "year":  # other years are named for many reasons, but "in 2015" is a time like "in 2019"
        rivals = {one for one in rivals if re.search(rf"\bin (?:the year )?{one.key}\b", text, re.IGNORECASE)}
    return bool(rivals) and not names(text, identifier)


def spellings(identifier: Identifier) -> list[str]:
    """Return what the lexical index may contain for an identifier: terms, and adjacent terms joined by spaces."""
    kind, key = identifier.kind, identifier.key
    if kind == "code":
        groups = re.findall(r"[a-z]+|\d+", key)
        written = [key, " ".join(groups), "-".join(groups)]
    elif kind == "version":
        written = (
            [f"{v}{key}{zero}" for v in ("", "v") for zero in ("", ".0")] if "." in key else [f"v{key}", f"v {key}"]
        )
        written += [] if "." in key else [f"version {key}", f"release {key}", f"{key}.0"]
    elif kind == "ordinal":
        written = [_numeral(int(key)), *(word for word, number in ORDINAL_WORDS.items() if str(number) == key)]
    elif kind in {"weekday", "month"}:
        written = [key, key[:3], key[:4]]
    else:
        written = [key]
    return list(dict.fromkeys(" ".join(index_terms(one)) for one in written))


def _is_least(text: str, found: Found) -> bool:
    """Whether later versions are meant too: "2.0 or later", ">= 2.0"."""
    return bool(_LATER.match(text, found.end) or _AT_LEAST.search(text, 0, found.start))


@lru_cache(maxsize=256)
def _pattern(identifier: Identifier) -> re.Pattern[str]:
    kind, key = identifier.kind, identifier.key
    if kind == "code":
        middle = "[-_ ./]?".join(re.findall(r"[a-z]+|\d+", key))
        return re.compile(rf"(?<![^\W_]){middle}(?![^\W_])", re.IGNORECASE)
    if kind == "version":
        parts = key.split(".")
        series = r"(?:\.[\dx*]+)*" if len(parts) == 1 else r"(?:\.(?:0|x|\*))*(?!\d|\.\d)"
        lead = rf"(?<!\w){VERSION_WORD} ?|(?<![\w.,])(?={key}\.)" if len(parts) == 1 else r"(?<![\d.,])"
        wild = "".join(rf"|(?<![\d.]){re.escape('.'.join(parts[:n]))}\.[x*]" for n in range(1, len(parts)))
        return re.compile(rf"(?:{lead}){re.escape(key)}{series}{wild}", re.IGNORECASE)
    if kind == "ordinal":
        words = [re.escape(word) for word, number in ORDINAL_WORDS.items() if str(number) == key]
        return re.compile("|".join([rf"(?<!\d){_numeral(int(key))}", *(rf"\b{word}" for word in words)]), re.IGNORECASE)
    if kind == "numbered name":
        return re.compile(rf"\b{key.replace(' ', '[- ]?')}(?!\d)", re.IGNORECASE)
    return re.compile(rf"(?<![\w.,]){re.escape(key)}(?!\w)", re.IGNORECASE)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _numeral(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"
