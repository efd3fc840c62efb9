"""The dense index on Milvus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from index.indexes.milvus.views import HasViews, Searcher
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from index.indexes.milvus.collection import Found
    from index.indexes.milvus.library_index import LibraryIndex
    from index.indexes.position import CatalogPosition

_SPARE: Final = 1.2  # times what is wanted is fetched, and a few more: some may have been removed a moment ago
_SPARE_LEAST: Final = 10
_NEAR: Final = 1e-6  # of a stored number to the one that was sent


class MilvusVectorStore(HasViews):
    """A `VectorStore` in the entities of one library. Other processes may change them, too.

    What a search finds is looked up in the catalogue before it is returned; what was removed is left out, and others
    are found instead. Raises StorageError if Milvus or PostgreSQL is out of reach.
    """

    def __init__(self, index: LibraryIndex) -> None:
        super().__init__()
        self._index = index
        self._counted: tuple[int, int] | None = None  # the state of the tables, and the number of passages at it

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes both indexes have; None if that is not known."""
        return self._index.position

    @position.setter
    def position(self, position: CatalogPosition | None) -> None:
        self._index.position = position

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store rows; an existing id is replaced."""
        self._counted = None
        self._index.writer.wait_for_words(held, vectors)

    def fill(self, held: Fingerprints) -> None:
        """Store rows whose vectors the catalogue has, when their words come or the next search does."""
        self._counted = None
        self._index.writer.wait_for_words(held)

    def finish_building(self) -> None:
        """Store what waits."""
        self._index.writer.flush()

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids; unknown ones are ignored."""
        if len(ids):
            self._counted = None
            self._index.remove_entities(ids)

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and cosines of the rows nearest to a vector, best first."""
        found = self._search(vector, limit)
        is_short = len(found.ids) < limit and len(found.ids) < self._expected()
        if is_short and self._index.was_lost():
            found = self._search(vector, limit)
        return found.ids[:limit], found.scores[:limit].astype(np.float32)

    def _expected(self) -> int:
        """Return how many passages a search should find at least, as the tables have them."""
        return 0 if self._view.shown is not None else self._index.totals().passages - len(self._view.hidden)

    def _search(self, vector: np.ndarray, limit: int) -> Found:
        self.finish_building()
        entities = self._index.entities
        searcher = Searcher(
            entities,
            lambda wanted, restriction: entities.nearest(vector, wanted, restriction),
            self._index.are_current,
            self.__len__,
        )
        return searcher.find(self._view, limit, int(limit * _SPARE) + _SPARE_LEAST)

    def __len__(self) -> int:
        """Return the number of ids, which Milvus is asked for again if any process has changed something."""
        self.finish_building()
        changes = self._index.totals().changes
        if self._counted is None or self._counted[0] != changes:
            self._counted = changes, self._index.entities.count()
        return self._counted[1]

    def ids(self) -> np.ndarray:
        """Return every id."""
        return self.fingerprints().ids

    def fingerprints(self) -> Fingerprints:
        """Return every id with its digest."""
        self.finish_building()
        return self._index.entities.fingerprints()

    def holds(self, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Compare vectors with what Milvus has."""
        self.finish_building()
        found = dict(zip(*self._index.entities.vectors(ids), strict=True))
        missing = np.full(vectors.shape[1], np.nan, np.float32)
        stored = np.array([found.get(key, missing) for key in ids.tolist()], np.float32).reshape(vectors.shape)
        same: np.ndarray = np.all(np.abs(stored - vectors) <= _NEAR, axis=1)
        return same

    @property
    def memory(self) -> int:
        """The bytes of vectors in this process: none that stay."""
        return 0

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to write."""
        return self._index.writer.is_done

    def close(self) -> None:
        """Do nothing: no other thread is at work."""

    def save(self) -> None:
        """Store what waits."""
        self.finish_building()
