"""Escapes text so that Discord shows it exactly as written.

Discord shows a backslash before letters, digits and white space, and hides it before anything else. So a backslash is
put before each character that could start formatting, a mention, an emoji or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from index.models import Span
from index.text.display_names import display_line
from index.text.link_addresses import link_address
from qa.quoting.links import address_in

# Anywhere: formatting, code, spoilers, mentions and time stamps (<), block quotes, masked links ([), @everyone.
_INLINE: Final = re.compile(r"[\\*_~`|<>\[@]")
# A colon that begins a shortcode (:tada:) or makes a word and two slashes a link.
_COLON: Final = re.compile(r":(?=//|[^\s:]*:)")
# At the start of a line, after any white space: headings, small text, lists.
_LINE_BREAK: Final = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_LINE_START: Final = re.compile(rf"(?:\A|(?<=[{_LINE_BREAK}]))[^\S{_LINE_BREAK}]*(?:([#\-+])|\d+([.)]))")
_AT_START: Final = re.compile(rf"[^\S{_LINE_BREAK}]*(?:([#\-+])|\d+([.)]))")
# Not percent-encoded; all other characters could end the link or its angle brackets.
_URL_SAFE: Final = "!#$%&+,-./:;=?@_~"
_MAX_URL: Final = 400
_MAX_SHOWN_URL: Final = 120


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, which is the strictest way to count for Discord's limits."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape_offsets(text: str, edges: Iterable[int] = ()) -> frozenset[int]:
    """Return the offsets of the characters that need a backslash, if `text` starts a line.

    `edges` are the offsets where bold starts or ends: some clients treat the text after them as a new line.
    """
    found = {match.start() for pattern in (_INLINE, _COLON) for match in pattern.finditer(text)}
    starts = [*_LINE_START.finditer(text), *filter(None, (_AT_START.match(text, edge) for edge in edges))]
    found.update(match.start(match.lastindex or 0) for match in starts)
    return frozenset(found)


def escape(text: str) -> str:
    """Return Discord markdown that shows `text` unchanged; line breaks are kept."""
    offsets = escape_offsets(text)
    return "".join("\\" + character if at in offsets else character for at, character in enumerate(text))


def bold_spans(text: str, highlights: Sequence[Span]) -> list[Span]:
    """Return the spans to show in bold: highlights merged, split at line breaks, and stripped of white space.

    Bold cannot continue over lines of a block quote, and some clients do not show bold that starts with a space.
    """
    merged: list[Span] = []
    for span in sorted(highlights):
        start, end = max(span.start, 0), min(span.end, len(text))
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        elif start < end:
            merged.append(Span(start, end))
    spans: list[Span] = []
    for span in merged:
        for line in re.finditer(r"[^\n]+", span.of(text)):
            words = line.group().strip()
            if words:
                start = span.start + line.start() + line.group().index(words)
                spans.append(Span(start, start + len(words)))
    return spans


def block_quote(text: str, highlights: Sequence[Span]) -> str:
    """Return `text`, letter for letter, as a Discord block quote with the highlights (offsets into it) in bold."""
    spans = bold_spans(text, highlights)
    edges = {span.start for span in spans} | {span.end for span in spans}
    offsets = escape_offsets(text, edges)
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
    """Return a masked link without preview to the first address in `address`; None if that is no usable web address.

    `label` is Discord markdown: a fixed text of the bot, or an escaped one without brackets, which break the link, and
    without anything that looks like an address, which Discord rejects and which could name another host.
    """
    address = link_address(address_in(address).strip()) or ""
    if not address:
        return None
    safe = quote(address, safe=_URL_SAFE)
    return f"[{label}](<{safe}>)" if len(safe) <= _MAX_URL else None


def small_type(text: str) -> str:
    """Return Discord markdown that shows `text` unchanged in small type, line by line; empty lines are left out."""
    return "\n".join(f"-# {escape(line.strip())}" for line in text.split("\n") if line.strip())


def shown_address(address: str, label: str) -> str:
    """Return a link without preview that shows its own address, so that nobody can be led to another one.

    A long web address is shown as its host, with `label`, a fixed text of the bot, as the link. A mail address is text.
    """
    parts = urlsplit(address)
    if parts.scheme == "mailto":
        return escape(display_line(parts.path)[:_MAX_SHOWN_URL])
    safe = quote(address, safe=_URL_SAFE.replace("@", ""))
    if len(safe) <= _MAX_SHOWN_URL:
        return f"<{safe}>"
    host, masked = escape(display_line(parts.netloc)[:_MAX_SHOWN_URL]), link(label, safe)
    return f"{host} ({masked})" if masked else host
