"""The dense index: passage ids to unit vectors. A cache of the catalogue, kept in memory and saved to one file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


class VectorStore(Protocol):
    """Nearest passages by cosine similarity (-1 to 1, higher is better). Not thread-safe."""

    def put(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Store (n, d) float32 unit rows under (n,) int64 ids; an id that is there already is replaced."""
        ...

    def remove(self, ids: np.ndarray) -> None:
        """Forget (n,) int64 ids; unknown ones are ignored."""
        ...

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and cosines of the nearest at most `limit` rows, best first, to a (d,) unit vector."""
        ...

    def ids(self) -> np.ndarray:
        """Return every stored id, in no order."""
        ...

    def stored(self, ids: np.ndarray) -> np.ndarray:
        """Return the (n, d) vectors stored under `ids`; raises KeyError for one that is not there."""
        ...

    def close(self) -> None:
        """Save what is not saved yet, and let go of memory."""
        ...


class FaissStore:
    """Exact search by FAISS. The file name carries the epoch, so another epoch's file is never opened.

    A file that cannot be read is set aside as nothing: the library fills the store again.
    """

    def __init__(self, folder: Path, epoch: str, dimension: int) -> None:
        import faiss  # imported late: light commands do without it

        self._faiss = faiss
        self._path = folder / f"vectors-{epoch}.faiss"
        self._dimension = dimension
        for stale in folder.glob("vectors-*.faiss*"):
            if stale != self._path:
                stale.unlink(missing_ok=True)
        self._index = self._load()
        self._saved = True

    def put(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Store rows; an id that is there is replaced."""
        if len(ids):
            self.remove(ids)  # FAISS would keep both rows of a repeated id
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids.astype(np.int64))
            self._saved = False

    def remove(self, ids: np.ndarray) -> None:
        """Forget ids."""
        if len(ids) and self._index.ntotal:
            gone = self._index.remove_ids(ids.astype(np.int64))
            self._saved = self._saved and not gone

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Compare with every row: exact."""
        scores, ids = self._index.search(vector.reshape(1, -1), max(1, min(limit, self._index.ntotal)))
        found = ids[0] >= 0  # FAISS pads short results with -1
        return ids[0][found], scores[0][found]

    def ids(self) -> np.ndarray:
        """Return every id."""
        ids: np.ndarray = self._faiss.vector_to_array(self._index.id_map)
        return ids

    def stored(self, ids: np.ndarray) -> np.ndarray:
        """Return rows; raises KeyError for an unknown id."""
        held = self.ids()
        order = np.argsort(held)
        places = np.searchsorted(held, ids, sorter=order)
        rows = order[np.minimum(places, len(held) - 1)] if len(held) else np.empty(0, np.int64)
        if not np.array_equal(held[rows], ids):
            raise KeyError("not every id is stored")
        everything = self._faiss.rev_swig_ptr(self._flat().get_xb(), self._index.ntotal * self._dimension)
        matrix: np.ndarray = everything.reshape(-1, self._dimension)[rows]
        return matrix

    def close(self) -> None:
        """Save by replacing the file whole."""
        if not self._saved:
            temporary = self._path.with_suffix(f".faiss.{os.getpid()}")
            self._faiss.write_index(self._index, str(temporary))
            temporary.replace(self._path)
            self._saved = True

    def _load(self) -> Any:
        if self._path.exists():
            try:
                index = self._faiss.read_index(str(self._path))
                if index.d == self._dimension and isinstance(index, self._faiss.IndexIDMap):
                    return index
            except RuntimeError:
                self._path.unlink(missing_ok=True)
        return self._faiss.IndexIDMap(self._faiss.IndexFlatIP(self._dimension))

    def _flat(self) -> Any:
        return self._faiss.downcast_index(self._index.index)
