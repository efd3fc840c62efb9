"""The dense index: unit vectors by passage id. A cache of the catalogue, held in memory and saved to one file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


class VectorStore(Protocol):
    """Nearest neighbours by cosine similarity (-1 to 1, higher is better). Not thread-safe."""

    def put(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Store (n, d) float32 unit rows under (n,) int64 ids; an existing id is replaced."""
        ...

    def remove(self, ids: np.ndarray) -> None:
        """Remove (n,) int64 ids; unknown ones are ignored."""
        ...

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and cosines of at most `limit` rows nearest to a (d,) unit vector, best first."""
        ...

    def ids(self) -> np.ndarray:
        """Return every stored id, in no particular order."""
        ...

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """Return the (n, d) vectors stored under `ids`. Raises KeyError for an unknown id."""
        ...

    def close(self) -> None:
        """Save unsaved changes and release memory."""
        ...


class FaissStore:
    """Exact (brute-force) search with FAISS (Douze et al. 2024).

    The file's name contains the index version, so that a file of another version is never opened. A file that cannot
    be read is deleted, and the library fills the store again.
    """

    def __init__(self, folder: Path, index_version: str, dimension: int) -> None:
        import faiss  # imported late: light commands never need it

        self._faiss = faiss
        self._path = folder / f"vectors-{index_version}.faiss"
        self._dimension = dimension
        for stale in folder.glob("vectors-*.faiss*"):
            if stale != self._path:
                stale.unlink(missing_ok=True)
        self._index = self._load()
        self._saved = True

    def put(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Store rows; an existing id is replaced."""
        if len(ids):
            self.remove(ids)  # FAISS would keep both rows of a repeated id
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids.astype(np.int64))
            self._saved = False

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids."""
        if len(ids) and self._index.ntotal:
            gone = self._index.remove_ids(ids.astype(np.int64))
            self._saved = self._saved and not gone

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Compare a vector with every row."""
        scores, ids = self._index.search(vector.reshape(1, -1), max(1, min(limit, self._index.ntotal)))
        found = ids[0] >= 0  # FAISS pads short results with -1
        return ids[0][found], scores[0][found]

    def ids(self) -> np.ndarray:
        """Return every id."""
        ids: np.ndarray = self._faiss.vector_to_array(self._index.id_map)
        return ids

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """Return rows. Raises KeyError for an unknown id."""
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
        """Save to a temporary file, which then replaces the old one."""
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
