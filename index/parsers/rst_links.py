"""The links of a reStructuredText: with their address, or with a target elsewhere in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from index.models import Link, Section, Span
from index.text.blocks import trim
from index.text.link_addresses import bounded, link_address

_LITERAL: Final = re.compile(r"``(?:[^`]|`(?!`))++``")
_QUOTED: Final = re.compile(r"(?<![\w:`])`(?P<words>[^`<>]*+)(?:<(?P<address>[^`<>]++)>)?`(?P<mark>__?)(?![\w`])")
_SIMPLE: Final = re.compile(r"(?<![\w`:.+-])(?P<words>[^\W_]++(?:[.:+_-][^\W_]++)*+)(?P<mark>__?)(?![\w`])")
_TARGET: Final = re.compile(
    r"^[ ]*+\.\.[ ]++_(?!_)(?:`(?P<quoted>[^`\n]++)`|(?P<plain>(?:\\.|[^:\\\n`])++)):[ ]++(?P<address>\S.*+)$",
    re.MULTILINE,
)
_ANONYMOUS: Final = re.compile(r"^[ ]*+(?:\.\.[ ]++)?__:?[ ]++(?P<address>\S++)[ ]*+$", re.MULTILINE)
_MOST_ALIASES: Final = 5  # a target that names another one, and so on


def rst_links(text: str, sections: Sequence[Section], base: str = "") -> tuple[Link, ...]:
    """Return the links in the sections of a text; `base` is as in `link_address`.

    The span of a link is that of its words, without the backquotes, the address and the underscore behind them; a link
    without words has that of its address.
    """
    if "_" not in text:
        return ()
    targets = {_name(found["quoted"] or found["plain"]): found["address"].strip() for found in _TARGET.finditer(text)}
    embedded = (found for found in _QUOTED.finditer(text) if found["address"] and found["mark"] == "_")
    targets |= {_name(found["words"]): found["address"].strip() for found in embedded if found["words"].strip()}
    anonymous = iter([found["address"] for found in _ANONYMOUS.finditer(text)])
    links: list[Link] = []
    for section in sections:
        for words, written, is_anonymous in _written(text, section):
            href = written or (next(anonymous, "") if is_anonymous else _resolved(words.of(text), targets))
            if address := link_address("".join(href.split()), base):
                links.append(Link(words.start, words.end, address))
    return bounded(links)


def _written(text: str, section: Section) -> Iterator[tuple[Span, str, bool]]:
    """Yield the words of each link of a section, its own address or "", and whether its target has no name."""
    literals = [match.span() for match in _LITERAL.finditer(text, section.start, section.end)]
    matches = [
        *_QUOTED.finditer(text, section.start, section.end),
        *_SIMPLE.finditer(text, section.start, section.end),
    ]
    at = 0
    for match in sorted(matches, key=lambda match: match.start()):
        while at < len(literals) and literals[at][1] <= match.start():
            at += 1
        if at < len(literals) and literals[at][0] < match.end():
            continue
        groups = match.groupdict()
        words = trim(text, *match.span("words"))
        address = groups.get("address") or ""
        if words.start == words.end and address:
            words = trim(text, *match.span("address"))
        yield words, _without_escapes(address), groups["mark"] == "__" and not address


def _resolved(words: str, targets: dict[str, str]) -> str:
    """Return the address of the target that words name, "" if there is none."""
    name = _name(words)
    for _ in range(_MOST_ALIASES):
        address = targets.get(name, "")
        if not address.endswith("_") or "://" in address:
            return _without_escapes(address)
        name = _name(address[:-1].strip("`"))
    return ""


def _name(words: str) -> str:
    return " ".join(words.replace("\\", "").split()).casefold()


def _without_escapes(address: str) -> str:
    return address.replace("\\", "")
