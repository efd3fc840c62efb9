"""Opens the indexes of libraries on a Milvus server."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from index.indexes.following import CatalogFollower, lexical_row
from index.indexes.milvus.collection import LibraryEntities
from index.indexes.milvus.entities import EntityWriter
from index.indexes.milvus.lexical_index import MilvusLexicalIndex
from index.indexes.milvus.library_index import LibraryIndex
from index.indexes.milvus.schema import collection_name
from index.indexes.milvus.server import MilvusServer, MilvusTimeouts
from index.indexes.milvus.state import IndexState, home, serialised
from index.indexes.milvus.vector_store import MilvusVectorStore
from index.indexes.stores import IndexPair

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from index.catalog.store import Catalog
    from index.indexes.index_version import IndexVersion


class MilvusStores:
    """`IndexStores` of a Milvus server, for catalogues in PostgreSQL. May be used on any thread.

    `engine` is that of the process, for no library in particular; the role is the bot's.
    """

    def __init__(
        self,
        engine: sa.Engine,
        url: str,
        token: str | None = None,
        timeouts: MilvusTimeouts = MilvusTimeouts(),  # noqa: B008 - frozen
    ) -> None:
        """Remember where the server is; it is asked when a library is first opened."""
        self._engine = engine
        self._server = MilvusServer(url, token, timeouts)
        self._server.serialised = partial(serialised, engine)
        self._lock = threading.Lock()
        self._home: str | None = None

    def open(self, folder: Path, index_version: IndexVersion, catalog: Catalog) -> IndexPair:
        """Open the indexes of a library; what it has in the collection of another index version is removed."""
        del folder
        name = collection_name(self._database(), index_version.digest)
        index = self.library_index(catalog, name, index_version.dimension)
        if any(other != name for other in index.state.collections()):
            self._remove_others(index, name, index_version.dimension)
        follower = CatalogFollower(catalog, index_version)
        index.writer.read_rows = lambda ids: map(lexical_row, catalog.passages(ids))
        dense, lexical = MilvusVectorStore(index), MilvusLexicalIndex(index)
        index.entities.on_lost = index.distrust
        index.heal = partial(follower.bring_up_to_date, dense, lexical)
        return IndexPair(dense, lexical)

    def delete(self, folder: Path, catalog: Catalog) -> None:
        """Remove what a library has in Milvus and in the tables of the indexes."""
        del folder
        for name in IndexState(catalog.engine, "").collections():
            self.library_index(catalog, name, 1).entities.remove_all()
        IndexState(catalog.engine, "").clear()

    def ping(self) -> None:
        """Ask the server for its version. Raises StorageError if it is out of reach."""
        self._server.call("get_server_version")

    def close(self) -> None:
        """Close the connection to Milvus."""
        self._server.close()

    def _database(self) -> str:
        with self._lock:
            if self._home is None:
                self._home = home(self._engine)
            return self._home

    def library_index(self, catalog: Catalog, name: str, dimension: int) -> LibraryIndex:
        """Return what both indexes of a library share, in the collection with a name."""
        state = IndexState(catalog.engine, name)
        entities = LibraryEntities(self._server, name, state.library_id, dimension)
        entities.is_settled = lambda: state.is_settled
        read = partial(catalog.vectors, dimension=dimension)
        writer = EntityWriter(entities, state, read, lambda _: ())
        return LibraryIndex(entities, state, writer, catalog)

    def _remove_others(self, index: LibraryIndex, name: str, dimension: int) -> None:
        """Remove what a library has of other index versions, whose vectors cannot be compared with these."""
        for other in index.state.collections():
            if other != name:
                LibraryEntities(self._server, other, index.state.library_id, dimension).remove_all()
        index.state.clear()
