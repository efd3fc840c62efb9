"""Approximate search of many rows: all are scanned as codes of 4 bits, and the nearest compared exactly.

Product quantization (Jégou et al. 2011) with two dimensions for a code, scanned in registers (André et al. 2017, as
"FastScan" in FAISS). A scan of all codes does not depend on where questions lie among the passages, as lists of
neighbours or of clusters do, and needs no training that fits the articles. RESULTS.md has the measurements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from index.indexes.id_column import IdColumn
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.indexes.vectors import ReadVectors

_BITS: Final = 4
_TRAINED_ON: Final = 16_384  # rows
_COMPARED: Final = 5  # times the wanted rows are compared exactly, and at least
_LEAST_COMPARED: Final = 200
_MOST_READ: Final = 20_000  # rows of which the vectors are read and compared, where nearly all others are hidden
_ROWS_AT_ONCE: Final = 65_536


class QuantizedRows:
    """Rows as codes in memory, d/4 bytes each; their vectors are read from the catalogue when they are near enough."""

    def __init__(self, codes: Any, column: IdColumn, read: ReadVectors) -> None:
        """Take a FAISS index of codes, the ids of its rows, and where to read vectors."""
        import faiss  # imported late: light commands never need it

        self._faiss = faiss
        self._codes = codes
        self._read = read
        self._dead = np.empty(0, np.int64)  # numbers of removed rows
        self.column = column

    @classmethod
    def build(cls, held: Fingerprints, vectors: np.ndarray, read: ReadVectors) -> QuantizedRows:
        """Return the rows of (n, d) vectors. It takes seconds, and may run in a thread of its own."""
        import faiss  # imported late: light commands never need it

        dimension = vectors.shape[1]
        parts = dimension // 2 if dimension % 2 == 0 else dimension
        codes = faiss.IndexPQFastScan(dimension, parts, _BITS, faiss.METRIC_INNER_PRODUCT)
        chosen = np.linspace(0, len(vectors) - 1, min(len(vectors), _TRAINED_ON)).astype(np.int64)
        codes.train(np.ascontiguousarray(vectors[chosen], np.float32))
        made = cls(codes, IdColumn(Fingerprints(held.ids[:0], held.digests[:0])), read)
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            made.append(Fingerprints(held.ids[part], held.digests[part]), vectors[part])
        return made

    @classmethod
    def load(cls, data: bytes, held: Fingerprints, read: ReadVectors) -> QuantizedRows:
        """Return rows from what `parts` yielded. Raises ValueError if it is something else."""
        import faiss  # imported late: light commands never need it

        try:
            codes = faiss.deserialize_index(np.frombuffer(data, np.uint8))
        except RuntimeError as error:
            raise ValueError("its codes cannot be read") from error
        if codes.ntotal != len(held.ids):
            raise ValueError("it has not as many codes as ids")
        return cls(codes, IdColumn(held), read)

    @property
    def memory(self) -> int:
        """The bytes of the codes, ids and digests."""
        return int(self._codes.ntotal) * int(self._codes.code_size) + self.column.memory

    def append(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Add rows whose ids are not there yet."""
        if len(self._dead) and np.isin(held.ids, self.column.ids[self._dead]).any():
            self._compact()  # an id must not be found twice
        self._codes.add(np.ascontiguousarray(vectors, np.float32))
        self.column.append(held)

    def drop(self, rows: np.ndarray) -> None:
        """Remove rows by their numbers. Their codes stay until they are saved: taking one out moves all others."""
        self._dead = np.union1d(self._dead, rows)

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """Return the (n,) row number of each of (n,) `ids`; -1 for one that is not there."""
        rows = self.column.rows(ids)
        alive: np.ndarray = np.where(np.isin(rows, self._dead), -1, rows)
        return alive

    def held(self) -> Fingerprints:
        """Return every id and digest."""
        kept = np.delete(np.arange(len(self.column)), self._dead)
        return Fingerprints(self.column.ids[kept], self.column.digests[kept])

    def search(
        self, vector: np.ndarray, limit: int, hidden: np.ndarray, shown: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and exact cosines of the nearest rows, best first; `hidden` and `shown` as for `ExactRows`."""
        if not limit:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        near = self._nearest(vector, max(_COMPARED * limit, _LEAST_COMPARED), hidden, shown)
        ids, vectors = self._read(near)
        cosines = vectors @ vector
        best = np.argsort(-cosines, kind="stable")[:limit]
        return ids[best], cosines[best]

    def _nearest(self, vector: np.ndarray, wanted: int, hidden: np.ndarray, shown: np.ndarray | None) -> np.ndarray:
        """Return the ids of the nearest rows by their codes, at least `wanted` of them if there are as many."""
        most = len(self.column) - len(hidden) if shown is None else len(shown)
        if most <= _MOST_READ and most < len(self.column):
            seen = self.held().ids if shown is None else shown[self.rows(shown) >= 0]
            return np.setdiff1d(seen, hidden)
        scanned = wanted
        while True:
            scanned = min(scanned, len(self.column))
            rows = self._codes.search(vector.reshape(1, -1), scanned)[1][0]
            ids: np.ndarray = self.column.ids[rows[(rows >= 0) & ~np.isin(rows, self._dead)]]
            ids = ids[~np.isin(ids, hidden)]
            if shown is not None:
                ids = ids[np.isin(ids, shown)]
            if len(ids) >= wanted or scanned == len(self.column):
                return ids[:wanted]
            scanned *= 4

    def holds(self, rows: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return (n,) bools: whether each row has the code of this vector."""
        wanted = self._codes.sa_decode(self._codes.sa_encode(np.ascontiguousarray(vectors, np.float32)))
        held = np.stack([self._codes.reconstruct(int(row)) for row in rows]) if len(rows) else wanted
        same: np.ndarray = np.all(held == wanted, axis=1)
        return same

    def parts(self) -> Iterator[memoryview]:
        """Yield the bytes of the codes, after those of removed rows have been taken out."""
        self._compact()
        codes: np.ndarray = self._faiss.serialize_index(self._codes)
        yield codes.data

    def _compact(self) -> None:
        if len(self._dead):
            self._codes.remove_ids(self._faiss.IDSelectorArray(self._dead))
            self._clear_unused()
            kept = np.ones(len(self.column), bool)
            kept[self._dead] = False
            self.column.keep(kept)
            self._dead = np.empty(0, np.int64)

    def _clear_unused(self) -> None:
        """Set the codes after the last row to zero: FAISS leaves what was there, and would mix it with the next row."""
        packer = self._codes.get_CodePacker()
        blocks = self._faiss.rev_swig_ptr(self._codes.codes.get(), self._codes.codes.size())
        nothing = np.zeros(packer.code_size, np.uint8)
        for row in range(self._codes.ntotal, self._codes.ntotal2):
            packer.pack_1(nothing, row, blocks.reshape(-1, packer.block_size))
