"""File names and paths as they are shown and stored: never raw bytes, never a way out of a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

UNTITLED: Final = "Untitled"


def printable(name: str) -> str:
    """Return a file name in which bytes that are no UTF-8 are written out, so that it can be stored and sent."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def plain_name(given: str) -> str | None:
    """Return a member's name as it may be shown, without what would lead elsewhere; None for hidden files."""
    parts = [part for part in re.split(r"[\\/]+", given) if part not in {"", ".", ".."}]
    if not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return None
    name = "/".join(parts).encode("utf-8", "backslashreplace").decode()
    return re.sub(r"[\x00-\x1f\x7f]", "", re.sub(r"^[a-zA-Z]:/?", "", name)) or None


def title_from_name(source: str) -> str:
    """Return a readable title from a file name or address: `server-rules.md` is "Server rules"."""
    stem = re.sub(r"\.tar$", "", Path(source.rstrip("/")).stem) or source
    words = " ".join(re.sub(r"[-_\s]+", " ", stem).split())
    return (words[:1].upper() + words[1:]) or UNTITLED
