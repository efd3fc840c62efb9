"""The segments of a large dense index together: one is appended to, and those that waste room are made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from index.indexes.code_segment import CodeSegment, Quantizer
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WASTE: Final = 0.25  # of the rows of a segment removed: then it is made again
_GROWTH: Final = 4  # times the rows that a quantizer was trained for: then another one is trained


class Segments:
    """Segments of at most `capacity` rows each. An id is in use in one of them at most. The last one is appended to."""

    def __init__(self, capacity: int) -> None:
        """Start without any."""
        self.capacity = capacity
        self.all: list[CodeSegment] = []
        self.quantizer: Quantizer | None = None  # of the rows that are added next

    def __len__(self) -> int:
        """Return the number of rows."""
        return sum(map(len, self.all))

    def attach(self, segment: CodeSegment) -> None:
        """Add a segment, with ids that are in no other."""
        if segment.room:
            self.all.append(segment)
        else:
            self.all.insert(0, segment)
        if self.quantizer is None or segment.quantizer.trained_for > self.quantizer.trained_for:
            self.quantizer = segment.quantizer

    def append(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Add rows whose ids are not there. There must be a quantizer."""
        start = 0
        while start < len(held.ids):
            last = self._open(held.ids[start:])
            part = slice(start, start + last.room)
            last.append(Fingerprints(held.ids[part], held.digests[part]), vectors[part])
            start = part.stop

    def _open(self, ids: np.ndarray) -> CodeSegment:
        """Return the last segment if it has room and none of these ids, even as a removed row, or a new one."""
        assert self.quantizer is not None  # checked by the caller
        if self.all:
            last = self.all[-1]
            is_current = last.quantizer.trained_for == self.quantizer.trained_for
            if last.room and is_current and not (last.dead and (last.column.rows(ids) >= 0).any()):
                return last
        self.all.append(CodeSegment(self.quantizer, self.capacity))
        return self.all[-1]

    def discard(self, ids: np.ndarray) -> int:
        """Remove ids; return how many there were."""
        count = 0
        for segment in self.all:
            rows = segment.rows(ids)
            rows = rows[rows >= 0]
            segment.drop(rows)
            count += len(rows)
        self.all = [segment for segment in self.all if len(segment)]
        return count

    def nearest(self, vector: np.ndarray, wanted: int, shown: Callable[[CodeSegment], np.ndarray | None]) -> np.ndarray:
        """Return the ids of about `wanted` rows that are nearest by their codes, in no particular order."""
        if not self.all:
            return np.empty(0, np.int64)
        parts = [segment.nearest(vector, wanted, shown(segment)) for segment in self.all]
        ids, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
        return ids if len(ids) <= wanted else ids[np.argpartition(-scores, wanted - 1)[:wanted]]

    def holds_ids(self, ids: np.ndarray) -> np.ndarray:
        """Return (n,) bools: whether each of (n,) ascending ids is there."""
        found = np.zeros(len(ids), bool)
        for segment in self.all:
            part = slice(*np.searchsorted(ids, segment.column.bounds))
            found[part] |= segment.rows(ids[part]) >= 0
        return found

    def holds(self, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return (n,) bools: whether each id has the code of this vector."""
        found = np.zeros(len(ids), bool)
        for segment in self.all:
            rows = segment.rows(ids)
            here = np.flatnonzero(rows >= 0)
            if len(here):
                found[here] = segment.holds(rows[here], vectors[here])
        return found

    def is_outgrown(self, count: int) -> bool:
        """Whether there are so many rows that a quantizer should be trained on vectors of all of them."""
        return self.quantizer is not None and count >= _GROWTH * self.quantizer.trained_for

    def wasteful(self) -> Sequence[CodeSegment]:
        """Return segments that should be made again: one with many removed rows, or two that fit in one."""
        for segment in self.all:
            if segment.dead > _WASTE * len(segment.column):
                return [segment]
        small = sorted((segment for segment in self.all[:-1]), key=len)[:2]
        return small if len(small) > 1 and sum(map(len, small)) <= self.capacity else []
