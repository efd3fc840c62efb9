"""Text that reads on Discord exactly as it was written: which characters need a backslash, and how long it gets.

Discord shows a backslash as itself before letters, digits and white space, and drops it before anything
else; so a backslash is put before each character that could begin formatting, a mention, an emoji or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from index.models import Span
from qa.quoting.links import address_in

# Anywhere: formatting, code, spoilers, mentions and time stamps (<), block quotes, masked links ([), @everyone.
_INLINE: Final = re.compile(r"[\\*_~`|<>\[@]")
# A colon that begins a shortcode (:tada:) or makes a word and two slashes a link.
_COLON: Final = re.compile(r":(?=//|[^\s:]*:)")
# At the start of a line, after any white space: headings, small text, lists.
_LINE_BREAK: Final = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_LINE_START: Final = re.compile(rf"(?:\A|(?<=[{_LINE_BREAK}]))[^\S{_LINE_BREAK}]*(?:([#\-+])|\d+([.)]))")
_AT_START: Final = re.compile(rf"[^\S{_LINE_BREAK}]*(?:([#\-+])|\d+([.)]))")
# Percent-encoding keeps these; everything else could end the link or its angle brackets.
_URL_SAFE: Final = "!#$%&+,-./:;=?@_~"
_MAX_URL: Final = 400
# Characters that turn the direction of what follows, or show nothing, have no place in a line of our own.
_DIRECTION: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def units(text: str) -> int:
    """Return the length in UTF-16 code units, the longest way in which Discord may count characters."""
    return len(text) + sum(character > "\uffff" for character in text)


def risky(text: str, edges: Iterable[int] = ()) -> frozenset[int]:
    """Return the offsets of the characters of `text` that need a backslash when `text` begins a line.

    `edges` are the offsets where bold begins or ends: some clients take what follows for a new line.
    """
    found = {match.start() for pattern in (_INLINE, _COLON) for match in pattern.finditer(text)}
    starts = [*_LINE_START.finditer(text), *filter(None, (_AT_START.match(text, edge) for edge in edges))]
    found.update(match.start(match.lastindex or 0) for match in starts)
    return frozenset(found)


def escape(text: str) -> str:
    """Return Discord markdown that shows `text` as it is; line breaks stay line breaks."""
    offsets = risky(text)
    return "".join("\\" + character if at in offsets else character for at, character in enumerate(text))


def one_line(text: str) -> str:
    """Return `text` in one line, white space collapsed and without invisible direction marks; not for quotations."""
    return " ".join(_DIRECTION.sub("", text).split())


def bold_pieces(text: str, highlights: Sequence[Span]) -> list[Span]:
    """Return where bold begins and ends: highlights merged, kept inside their lines, white space trimmed off.

    Discord closes no bold over a line of a block quote, and some clients show none that begins with a space.
    """
    merged: list[Span] = []
    for span in sorted(highlights):
        start, end = max(span.start, 0), min(span.end, len(text))
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        elif start < end:
            merged.append(Span(start, end))
    pieces: list[Span] = []
    for span in merged:
        for line in re.finditer(r"[^\n]+", span.of(text)):
            words = line.group().strip()
            if words:
                start = span.start + line.start() + line.group().index(words)
                pieces.append(Span(start, start + len(words)))
    return pieces


def block_quote(text: str, highlights: Sequence[Span]) -> str:
    """Return `text` as a Discord block quote, letter for letter, with the highlights (offsets into it) in bold."""
    pieces = bold_pieces(text, highlights)
    edges = {piece.start for piece in pieces} | {piece.end for piece in pieces}
    offsets = risky(text, edges)
    out = ["> "]
    for at, character in enumerate(text):
        if at in edges:
            out.append("**")
        if at in offsets:
            out.append("\\")
        out.append("\n> " if character == "\n" else character)
    if len(text) in edges:
        out.append("**")
    return "".join(out)


def link(label: str, address: str) -> str | None:
    """Return a masked link without preview, or None where `address` is no usable web address.

    Of the addresses of several sources it is the first one.
    `label` is a fixed text of ours: brackets in a label break the link, and one that looks like an
    address is refused by Discord.
    """
    address = address_in(address)
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return None
    safe = quote(address, safe=_URL_SAFE)
    return f"[{label}](<{safe}>)" if len(safe) <= _MAX_URL else None
