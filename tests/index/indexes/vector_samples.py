"""Vectors for the tests of the dense index, and a stand-in for the catalogue that has them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from index.catalog.passage_queries import StoredVectors
from index.indexes.dense_rows import Sizes
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.indexes.faiss_store import FaissStore

DIMENSION = 16
SIZES = Sizes(large=2000, segment=1024, few=30, unsaved=500)


def unit_rows(count: int, seed: int) -> np.ndarray:
    """Return (count, DIMENSION) random unit vectors."""
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def marks(ids: Sequence[int] | np.ndarray) -> Fingerprints:
    """Return ids with a digest each."""
    keys = np.array(ids, np.int64)
    return Fingerprints(keys, mark(keys))


def mark(ids: np.ndarray) -> np.ndarray:
    """Return the digests of passages in tests, (n,) uint64; some are above what a signed number holds."""
    digests: np.ndarray = ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return digests


class Catalogue:
    """The vectors that a catalogue would have. Other threads than the main one read when `is_open` is set."""

    def __init__(self) -> None:
        self.vectors: dict[int, np.ndarray] = {}
        self.is_open = threading.Event()
        self.is_open.set()
        self.failures = 0  # how often reading fails next

    def store(self, store: FaissStore, ids: Sequence[int] | np.ndarray, rows: np.ndarray) -> None:
        """Put rows here and into a store."""
        self.vectors |= dict(zip(np.array(ids).tolist(), rows, strict=True))
        store.put(self.marks(ids), rows)

    def marks(self, ids: Sequence[int] | np.ndarray) -> Fingerprints:
        """Return ids with the digests of their rows."""
        keys = np.array(ids, np.int64)
        found = [hash(self.vectors[key].tobytes()) & (1 << 62) - 1 for key in keys.tolist()]
        return Fingerprints(keys, np.array(found, np.uint64))

    def remove(self, store: FaissStore, ids: Sequence[int] | np.ndarray) -> None:
        """Remove rows here and from a store."""
        for key in np.array(ids).tolist():
            del self.vectors[key]
        store.remove(np.array(ids, np.int64))

    def nearest(self, query: np.ndarray, limit: int) -> list[int]:
        """Return the ids of the nearest vectors, by comparing all."""
        keys = np.array(list(self.vectors), np.int64)
        order = np.argsort(-(np.stack(list(self.vectors.values())) @ query), kind="stable")
        nearest: list[int] = keys[order[:limit]].tolist()
        return nearest

    def read(self, ids: np.ndarray) -> StoredVectors:
        """Return the vectors of the ids that are here."""
        if threading.current_thread() is not threading.main_thread():
            self.is_open.wait()
        if self.failures:
            self.failures -= 1
            raise OSError
        known = [key for key in ids.tolist() if key in self.vectors]
        rows = [self.vectors[key] for key in known]
        return StoredVectors(np.array(known, np.int64), np.array(rows, np.float32).reshape(len(known), DIMENSION))
