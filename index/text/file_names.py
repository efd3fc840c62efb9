"""Make file names safe to store and show, and turn them into titles."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

UNTITLED: Final = "Untitled"


def printable_path(name: str) -> str:
    """Return a file name that can be encoded as UTF-8; bytes that are not UTF-8 become backslash escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def safe_member_name(path: str) -> str | None:
    """Return the relative path of an archive member without `..`, drive and control characters, or None if hidden."""
    parts = [part for part in re.split(r"[\\/]+", path) if part not in {"", ".", ".."}]
    if not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return None
    name = "/".join(parts).encode("utf-8", "backslashreplace").decode()
    return re.sub(r"[\x00-\x1f\x7f]", "", re.sub(r"^[a-zA-Z]:/?", "", name)) or None


def title_from_name(source: str) -> str:
    """Return a readable title made from a file name or address: `server-rules.md` gives "Server rules"."""
    stem = re.sub(r"\.tar$", "", Path(source.rstrip("/")).stem) or source
    words = " ".join(re.sub(r"[-_\s]+", " ", stem).split())
    return (words[:1].upper() + words[1:]) or UNTITLED
