"""The ids and digests of the rows of a dense index, in the order of the rows."""

from __future__ import annotations

import numpy as np

from index.indexes.vectors import Fingerprints


class IdColumn:
    """Two growing arrays, of int64 ids and uint64 digests. Ids of a catalogue ascend, which makes lookups quick."""

    def __init__(self, held: Fingerprints) -> None:
        """Start with these rows; the arrays are not changed."""
        self._ids, self._digests = held.ids.astype(np.int64, copy=False), held.digests.astype(np.uint64, copy=False)
        self._count = len(self._ids)
        self._ascending = bool(np.all(self._ids[1:] > self._ids[:-1]))
        self._order: np.ndarray | None = None  # of the ids, while they do not ascend

    @classmethod
    def empty(cls) -> IdColumn:
        """Return a column without rows."""
        return cls(Fingerprints(np.empty(0, np.int64), np.empty(0, np.uint64)))

    def __len__(self) -> int:
        return self._count

    @property
    def ids(self) -> np.ndarray:
        """The ids, without a copy: valid until the next change."""
        return self._ids[: self._count]

    @property
    def digests(self) -> np.ndarray:
        """The digests, as `ids`."""
        return self._digests[: self._count]

    @property
    def bounds(self) -> tuple[int, int]:
        """The least id and what follows the greatest; there must be ids."""
        ends = (self.ids[0], self.ids[-1]) if self._ascending else (self.ids.min(), self.ids.max())
        return int(ends[0]), int(ends[1]) + 1

    @property
    def memory(self) -> int:
        """The bytes of both arrays."""
        return int(self._ids.nbytes + self._digests.nbytes)

    def append(self, held: Fingerprints) -> None:
        """Add rows at the end. The arrays grow by half, so that a row is copied a few times at most."""
        if not len(held.ids):
            return
        last = self._ids[self._count - 1] if self._count else np.iinfo(np.int64).min
        self._ascending &= bool(held.ids[0] > last and np.all(held.ids[1:] > held.ids[:-1]))
        self._order = None
        end = self._count + len(held.ids)
        if end > len(self._ids):
            room = end + end // 2
            self._ids, self._digests = np.resize(self._ids, room), np.resize(self._digests, room)
        self._ids[self._count : end], self._digests[self._count : end] = held
        self._count = end

    def keep(self, kept: np.ndarray) -> None:
        """Drop the rows that are False in (n,) `kept`; the others keep their order."""
        self._ids, self._digests = self.ids[kept], self.digests[kept]
        self._count = len(self._ids)
        self._order = None

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """Return the (n,) row number of each of (n,) `ids`; -1 for one that is not there."""
        held = self.ids
        if not len(held):
            return np.full(len(ids), -1, np.int64)
        if self._order is None and not self._ascending:
            self._order = np.argsort(held)
        places = np.minimum(np.searchsorted(held, ids, sorter=self._order), len(held) - 1)
        found = places if self._order is None else self._order[places]
        return np.where(held[found] == ids, found, -1)
