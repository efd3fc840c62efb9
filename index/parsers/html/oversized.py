"""Shorten parts of a page that libxml2 refuses to read, such as pictures of many megabytes in data addresses."""

from __future__ import annotations

import re
from typing import Final

_MAX_BYTES: Final = 9_000_000  # of a page that is read as it is: libxml2 ends a page where a part has 10 million bytes
_MAX_PART: Final = 1_000_000  # code points
_PART: Final = re.compile(
    r"(?i)(?P<comment><!--)|<(?:(?P<script>script)|(?P<style>style))(?:\s[^<>]{0,2000})?>"
    r"|=[ \t\n\f\r]*+(?:(?P<double>\")|(?P<single>'))|(?P<address>data:)"
)
_ENDS: Final = {
    "comment": re.compile(r"-->"),
    "script": re.compile(r"(?i)</script"),
    "style": re.compile(r"(?i)</style"),
    "double": re.compile(r"\""),
    "single": re.compile(r"'"),
    "address": re.compile(r"[\s\"'<>()]|\Z"),
}


def shorten_oversized(text: str) -> str:
    """Return a page without the content of very long comments, scripts, styles, attributes and data addresses.

    Nothing of them is shown as text. A page of less than 9 MB is returned unchanged.
    """
    if len(text) < _MAX_BYTES // 4 or len(text.encode("utf-8", "replace")) < _MAX_BYTES:
        return text
    kept: list[str] = []
    copied = at = 0
    unclosed: set[str] = set()  # kinds of which no further end follows
    while part := _PART.search(text, at):
        kind, at = str(part.lastgroup), part.end()
        end = None if kind in unclosed else _ENDS[kind].search(text, at)
        if end is None:
            unclosed.add(kind)
        elif kind not in {"double", "single"} or text.find("<", at, end.start()) < 0:  # else it is no attribute
            if end.start() - at > _MAX_PART:
                kept.append(text[copied:at])
                copied = end.start()
            at = end.start()
    return "".join(kept) + text[copied:]
