"""The automatic numbers of Word's paragraphs (ECMA-376 part 1, 17.9): levels, formats, start values and restarts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from index.parsers.docx.word_styles import Styles
from index.parsers.docx.word_xml import W, is_on, value_of
from index.parsers.number_formats import formatted_number
from index.parsers.zip_package import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

_LEVELS: Final = 9
_PLACE: Final = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: its first number, format ("bullet" for bullets) and text, in which `%1` is a number.

    `restart` is the level, counted from 0, after whose paragraphs it starts again, or -1 if it never does.
    """

    start: int
    form: str
    text: str
    restart: int
    decimal: bool
    style: str


class Numbering:
    """Counts the numbered paragraphs of a file in text order."""

    def __init__(self, root: _Element | None, styles: Styles) -> None:
        found = list(root) if root is not None else []
        self._abstract = {e.get(f"{W}abstractNumId", ""): e for e in found if e.tag == f"{W}abstractNum"}
        self._lists = {e.get(f"{W}numId", ""): e for e in found if e.tag == f"{W}num"}
        self._styles = styles
        self._levels: dict[str, list[Level]] = {}
        self._counts: dict[str, list[int | None]] = {}  # of each definition: the last number of each level
        self._begun: set[str] = set()

    def level_of_style(self, number_id: str, style_id: str) -> int:
        """Return the level of a list that belongs to a paragraph style, 0 if none does."""
        levels = self._levels_of(number_id)
        return next((number for number, level in enumerate(levels) if level.style == style_id), 0)

    def marker(self, number_id: str, level: int) -> str:
        """Return the bullet ("-") or number of the next paragraph of a list; "" if it has neither."""
        levels = self._levels_of(number_id)
        if level >= len(levels):
            return ""
        counts = self._count(number_id, levels, level)
        own = levels[level]
        if own.form == "bullet":
            return "-" if own.text.strip() else ""
        if own.form == "none":
            return _PLACE.sub("", own.text).strip()

        def number(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            if at >= len(levels) or levels[at].form in {"bullet", "none"}:
                return ""
            current = counts[at]
            shown = levels[at].start if current is None else current
            return formatted_number(shown, "decimal" if own.decimal else levels[at].form)

        return " ".join(_PLACE.sub(number, own.text).split())

    def _count(self, number_id: str, levels: list[Level], level: int) -> list[int | None]:
        """Count a paragraph, and return the last number of each level."""
        counts = self._counts.setdefault(self._definition(number_id), [None] * _LEVELS)
        if number_id not in self._begun:
            self._begun.add(number_id)
            for override in self._lists[number_id].findall(f"{W}lvlOverride"):
                at = whole_number(override.get(f"{W}ilvl"), _LEVELS)
                if override.find(f"{W}startOverride") is not None and at < _LEVELS:
                    counts[at] = None
        before = counts[level]
        counts[level] = levels[level].start if before is None else before + 1
        for deeper in range(level + 1, len(levels)):
            if level <= levels[deeper].restart:
                counts[deeper] = None
        return counts

    def _definition(self, number_id: str) -> str:
        return value_of(self._lists[number_id].find(f"{W}abstractNumId"))

    def _levels_of(self, number_id: str) -> list[Level]:
        if number_id not in self._levels:
            self._levels[number_id] = self._read_levels(number_id) if number_id in self._lists else []
        return self._levels[number_id]

    def _read_levels(self, number_id: str) -> list[Level]:
        levels = {number: _level(e, number) for number, e in self._level_elements(self._definition(number_id), 0)}
        for override in self._lists[number_id].findall(f"{W}lvlOverride"):
            number = whole_number(override.get(f"{W}ilvl"), _LEVELS)
            replaced, start = override.find(f"{W}lvl"), override.find(f"{W}startOverride")
            if replaced is not None and number < _LEVELS:
                levels[number] = _level(replaced, number)
            if start is not None and number in levels:
                levels[number] = replace(levels[number], start=whole_number(value_of(start), 1))
        nothing = Level(1, "none", "", -1, decimal=False, style="")
        return [levels.get(number, nothing) for number in range(max(levels, default=-1) + 1)]

    def _level_elements(self, definition: str, depth: int) -> list[tuple[int, _Element]]:
        """Return the levels of a definition, which may name a list style that another list defines."""
        abstract = self._abstract.get(definition)
        if abstract is None or depth > 5:
            return []
        linked = value_of(abstract.find(f"{W}numStyleLink"))
        number_id = self._styles.style(linked).numbering[0] if linked else ""
        if number_id in self._lists:
            return self._level_elements(self._definition(number_id), depth + 1)
        found = ((whole_number(e.get(f"{W}ilvl"), _LEVELS), e) for e in abstract.findall(f"{W}lvl"))
        return [(number, element) for number, element in found if number < _LEVELS]


def _level(element: _Element, number: int) -> Level:
    form, start = element.find(f"{W}numFmt"), element.find(f"{W}start")
    return Level(
        whole_number(value_of(start), 0 if start is None else 1),
        value_of(form) or "decimal",
        value_of(element.find(f"{W}lvlText")),
        whole_number(value_of(element.find(f"{W}lvlRestart")), number) - 1,
        is_on(element.find(f"{W}isLgl")),
        value_of(element.find(f"{W}pStyle")),
    )
