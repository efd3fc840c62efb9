"""Exact search: a question's vector is compared with every row. For libraries of up to some ten thousand passages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from index.indexes.id_column import IdColumn
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS_AT_ONCE = 65_536  # copied at a time


class ExactRows:
    """Rows in memory as float32, searched with FAISS (Douze et al. 2024)."""

    def __init__(self, dimension: int) -> None:
        """Start empty."""
        import faiss  # imported late: light commands never need it

        self._faiss = faiss
        self._index = faiss.IndexFlatIP(dimension)
        self.column = IdColumn(Fingerprints(np.empty(0, np.int64), np.empty(0, np.uint64)))

    @property
    def memory(self) -> int:
        """The bytes of the vectors, ids and digests."""
        return int(self._index.ntotal) * 4 * int(self._index.d) + self.column.memory

    @classmethod
    def of(cls, held: Fingerprints, vectors: np.ndarray) -> ExactRows:
        """Return the rows of (n, d) vectors."""
        made = cls(vectors.shape[1])
        made.append(held, vectors)
        return made

    def append(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Add rows whose ids are not there yet."""
        self._index.add(np.ascontiguousarray(vectors, np.float32))
        self.column.append(held)

    def drop(self, rows: np.ndarray) -> None:
        """Remove rows by their numbers."""
        kept = np.ones(len(self.column), bool)
        kept[rows] = False
        self._index.remove_ids(self._faiss.IDSelectorArray(rows.astype(np.int64)))  # the others keep their order
        self.column.keep(kept)

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """Return the (n,) row number of each of (n,) `ids`; -1 for one that is not there."""
        return self.column.rows(ids)

    def held(self) -> Fingerprints:
        """Return every id and digest, without a copy: valid until the next change."""
        return Fingerprints(self.column.ids, self.column.digests)

    def search(
        self, vector: np.ndarray, limit: int, hidden: np.ndarray, shown: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and cosines of the nearest rows, best first.

        Those whose ids are `hidden` are skipped; with `shown`, all others than these, too.
        """
        chosen: Any = None
        faiss: Any = self._faiss
        if shown is not None:
            marks = np.zeros(len(self.column), np.uint8)
            rows = self.column.rows(shown)
            marks[rows[rows >= 0]] = 1
            chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(marks, bitorder="little")))
        wanted = max(1, min(limit + len(hidden), len(self.column)))
        scores, rows = (found[0] for found in self._index.search(vector.reshape(1, -1), wanted, params=chosen))
        ids, scores = self.column.ids[rows[rows >= 0]], scores[rows >= 0]  # FAISS pads short results with -1
        if len(hidden):
            seen = ~np.isin(ids, hidden)
            ids, scores = ids[seen], scores[seen]
        return ids[:limit], scores[:limit]

    def holds(self, rows: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return (n,) bools: whether each row is exactly this vector."""
        same: np.ndarray = np.all(self.matrix()[rows] == vectors, axis=1)
        return same

    def matrix(self) -> np.ndarray:
        """Return FAISS's own (n, d) rows, without a copy: valid until the next change."""
        if not self._index.ntotal:
            return np.empty((0, self._index.d), np.float32)
        rows: Any = self._faiss.rev_swig_ptr(self._index.get_xb(), self._index.ntotal * self._index.d)
        matrix: np.ndarray = rows.reshape(-1, self._index.d)
        return matrix

    def parts(self) -> Iterator[memoryview]:
        """Yield the bytes of the vectors."""
        matrix = self.matrix()
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            yield np.ascontiguousarray(matrix[start : start + _ROWS_AT_ONCE], "<f4").data.cast("B")
