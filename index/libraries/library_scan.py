"""Which libraries a data folder has, and whether their files have changed: by names and times alone (SQLite)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from index.libraries.catalog_file import CATALOG, is_library

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.catalog.catalogs import Stamp

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What a library may be called."""


def names_in(root: Path) -> list[str]:
    """Return the names of the libraries in a folder, sorted, with those whose catalogue was lost."""
    return [name for name in _candidates(root) if _has_catalog(root, name) or is_library(root / name)]


def stamps_in(root: Path) -> Iterator[tuple[str, Stamp]]:
    """Yield name and stamp of each library in a folder, by name; one that is deleted meanwhile may be left out."""
    for name in _candidates(root):
        stamp = stamp_of(root, name)
        if stamp[0] or is_library(root / name):
            yield name, stamp


def stamp_of(root: Path, name: str) -> Stamp:
    """Return the stamp of a library: it differs after every change, and may differ without one, too."""
    path = f"{root}/{name}/{CATALOG}"  # no `Path`: there may be ten thousand
    return _modified_ns(path), _modified_ns(f"{path}-wal")


def _candidates(root: Path) -> list[str]:
    """Return the names in a folder that a library may have, sorted."""
    try:
        return sorted(name for name in os.listdir(root) if NAME.fullmatch(name))  # noqa: PTH208 - as in `stamp_of`
    except (FileNotFoundError, NotADirectoryError):
        return []


def _has_catalog(root: Path, name: str) -> bool:
    try:
        os.stat(f"{root}/{name}/{CATALOG}")  # noqa: PTH116 - as in `stamp_of`
    except OSError:
        return False
    return True


def _modified_ns(path: str) -> int:
    """Return when a file was last modified, in nanoseconds; 0 if it is missing, or empty, as readers leave a log."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as in `stamp_of`
    except OSError:
        return 0
    return found.st_mtime_ns if found.st_size else 0
