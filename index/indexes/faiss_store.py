"""The dense index of a library: exact while it is small, approximate when it is large, without anyone's asking."""

from __future__ import annotations

import copy
import logging
import queue
import time
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from index.catalog.queries import StoredVectors
from index.indexes.background_saving import SAVER
from index.indexes.exact_rows import ExactRows
from index.indexes.id_column import IdColumn
from index.indexes.segment_builder import READ_AT_ONCE, BuilderWork, SegmentBuilder
from index.indexes.segments import Segments
from index.indexes.vector_snapshot import Snapshot, Written, load
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.indexes.code_segment import CodeSegment, Quantizer
    from index.indexes.position import CatalogPosition
    from index.indexes.vectors import ReadVectors

_COMPARED: Final = 5  # times the wanted rows are compared exactly, and at least
_LEAST_COMPARED: Final = 200
_RETRIED_AFTER: Final = 60.0  # seconds
_OLD_POSITION: Final = 256  # generations

_log = logging.getLogger(__name__)


class Sizes(NamedTuple):
    """Numbers of rows: from `large` on they are searched by codes, `segment` of them in one file.

    A view of at most `few` is compared in full. Changes are saved when there are `unsaved` of them.
    """

    large: int = 32_768
    segment: int = 65_536
    few: int = 1000
    unsaved: int = 16_384


