"""Where the indexes of libraries are kept: in files beside the catalogue, or in a vector store that processes share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from index.durable_files import make_folder
from index.indexes.background_saving import SAVER
from index.indexes.faiss_store import FaissStore
from index.indexes.lexical_sqlite import SqliteLexicalIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.catalog.store import Catalog
    from index.indexes.index_version import IndexVersion
    from index.indexes.lexical import LexicalIndex
    from index.indexes.vectors import VectorStore


class IndexPair(NamedTuple):
    """The two indexes of a library."""

    dense: VectorStore
    lexical: LexicalIndex


class IndexStores(Protocol):
    """Opens the two indexes of a library. One object serves all libraries of a process."""

    def open(self, folder: Path, index_version: IndexVersion, catalog: Catalog) -> IndexPair:
        """Open the indexes of a library; those of another index version are emptied.

        `folder` is the library's own in the data folder. Raises StorageError.
        """
        ...

    def delete(self, folder: Path, catalog: Catalog) -> None:
        """Delete what is stored for a library, whose indexes have been closed, so that they are filled again."""
        ...

    def close(self) -> None:
        """End connections; what was opened is to be closed before."""
        ...


class EmbeddedStores:
    """FAISS and SQLite, in files in the library's folder."""

    def open(self, folder: Path, index_version: IndexVersion, catalog: Catalog) -> IndexPair:
        """Open the files."""
        make_folder(folder)  # it is new where the catalogue is elsewhere
        SAVER.wait(folder)  # they may have been closed a moment ago
        read = partial(catalog.vectors, dimension=index_version.dimension)
        dense = FaissStore(folder, index_version.digest, index_version.dimension, read)
        return IndexPair(dense, SqliteLexicalIndex(folder / "lexical.db", index_version.digest))

    def exist(self, folder: Path) -> bool:
        """Whether the folder of a library has files of indexes, which shows that it once had articles."""
        return any(_files(folder))

    def delete(self, folder: Path, catalog: Catalog) -> None:
        """Delete the files."""
        del catalog
        SAVER.wait(folder)
        for path in list(_files(folder)):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Do nothing."""


EMBEDDED: Final = EmbeddedStores()
"""Indexes in files, the default."""


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of the indexes in a folder."""
    return (path for pattern in ("lexical.db*", "vectors-*.faiss*") for path in folder.glob(pattern))
