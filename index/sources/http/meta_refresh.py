"""Find the address to which a page sends its readers by `<meta http-equiv="refresh">`."""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import urljoin

_START: Final = 20_000  # bytes; the tag is in the head
_LONGEST: Final = 5  # seconds; a page that waits longer is there to be read
_META: Final = re.compile(r"(?i)<meta\s[^>]{0,2000}>")
_REFRESH: Final = re.compile(r"(?i)http-equiv\s*=\s*[\"']?refresh\b")
_CONTENT: Final = re.compile(r"(?i)content\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TARGET: Final = re.compile(r"(?i)\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'\s]+)")


def refresh_target(data: bytes, address: str) -> str | None:
    """Return the address that a page at `address` leads to within a few seconds, or None."""
    start = data[:_START].decode("latin-1")
    for meta in _META.findall(start):
        content = _CONTENT.search(meta)
        if not _REFRESH.search(meta) or content is None:
            continue
        target = _TARGET.match(html.unescape(content[1] or content[2] or ""))
        if target is None or int(target[1]) > _LONGEST:
            continue
        try:
            found = urljoin(address, target[2])
        except ValueError:
            continue
        return found if found.partition("#")[0] != address.partition("#")[0] else None
    return None
