"""Approximate search of many rows: codes of 4 bits are scanned, and what is near is compared exactly elsewhere.

Product quantization (Jégou et al. 2011) with two dimensions for a code, scanned in registers (André et al. 2017, as
"FastScan" in FAISS). A scan of all codes does not depend on where questions lie among the passages, as lists of
neighbours or of clusters do. RESULTS.md has the measurements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from index.indexes.id_column import IdColumn
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from pathlib import Path

CAPACITY: Final = 65_536
"""Rows of a full segment."""

TRAINED_ON: Final = 16_384
"""Vectors that a quantizer is trained on: more do not find more."""

_BITS: Final = 4
_BLOCK: Final = 32  # rows whose codes FAISS stores together
_ONE_LIST: Final = 10  # FAISS's way to search a list at a time: for one question it takes two thirds of the default's


class Quantizer(NamedTuple):
    """Turns vectors into codes. `centroids` are (parts, 16, dimension / parts) float32; `trained_for` is how many
    rows there were when it was trained on some of them.
    """

    centroids: np.ndarray
    trained_for: int

    @classmethod
    def train(cls, vectors: np.ndarray, trained_for: int) -> Quantizer:
        """Fit a quantizer to (n, d) vectors, in about a second."""
        import faiss  # imported late: light commands never need it

        dimension = vectors.shape[1]
        parts = dimension // 2 if dimension % 2 == 0 else dimension
        made: Any = faiss.ProductQuantizer(dimension, parts, _BITS)
        made.cp.min_points_per_centroid = 1  # FAISS prints a warning for fewer
        made.train(np.ascontiguousarray(vectors, np.float32))
        centroids = faiss.vector_to_array(made.centroids).reshape(parts, 1 << _BITS, dimension // parts)
        return cls(centroids, trained_for)


class CodeSegment:
    """Up to `capacity` rows as codes of d/4 bytes. Codes are only appended; a removed row is skipped by searches.

    A segment without room for more may be read from a mapped file instead of memory.
    """

    def __init__(self, quantizer: Quantizer, capacity: int = CAPACITY) -> None:
        """Start empty."""
        import faiss  # imported late: light commands never need it

        self._faiss: Any = faiss
        self.quantizer, self._capacity = quantizer, capacity
        parts, _, size = quantizer.centroids.shape
        self._center = faiss.IndexFlatIP(parts * size)  # of the only list: the origin
        self._center.add(np.zeros((1, parts * size), np.float32))
        self._codes: Any = faiss.IndexIVFPQFastScan(
            self._center, parts * size, 1, parts, _BITS, faiss.METRIC_INNER_PRODUCT, _BLOCK
        )
        self._codes.by_residual = False
        faiss.copy_array_to_vector(quantizer.centroids.ravel(), self._codes.pq.centroids)
        self._codes.is_trained = True
        self._codes.implem = _ONE_LIST
        self._mapped: Any = None
        self._alive = np.zeros(0, bool)
        self._dead = 0
        self.column = IdColumn.empty()
        self.file: str | None = None  # what the file with these rows is called, once it is written

    def __len__(self) -> int:
        """Return the number of rows that have not been removed."""
        return len(self.column) - self._dead

    @property
    def dead(self) -> int:
        """The number of removed rows, whose codes are still there."""
        return self._dead

    @property
    def is_mapped(self) -> bool:
        """Whether the codes are read from a mapped file."""
        return self._mapped is not None

    @property
    def room(self) -> int:
        """The number of rows that can be appended."""
        return 0 if self._mapped is not None else max(0, self._capacity - len(self.column))

    block_rows: Final = _BLOCK

    @property
    def block_bytes(self) -> int:
        """The bytes of the codes of `block_rows` rows."""
        return int(self._codes.M2) // 2 * _BLOCK

    @property
    def memory(self) -> int:
        """The bytes in memory, without those of a mapped file."""
        if self._mapped is not None:
            return len(self._alive)
        return self.blocks * self.block_bytes + self.column.memory + len(self._alive)

    @property
    def blocks(self) -> int:
        """The number of blocks of codes."""
        return -(-len(self.column) // _BLOCK)

    @property
    def alive(self) -> np.ndarray:
        """For each row, whether it has not been removed; without a copy."""
        return self._alive[: len(self.column)]

    def append(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Add at most `room` rows, whose ids are not there, not even removed."""
        self._codes.add(np.ascontiguousarray(vectors, np.float32))
        self.column.append(held)
        end = len(self.column)
        if end > len(self._alive):
            self._alive = np.concatenate([self._alive, np.zeros(end, bool)])
        self._alive[end - len(held.ids) : end] = True
        self.file = None

    def drop(self, rows: np.ndarray) -> None:
        """Remove rows by their distinct numbers."""
        self._dead += int(np.count_nonzero(self._alive[rows]))
        self._alive[rows] = False
        if len(rows) and not self.is_mapped:
            self.file = None

    @property
    def is_written(self) -> bool:
        """Whether the file has these rows, and nothing of those that were removed."""
        return self.file is not None and not (self._dead and self.column.digests[~self.alive].any())

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """Return the (n,) row number of each of (n,) `ids`; -1 for one that is not there or was removed."""
        rows = self.column.rows(ids)
        found: np.ndarray = np.where((rows >= 0) & (self._alive[rows] if len(self.column) else False), rows, -1)
        return found

    def held(self) -> Fingerprints:
        """Return every id and digest."""
        if not self._dead:
            return Fingerprints(self.column.ids, self.column.digests)
        return Fingerprints(self.column.ids[self.alive], self.column.digests[self.alive])

    def nearest(self, vector: np.ndarray, wanted: int, shown: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and approximate cosines of at most `wanted` rows, in no particular order.

        With (n,) bools `shown` only the rows are found for which it is true.
        """
        if self._dead:
            shown = self.alive if shown is None else self.alive & shown
        parameters = None
        if shown is not None:
            wanted = min(wanted, int(np.count_nonzero(shown)))
            bits = np.packbits(shown, bitorder="little")
            parameters = self._faiss.SearchParametersIVF(nprobe=1, sel=self._faiss.IDSelectorBitmap(bits))
        if not (wanted := min(wanted, len(self.column))):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores, rows = (found[0] for found in self._codes.search(vector.reshape(1, -1), wanted, params=parameters))
        return self.column.ids[rows[rows >= 0]], scores[rows >= 0]

    def holds(self, rows: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return (n,) bools: whether each row has the code of this vector."""
        wanted = self._encode(vectors)
        same: np.ndarray = np.all(self._unpack(rows) == wanted, axis=1)
        return same

    def _encode(self, vectors: np.ndarray) -> np.ndarray:
        """Return (n, parts) codes."""
        other = CodeSegment(self.quantizer)
        keys = np.arange(len(vectors))
        other.append(Fingerprints(keys, keys.astype(np.uint64)), vectors)
        return other._unpack(keys)

    def _unpack(self, rows: np.ndarray) -> np.ndarray:
        """Return the (n, bytes) codes of rows, as FAISS packs them: one value for each byte that a row is in."""
        packer = self._codes.get_CodePacker()
        blocks = self.packed()
        places = ((row // _BLOCK, row % _BLOCK) for row in rows.tolist())
        codes = [packer.unpack_1(blocks[block : block + 1], place) for block, place in places]
        return np.array(codes, np.uint8).reshape(len(codes), packer.code_size)

    def packed(self) -> np.ndarray:
        """Return FAISS's (blocks, block_bytes) codes, without a copy: valid until the next change."""
        if not self.blocks:
            return np.empty((0, self.block_bytes), np.uint8)
        blocks = self._faiss.rev_swig_ptr(self._codes.invlists.get_codes(0), self.blocks * self.block_bytes)
        packed: np.ndarray = blocks.reshape(-1, self.block_bytes)
        return packed

    def erased(self, alive: np.ndarray) -> tuple[np.ndarray, Fingerprints]:
        """Return copies of `packed`, and of the ids and digests, in which the rows that are not `alive` are zero."""
        blocks, digests, packer = self.packed().copy(), self.column.digests.copy(), self._codes.get_CodePacker()
        nothing = np.zeros(packer.code_size, np.uint8)
        digests[~alive] = 0
        for row in np.flatnonzero(~alive).tolist():
            packer.pack_1(nothing, row % _BLOCK, blocks[row // _BLOCK : row // _BLOCK + 1])
        return blocks, Fingerprints(self.column.ids.copy(), digests)

    def load(self, held: Fingerprints, blocks: np.ndarray, alive: np.ndarray) -> None:
        """Take what another segment's `packed`, `column` and `alive` returned; this one is empty."""
        lists = self._codes.invlists
        lists.resize(0, len(held.ids))
        self._codes.ntotal = len(held.ids)
        self._adopt(held, alive)
        self.packed()[:] = blocks
        self._faiss.rev_swig_ptr(lists.get_ids(0), len(held.ids))[:] = np.arange(len(held.ids))

    def map(self, path: Path, start: int, held: Fingerprints, alive: np.ndarray) -> None:
        """Read codes, which are followed by 64-bit row numbers, from a file that has them from byte `start` on.

        Raises RuntimeError, and UnicodeError for a name that is not text; the segment is still empty then.
        """
        faiss = self._faiss
        only = faiss.OnDiskOneList()
        only.size, only.capacity, only.offset = len(held.ids), -(-len(held.ids) // _BLOCK) * _BLOCK, start
        mapped = faiss.OnDiskInvertedLists(1, self.block_bytes // _BLOCK, str(path))
        mapped.read_only, mapped.totsize = True, path.stat().st_size
        lists = mapped.lists
        lists.clear()
        lists.push_back(only)
        mapped.lists = lists
        mapped.do_mmap()
        self._codes.replace_invlists(mapped, False)
        self._codes.ntotal = len(held.ids)
        self._mapped = mapped
        self._adopt(held, alive)

    def _adopt(self, held: Fingerprints, alive: np.ndarray) -> None:
        self.column = IdColumn(held)
        self._alive = alive.astype(bool)
        self._dead = len(alive) - int(np.count_nonzero(alive))
