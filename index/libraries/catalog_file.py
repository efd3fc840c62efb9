"""Opens the catalogue of a library's folder, and tells a library that is new from one whose catalogue was lost.

A library whose catalogue was created but never written to, as by a process that was killed, is new. The indexes are
created after the first article was committed: a folder that has them without a catalogue has lost its articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.catalog.engine import is_lost
from index.catalog.history import Retention
from index.catalog.sqlite_file import SqliteFile
from index.catalog.store import Catalog
from index.indexes.open_indexes import OpenIndexes

if TYPE_CHECKING:
    from pathlib import Path

CATALOG: Final = "catalog.db"
"""The name of the file in the folder of a library."""


def is_library(folder: Path) -> bool:
    """Whether a folder has a catalogue, or the indexes of one that was lost."""
    path = folder / CATALOG
    return path.exists() or OpenIndexes.exist(folder) or is_lost(path, may_be_new=True)


def open_catalog(folder: Path, keep: Retention = Retention(), *, read_only: bool = False) -> Catalog:  # noqa: B008 - frozen
    """Open the catalogue of a library, which is created if the library is new. Raises StorageError as `Catalog` does.

    Raises DamagedError if the catalogue was lost; nothing is created then.
    """
    may_be_new = not OpenIndexes.exist(folder)
    return Catalog(SqliteFile(folder / CATALOG, read_only=read_only, may_be_new=may_be_new), keep)