class FaissStore:
    """Rows in memory and in files whose names contain the index version.

    Files of another version are never opened. One that is damaged, truncated or of another format is deleted, and the
    library fills the store again. Up to some size, rows are vectors in memory; a large library is searched by codes,
    and what is near by them is compared exactly, with vectors from the catalogue.
    """

    def __init__(
        self, folder: Path, index_version: str, dimension: int, read: ReadVectors, sizes: Sizes | None = None
    ) -> None:
        """Open the files in a folder. `read` is where the vectors of a large library are read."""
        self._folder, self._path = folder, folder / f"vectors-{index_version}.faiss"
        self._dimension, self._read, self._sizes = dimension, read, sizes or Sizes()
        self._hidden = np.empty(0, np.int64)  # ids that `search` skips
        self._shown: np.ndarray | None = None  # the only ids that it finds
        self._marks: dict[int, tuple[CodeSegment, int, np.ndarray]] | None = None  # of a view, by segment
        self._builder: SegmentBuilder | None = None
        self._retry_at = 0.0
        self._is_closed = False
        self._pending = IdColumn.empty()  # rows that a builder reads
        self._segments = Segments(self._sizes.segment)
        self._exact, segments, self._position = load(self._path, dimension, self._sizes.segment)
        for segment in segments:
            self._segments.attach(segment)
        self._saved_position = self._position
        self._changes = self._saved_changes = self._tried_changes = 0
        self._written: queue.SimpleQueue[Written | Exception] = queue.SimpleQueue()

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes the store has; None if that is not known."""
        return self._position

    @position.setter
    def position(self, position: CatalogPosition | None) -> None:
        self._position = position
        self._follow()
        if self._changes - self._tried_changes >= self._sizes.unsaved:
            snapshot = self._snapshot()
            if SAVER.offer(self._folder, lambda: self._write(snapshot)):
                self._tried_changes = self._changes

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store rows; an existing id is replaced."""
        if not len(held.ids):
            return
        self.remove(held.ids)  # FAISS would keep both rows of a repeated id
        self._follow()
        if self._segments.quantizer is not None:
            self._segments.append(held, vectors)
        else:
            self._exact.append(held, vectors)
        self._changes += len(held.ids)
        self._follow()

    def fill(self, held: Fingerprints) -> None:
        """Store rows whose vectors the catalogue has, at once if there are not many."""
        if len(held.ids) >= self._sizes.large:
            self.remove(held.ids)
            self._pending.append(held)
            self._follow()
            return
        order = np.argsort(held.ids)
        ids, digests = held.ids[order], held.digests[order]
        for start in range(0, len(ids), READ_AT_ONCE):
            found, vectors = self._read(ids[start : start + READ_AT_ONCE])
            self.put(Fingerprints(found, digests[np.searchsorted(ids, found)]), vectors)

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids."""
        ids = np.unique(ids)
        rows = self._exact.rows(ids)
        if (rows >= 0).any():
            self._exact.drop(rows[rows >= 0])
        waiting = self._pending.rows(ids)
        if (waiting >= 0).any():
            self._pending.keep(np.isin(np.arange(len(self._pending)), waiting, invert=True))
        count = int(np.count_nonzero(rows >= 0)) + int(np.count_nonzero(waiting >= 0))
        self._changes += count + self._segments.discard(ids)

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Compare a vector with the rows."""
        self._follow()
        if not limit:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        ids, cosines = self._exact.search(vector, limit, self._hidden, self._shown)
        if self._segments.all:
            near, found = self._compare(self._near(vector, max(_COMPARED * limit, _LEAST_COMPARED)), vector)
            ids, cosines = np.concatenate([ids, near]), np.concatenate([cosines, found])
        best = np.argsort(-cosines, kind="stable")[:limit]
        return ids[best], cosines[best]

    def _near(self, vector: np.ndarray, wanted: int) -> np.ndarray:
        """Return the ids of rows of segments that are to be compared with a vector."""
        if self._shown is not None and len(self._shown) <= self._sizes.few:
            here = np.zeros(len(self._shown), bool)
            for segment in self._segments.all:
                here |= segment.rows(self._shown) >= 0
            return np.setdiff1d(self._shown[here], self._hidden)
        return np.unique(self._segments.nearest(vector, wanted, self._marks_of))

    def _compare(self, ids: np.ndarray, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found, vectors = self._read(ids)
        return found, vectors @ vector if len(found) else np.empty(0, np.float32)

    def _marks_of(self, segment: CodeSegment) -> np.ndarray | None:
        """Return (n,) bools: which rows of a segment this view shows; None if it shows all."""
        if self._marks is None:
            return None
        known = self._marks.get(id(segment))
        if known is None or known[1] != len(segment.column):
            known = self._marks[id(segment)] = segment, len(segment.column), self._mark(segment)
        return known[2]

    def _mark(self, segment: CodeSegment) -> np.ndarray:
        marks = np.ones(len(segment.column), bool)
        if self._shown is not None:
            bounds = np.searchsorted(self._shown, [segment.column.ids.min(), segment.column.ids.max() + 1])
            rows = segment.column.rows(self._shown[bounds[0] : bounds[1]])
            marks[:] = False
            marks[rows[rows >= 0]] = True
        rows = segment.column.rows(self._hidden)
        marks[rows[rows >= 0]] = False
        return marks

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view that shares the rows."""
        return self._view(np.fromiter(hidden, np.int64, len(hidden)), None)

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that shares the rows."""
        return self._view(np.empty(0, np.int64), shown)

    def _view(self, hidden: np.ndarray, shown: np.ndarray | None) -> Self:
        view = copy.copy(self)
        view._hidden, view._shown, view._marks = hidden, shown, {}  # noqa: SLF001 - of the same class
        return view

    def __len__(self) -> int:
        """Return the number of ids."""
        return len(self._exact.column) + len(self._segments) + len(self._pending)

    def ids(self) -> np.ndarray:
        """Return every id."""
        return self.fingerprints().ids

    def fingerprints(self) -> Fingerprints:
        """Return every id with its digest."""
        pending = Fingerprints(self._pending.ids, self._pending.digests)
        parts = [self._exact.held(), *(segment.held() for segment in self._segments.all), pending]
        return Fingerprints(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def holds(self, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Compare vectors with the rows, or the codes of both."""
        self.finish_building()
        rows = self._exact.rows(ids)
        exact = rows >= 0
        found = self._segments.holds(ids, vectors)
        found[exact] = self._exact.holds(rows[exact], vectors[exact])
        return found

    @property
    def memory(self) -> int:
        """The bytes of the rows, ids and digests that are in memory."""
        return self._exact.memory + self._pending.memory + sum(segment.memory for segment in self._segments.all)

    def finish_building(self) -> None:
        """Wait until the rows that are read or made into codes on another thread are in use."""
        self._follow()
        while self._builder is not None:
            self._builder.join()
            self._follow()

    def _follow(self) -> None:
        """Take over what other threads have made, and let them begin what is to be done next."""
        if self._marks is not None:
            return  # a view: the store replaces its rows itself
        while not self._written.empty():
            self._note_written(self._written.get())
        builder = self._builder
        if builder is not None:
            done = builder.is_done  # before the last segments are taken
            for segment in builder.take():
                self._attach(segment)
            if done:
                self._finish(builder)
        if self._builder is None and not self._is_closed and time.monotonic() >= self._retry_at:
            self._builder = self._next_builder()

    def _finish(self, builder: SegmentBuilder) -> None:
        self._builder = None
        if builder.has_failed:
            self._retry_at = time.monotonic() + _RETRIED_AFTER
            return
        if builder.quantizer is not None:
            self._segments.quantizer = builder.quantizer
        if self._segments.all and len(self._exact.column):  # added meanwhile
            rest, self._exact = self._exact, ExactRows(self._dimension)
            self._segments.append(rest.held(), rest.matrix())
        unread = self._pending.rows(builder.ids)  # damaged in the catalogue, or no longer there
        self._pending.keep(np.isin(np.arange(len(self._pending)), unread, invert=True))

    def _next_builder(self) -> SegmentBuilder | None:
        """Start what is to be done next, if anything is."""
        quantizer: Quantizer | None = self._segments.quantizer
        if len(self._pending):
            held = Fingerprints(self._pending.ids.copy(), self._pending.digests.copy())
            return SegmentBuilder(held, self._work(), quantizer)
        if quantizer is None and len(self._exact.column) >= self._sizes.large:
            held = Fingerprints(*(part.copy() for part in self._exact.held()))
            work = BuilderWork(_Copied(held.ids, self._exact.matrix().copy()), held.ids, self._sizes.segment)
            return SegmentBuilder(held, work, stoppable=False)
        if self._segments.is_outgrown(len(self)):
            return SegmentBuilder(Fingerprints(*(part[:0] for part in self.fingerprints())), self._work())
        if wasteful := self._segments.wasteful():
            parts = [segment.held() for segment in wasteful]
            held = Fingerprints(*(np.concatenate(column) for column in zip(*parts, strict=True)))
            return SegmentBuilder(held, self._work(), quantizer)
        return None

    def _work(self) -> BuilderWork:
        return BuilderWork(self._read, self.ids(), self._sizes.segment)

    def _attach(self, segment: CodeSegment) -> None:
        """Use a new segment for those of its rows that are still wanted."""
        ids, digests = segment.column.ids, segment.column.digests
        wanted = np.zeros(len(ids), bool)
        parts: list[ExactRows | CodeSegment] = [self._exact, *self._segments.all]
        columns = [(self._pending, self._pending.rows(ids)), *((part.column, part.rows(ids)) for part in parts)]
        for column, rows in columns:
            here = rows >= 0
            here[here] = column.digests[rows[here]] == digests[here]
            wanted |= here
        segment.drop(np.flatnonzero(~wanted))
        self.remove(ids[wanted])
        if len(segment):
            self._segments.attach(segment)
        self._changes += len(segment)

    @property
    def is_saved(self) -> bool:
        """Whether the file has every change, and a position that is not much older."""
        return self._changes == self._saved_changes and not self._has_old_position()

    def _has_old_position(self) -> bool:
        saved, now = self._saved_position, self._position
        if now is None or len(self._pending):
            return False
        return saved is None or abs(now.generation - saved.generation) >= _OLD_POSITION

    def close(self) -> None:
        """End work that reads the catalogue."""
        self._is_closed = True
        if self._builder is not None:
            self._builder.stop()

    def save(self) -> None:
        """Replace the files by some with every row, unless they have them. Raises OSError."""
        self.finish_building()
        if not self.is_saved:
            self._note_written(self._snapshot().write(self._path))

    def _snapshot(self) -> Snapshot:
        position = None if len(self._pending) else self._position
        return Snapshot.take(position, self._changes, self._exact, self._segments)

    def _write(self, snapshot: Snapshot) -> None:
        try:
            self._written.put(snapshot.write(self._path))
        except OSError as error:
            self._written.put(error)

    def _note_written(self, written: Written | Exception) -> None:
        if isinstance(written, Exception):
            _log.warning("%s was not saved, which is tried again later: %s", self._path.name, written)
            return
        self._saved_changes, self._saved_position = written.changes, written.position
        written.replace_in(self._segments)


class _Copied:
    """Reads from a copy of vectors."""

    def __init__(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        self._column = IdColumn(Fingerprints(ids, ids.astype(np.uint64)))
        self._vectors = vectors

    def __call__(self, ids: np.ndarray) -> StoredVectors:
        rows = self._column.rows(ids)
        return StoredVectors(ids[rows >= 0], self._vectors[rows[rows >= 0]])
