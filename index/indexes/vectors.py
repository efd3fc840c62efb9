"""The dense index: unit vectors by passage id. A cache of the catalogue, held in memory and saved to one file."""

from __future__ import annotations

import copy
import logging
import struct
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, Self

import numpy as np

from index.durable_files import delete_abandoned, write_durably

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path
    from typing import BinaryIO

    from index.indexes.position import CatalogPosition

_log = logging.getLogger(__name__)

_HEADER: Final = struct.Struct("<8sQQ")  # magic, dimension, rows; then ids, digests, vectors, and a digest of it all
_MAGIC: Final = b"vbtmvec1"
_FAISS_FORMAT: Final = b"IxMp"  # of earlier versions, without a digest: the index is filled again
_DIGEST_BYTES: Final = 16
_ROWS_AT_ONCE: Final = 65_536  # read and added at a time, so that a file is never in memory twice


class Fingerprints(NamedTuple):
    """What an index holds: (n,) int64 ids, and the (n,) uint64 digests of the passages as they were when added."""

    ids: np.ndarray
    digests: np.ndarray


class VectorStore(Protocol):
    """Nearest neighbours by cosine similarity (-1 to 1, higher is better). Not thread-safe.

    `position` is the state of the catalogue whose changes the store has, None if it is not known.
    """

    position: CatalogPosition | None

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store (n, d) float32 unit rows under ids, with the digests of their passages; an existing id is replaced."""
        ...

    def remove(self, ids: np.ndarray) -> None:
        """Remove (n,) int64 ids; unknown ones are ignored."""
        ...

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and cosines of at most `limit` rows nearest to a (d,) unit vector, best first."""
        ...

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view for searching that skips these ids and finds others instead; not to be changed or kept."""
        ...

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that finds these (n,) int64 ids alone, which are in ascending order; not to be changed."""
        ...

    def ids(self) -> np.ndarray:
        """Return every stored id, in no particular order."""
        ...

    def fingerprints(self) -> Fingerprints:
        """Return every stored id with its passage's digest, in no particular order."""
        ...

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """Return the (n, d) vectors stored under `ids`. Raises KeyError for an unknown id."""
        ...

    @property
    def memory(self) -> int:
        """The bytes that all rows take in memory."""
        ...

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to write."""
        ...

    def save(self) -> None:
        """Save unsaved changes. It may run in another thread, while nothing else uses the store."""
        ...


class FaissStore:
    """Exact (brute-force) search with FAISS (Douze et al. 2024).

    The file's name contains the index version, so that a file of another version is never opened. The file ends with
    a digest of its content: one that is damaged, truncated or of another format is deleted, and the library fills the
    store again. It is read and written here, not by FAISS, which takes no path that the locale cannot encode.
    """

    def __init__(self, folder: Path, index_version: str, dimension: int) -> None:
        import faiss  # imported late: light commands never need it

        self._faiss = faiss
        self._path = folder / f"vectors-{index_version}.faiss"
        self._dimension = dimension
        self._hidden: frozenset[int] = frozenset()  # ids that `search` skips
        self._shown: np.ndarray | None = None  # the only ids that it finds
        delete_abandoned(folder)
        for stale in folder.glob("vectors-*.faiss*"):
            if stale != self._path:
                _delete(stale)
        self.position: CatalogPosition | None = None
        self._index, self._digests = self._load()
        self._saved = True

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store rows; an existing id is replaced."""
        if len(held.ids):
            self.remove(held.ids)  # FAISS would keep both rows of a repeated id
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), held.ids.astype(np.int64))
            self._digests = np.concatenate([self._digests, held.digests])
            self._saved = False

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids."""
        gone = np.isin(self.ids(), ids) if len(ids) else np.empty(0, bool)
        if gone.any():
            self._index.remove_ids(ids.astype(np.int64))  # the others keep their order
            self._digests = self._digests[~gone]
            self._saved = False

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Compare a vector with every row."""
        if self._shown is not None:
            return self._search_in(self._shown, vector, min(limit, len(self._shown)))
        wanted = limit + len(self._hidden)
        scores, ids = self._index.search(vector.reshape(1, -1), max(1, min(wanted, self._index.ntotal)))
        found = ids[0] >= 0  # FAISS pads short results with -1
        if self._hidden:
            found &= ~np.isin(ids[0], list(self._hidden))
        return ids[0][found][:limit], scores[0][found][:limit]

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view that shares the rows."""
        view = copy.copy(self)
        view._hidden = frozenset(hidden)  # noqa: SLF001 - of the same class
        return view

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that shares the rows."""
        view = copy.copy(self)
        view._shown = shown  # noqa: SLF001 - of the same class
        return view

    def _search_in(self, shown: np.ndarray, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Compare a vector with the rows of these ids alone."""
        if not limit:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        faiss: Any = self._faiss
        marks = np.zeros(int(shown[-1]) + 1, np.uint8)
        marks[shown] = 1
        chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(marks, bitorder="little")))
        scores, ids = self._index.search(vector.reshape(1, -1), limit, params=chosen)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def ids(self) -> np.ndarray:
        """Return every id."""
        ids: np.ndarray = self._faiss.vector_to_array(self._index.id_map)
        return ids

    def fingerprints(self) -> Fingerprints:
        """Return every id with its digest."""
        return Fingerprints(self.ids(), self._digests)

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """Return rows. Raises KeyError for an unknown id."""
        held = self.ids()
        order = np.argsort(held)
        places = np.searchsorted(held, ids, sorter=order)
        rows = order[np.minimum(places, len(held) - 1)] if len(held) else np.empty(0, np.int64)
        if not np.array_equal(held[rows], ids):
            raise KeyError("not every id is stored")
        matrix: np.ndarray = self._matrix()[rows]
        return matrix

    @property
    def memory(self) -> int:
        """The bytes of the vectors, ids and digests."""
        return int(self._index.ntotal) * (4 * self._dimension + 16)

    @property
    def is_saved(self) -> bool:
        """Whether the file has every change."""
        return self._saved

    def save(self) -> None:
        """Replace the file by one with every row, unless it has them. Raises OSError."""
        if not self._saved:
            write_durably(self._path, self._write)
            self._saved = True

    def _write(self, stream: BinaryIO) -> None:
        digest = blake2b(digest_size=_DIGEST_BYTES)
        header = _HEADER.pack(_MAGIC, self._dimension, self._index.ntotal)
        for part in (header, *_parts(self.ids(), self._digests, self._matrix())):
            digest.update(part)
            stream.write(part)
        stream.write(digest.digest())

    def _load(self) -> tuple[Any, np.ndarray]:
        try:
            with self._path.open("rb") as stream:
                return self._read(stream)
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            _log.warning("%s is filled again: %s", self._path.name, error)
            _delete(self._path)
        return self._empty(), np.empty(0, np.uint64)

    def _read(self, stream: BinaryIO) -> tuple[Any, np.ndarray]:
        """Return the index and the digests of a file. Raises ValueError if it is not as it was written."""
        header = stream.read(_HEADER.size)
        if header.startswith(_FAISS_FORMAT):
            return self._empty(), np.empty(0, np.uint64)
        if len(header) < _HEADER.size or not header.startswith(_MAGIC):
            raise ValueError("it is in another format")
        _, dimension, rows = _HEADER.unpack(header)
        size = self._path.stat().st_size
        if dimension != self._dimension or size != _HEADER.size + rows * (16 + 4 * dimension) + _DIGEST_BYTES:
            raise ValueError("it is truncated or of another dimension")
        digest = blake2b(header, digest_size=_DIGEST_BYTES)
        ids = _read_array(stream, "<i8", rows, digest)
        digests = _read_array(stream, "<u8", rows, digest)
        index = self._empty()
        for start in range(0, rows, _ROWS_AT_ONCE):
            part = ids[start : start + _ROWS_AT_ONCE]
            vectors = _read_array(stream, "<f4", len(part) * dimension, digest)
            index.add_with_ids(vectors.reshape(-1, dimension), part)
        if stream.read() != digest.digest():
            raise ValueError("its content is not what was written")
        return index, digests

    def _empty(self) -> Any:
        return self._faiss.IndexIDMap(self._faiss.IndexFlatIP(self._dimension))

    def _matrix(self) -> np.ndarray:
        """Return FAISS's own (n, d) rows, without a copy: valid until the next change."""
        if not self._index.ntotal:
            return np.empty((0, self._dimension), np.float32)
        flat: Any = self._faiss.downcast_index(self._index.index)
        rows: np.ndarray = self._faiss.rev_swig_ptr(flat.get_xb(), self._index.ntotal * self._dimension)
        return rows.reshape(-1, self._dimension)


def _parts(ids: np.ndarray, digests: np.ndarray, vectors: np.ndarray) -> Iterator[bytes | memoryview]:
    """Yield the bytes of a file after its header."""
    yield ids.astype("<i8").tobytes()
    yield digests.astype("<u8").tobytes()
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        yield np.ascontiguousarray(vectors[start : start + _ROWS_AT_ONCE], "<f4").data.cast("B")


def _read_array(stream: BinaryIO, kind: str, count: int, digest: Any) -> np.ndarray:
    """Read an array, and add its bytes to a digest. Raises ValueError at the end of the file."""
    data = stream.read(count * np.dtype(kind).itemsize)
    digest.update(data)
    return np.frombuffer(data, kind, count).astype(kind[1:])


def _delete(path: Path) -> None:
    with suppress(OSError):  # in a folder that cannot be written
        path.unlink()
