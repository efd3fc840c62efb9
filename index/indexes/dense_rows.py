"""The rows of a dense index: vectors in memory while they are few, then segments of codes that a thread makes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.catalog.passage_queries import StoredVectors
from index.indexes.code_segment import CodeSegment
from index.indexes.exact_rows import ExactRows
from index.indexes.id_column import IdColumn
from index.indexes.segment_builder import READ_AT_ONCE, BuilderWork, SegmentBuilder
from index.indexes.segments import Segments
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from index.indexes.vectors import ReadVectors

_RETRIED_AFTER: Final = 60.0  # seconds


class Sizes(NamedTuple):
    """Numbers of rows: from `large` on they are searched by codes, `segment` of them in one file.

    A view of at most `few` is compared in full. Changes are saved when there are `unsaved` of them.
    """

    large: int = 32_768
    segment: int = 65_536
    few: int = 1000
    unsaved: int = 16_384


class DenseRows:
    """Rows by id, in one of three places: `exact`, `segments`, or waiting to be read on another thread.

    `changes` counts the rows that were added and removed.
    """

    def __init__(self, exact: ExactRows, segments: Segments, dimension: int, read: ReadVectors, sizes: Sizes) -> None:
        """Start with what was saved. `read` is where the vectors of a large library are read."""
        self.exact, self.segments, self.changes = exact, segments, 0
        self._dimension, self._read, self._sizes = dimension, read, sizes
        self._pending = IdColumn.empty()
        self._builder: SegmentBuilder | None = None
        self._rebuilt = list[CodeSegment]()  # what the builder makes anew
        self._is_reading_all = False  # whether the builder reads all that is waiting
        self._retry_at = 0.0
        self._is_closed = False

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.exact.column) + len(self.segments) + len(self._pending)

    @property
    def is_complete(self) -> bool:
        """Whether no rows are waiting to be read."""
        return not len(self._pending)

    @property
    def memory(self) -> int:
        """The bytes of the rows, ids and digests that are in memory."""
        return self.exact.memory + self._pending.memory + sum(segment.memory for segment in self.segments.all)

    def held(self) -> Fingerprints:
        """Return every id and digest."""
        pending = Fingerprints(self._pending.ids, self._pending.digests)
        return _joined([self.exact.held(), *(segment.held() for segment in self.segments.all), pending])

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store rows; an existing id is replaced."""
        if not len(held.ids):
            return
        self.remove(held.ids)  # FAISS would keep both rows of a repeated id
        if self.segments.quantizer is not None:
            self.segments.append(held, vectors)
        else:
            self.exact.append(held, vectors)
        self.changes += len(held.ids)

    def fill(self, held: Fingerprints) -> None:
        """Read rows and store them, at once if there are not many."""
        if len(held.ids) >= self._sizes.large:
            self.remove(held.ids)
            self._pending.append(held)
            self._is_reading_all = False
            return
        order = np.argsort(held.ids)
        ids, digests = held.ids[order], held.digests[order]
        for start in range(0, len(ids), READ_AT_ONCE):
            found, vectors = self._read(ids[start : start + READ_AT_ONCE])
            self.put(Fingerprints(found, digests[np.searchsorted(ids, found)]), vectors)

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids; unknown ones are ignored."""
        ids = np.unique(ids)
        rows = self.exact.rows(ids)
        if (rows >= 0).any():
            self.exact.drop(rows[rows >= 0])
        self.changes += int(np.count_nonzero(rows >= 0)) + self._stop_waiting_for(ids) + self.segments.discard(ids)

    def _stop_waiting_for(self, ids: np.ndarray) -> int:
        rows = self._pending.rows(ids)
        rows = rows[rows >= 0]
        if len(rows):
            kept = np.ones(len(self._pending), bool)
            kept[rows] = False
            self._pending.keep(kept)
        return len(rows)

    def holds(self, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return (n,) bools: whether each id has this vector, or its code."""
        rows = self.exact.rows(ids)
        exact = rows >= 0
        found = self.segments.holds(ids, vectors)
        found[exact] = self.exact.holds(rows[exact], vectors[exact])
        return found

    def close(self) -> None:
        """Begin no more work, and end what reads the catalogue."""
        self._is_closed = True
        if self._builder is not None:
            self._builder.stop()

    @property
    def is_building(self) -> bool:
        """Whether another thread is at work."""
        return self._builder is not None

    def finish_building(self) -> None:
        """Wait until the rows that are read or made into codes on another thread are in use."""
        self.follow()
        while self._builder is not None:
            self._builder.join()
            self.follow()

    def follow(self) -> None:
        """Use what another thread has made, and let it begin what is to be done next."""
        if builder := self._builder:
            is_done = builder.is_done  # asked before the last segments are taken
            for segment in builder.take():
                self._attach(segment)
            if is_done:
                self._finish(builder)
        if self._builder is None and not self._is_closed and time.monotonic() >= self._retry_at:
            self._builder = self._next_builder()

    def _attach(self, segment: CodeSegment) -> None:
        """Use a new segment for those of its rows that are still wanted."""
        ids, digests = segment.column.ids, segment.column.digests
        wanted = np.zeros(len(ids), bool)
        parts: list[ExactRows | CodeSegment] = [self.exact, *self.segments.all]
        for column, rows in [(self._pending, self._pending.rows(ids)), *((one.column, one.rows(ids)) for one in parts)]:
            here = rows >= 0
            here[here] = column.digests[rows[here]] == digests[here]
            wanted |= here
        segment.drop(np.flatnonzero(~wanted))
        self.remove(ids[wanted])
        if len(segment):
            self.segments.attach(segment)
        self.changes += len(segment)

    def _finish(self, builder: SegmentBuilder) -> None:
        self._builder = None
        if builder.has_failed:
            self._rebuilt = []
            self._retry_at = time.monotonic() + _RETRIED_AFTER
            return
        if builder.quantizer is not None:
            self.segments.quantizer = builder.quantizer
        if self.segments.quantizer is not None and len(self.exact.column):  # added meanwhile
            rest, self.exact = self.exact, ExactRows(self._dimension)
            self.segments.append(rest.held(), rest.matrix())
        if not self._is_closed:
            self._forget_unread(builder.held)

    def _forget_unread(self, held: Fingerprints) -> None:
        """Remove what a builder has not found: it is damaged in the catalogue, or no longer there."""
        if self._is_reading_all:
            self._stop_waiting_for(held.ids)
        for segment in self._rebuilt:
            segment.drop(np.setdiff1d(segment.rows(held.ids), -1))
        self.segments.all = [segment for segment in self.segments.all if len(segment)]
        self._rebuilt = []

    def _next_builder(self) -> SegmentBuilder | None:
        """Start what is to be done next, if anything is."""
        self._is_reading_all = not self.is_complete
        if self._is_reading_all:
            held = Fingerprints(self._pending.ids.copy(), self._pending.digests.copy())
            return SegmentBuilder(held, self._work(), self.segments.quantizer)
        if self.segments.quantizer is None and len(self.exact.column) >= self._sizes.large:
            held = Fingerprints(*(part.copy() for part in self.exact.held()))
            work = BuilderWork(_copied(held, self.exact.matrix().copy()), held.ids, self._sizes.segment)
            return SegmentBuilder(held, work, stoppable=False)
        if self.segments.is_outgrown(len(self)):
            return SegmentBuilder(Fingerprints(*(part[:0] for part in self.held())), self._work())
        if wasteful := self.segments.wasteful():
            self._rebuilt = list(wasteful)
            held = _joined([segment.held() for segment in wasteful])
            return SegmentBuilder(held, self._work(), self.segments.quantizer)
        return None

    def _work(self) -> BuilderWork:
        return BuilderWork(self._read, self.held().ids, self._sizes.segment)


def _joined(parts: list[Fingerprints]) -> Fingerprints:
    ids, digests = zip(*parts, strict=True)
    return Fingerprints(np.concatenate(ids), np.concatenate(digests))


def _copied(held: Fingerprints, vectors: np.ndarray) -> ReadVectors:
    """Return a function that finds vectors in memory, which nobody changes."""
    column = IdColumn(held)

    def read(ids: np.ndarray) -> StoredVectors:
        rows = column.rows(ids)
        return StoredVectors(ids[rows >= 0], vectors[rows[rows >= 0]])

    return read
