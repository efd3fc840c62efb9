"""What differs between the engines that hold catalogues: how they are listed, opened, checked and purged.

The statements are the same for all (`index.catalog.queries`, `index.catalog.store`). SQLite has a file for each library
(`index.libraries.catalog_files`), PostgreSQL rows with the library's id (`index.catalog.postgres.catalogs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from index.catalog.history import Retention

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from index.catalog.store import Catalog

Stamp = tuple[int, int]
"""A mark of a library's state that differs after every change, and may differ without one, too.

For a file: when it and its write-ahead log were modified, in nanoseconds; 0 for one that is missing or empty. On
PostgreSQL: a random number of the library, and how many write transactions have changed it.
"""


class CatalogStorage(Protocol):
    """Where one catalogue is stored. Write transactions of `engine` exclude each other (`write_transaction`)."""

    @property
    def engine(self) -> sa.Engine:
        """The engine whose connections see this catalogue alone."""

    def integrity_errors(self) -> list[str]:
        """Run the engine's own checks; return what they report, nothing if all is well."""

    def forget_deleted(self) -> None:
        """Let nothing remain of deleted rows, as far as the engine can do that at once (`Catalogs.erases_at_once`)."""

    def close(self) -> None:
        """Close what is open for this catalogue alone."""


class Catalogs(Protocol):
    """The catalogues of all libraries, by the libraries' names. Every method raises StorageError."""

    @property
    def erases_at_once(self) -> bool:
        """Whether nothing is left of what was purged when `Catalog.remove` returns.

        PostgreSQL keeps deleted rows in its files, where no statement sees them, until VACUUM has run.
        """

    def exists(self, name: str) -> bool:
        """Whether anything was ever stored in a library, also if it was lost since."""

    def names(self) -> list[str]:
        """Return the names of the existing libraries, sorted."""

    def stamp(self, name: str) -> Stamp:
        """Return the stamp of a library."""

    def stamps(self) -> Iterator[tuple[str, Stamp]]:
        """Yield name and stamp of each library, by name; one that is deleted meanwhile may be left out."""

    def open(self, name: str, keep: Retention = Retention(), *, read_only: bool = False) -> Catalog:  # noqa: B008 - frozen
        """Open the catalogue of a library, which is created if it is missing, unless `read_only`."""

    def delete_copies(self, name: str) -> None:
        """Delete the copies of a catalogue that the program itself made, as before a migration."""
