"""The catalogues of a data folder: an SQLite file for each library."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from index.catalog.history import Retention
from index.catalog.snapshots import delete_copies_before_migrations
from index.durable_files import make_folder
from index.libraries.catalog_file import CATALOG, is_library, open_catalog
from index.libraries.library_scan import names_in, stamp_of, stamps_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.catalog.catalogs import Stamp
    from index.catalog.store import Catalog


class FileCatalogs:
    """The libraries in the folders below `root`: `Catalogs` with SQLite."""

    erases_at_once = True

    def __init__(self, root: Path) -> None:
        self._root = root

    def exists(self, name: str) -> bool:
        """Whether a folder has a catalogue, or the indexes of one that was lost.

        A question asks this several times of a shared library that was never used. Path objects would intern its name
        each time, for which Python replaces its table of names, megabytes, again and again: memory is fragmented then.
        """
        return os.path.isdir(os.path.join(self._root, name)) and is_library(self._root / name)  # noqa: PTH112, PTH118

    def names(self) -> list[str]:
        """Return the names of the libraries, sorted, with those whose catalogue was lost."""
        return names_in(self._root)

    def stamp(self, name: str) -> Stamp:
        """Return when the file of a library and its log were modified; nothing is opened."""
        return stamp_of(self._root, name)

    def stamps(self) -> Iterator[tuple[str, Stamp]]:
        """Yield name and stamp of each library, by name; none is opened."""
        return stamps_in(self._root)

    def open(self, name: str, keep: Retention = Retention(), *, read_only: bool = False) -> Catalog:  # noqa: B008 - frozen
        """Open the file of a library, which is created, with its folder, if it is missing, unless `read_only`.

        Raises DamagedError if the catalogue was lost; nothing is created then.
        """
        folder = self._root / name
        if not read_only:
            make_folder(folder)
        return open_catalog(folder, keep, read_only=read_only)

    def delete_copies(self, name: str) -> None:
        """Delete the copies of the file from before migrations."""
        delete_copies_before_migrations(self._root / name / CATALOG)
