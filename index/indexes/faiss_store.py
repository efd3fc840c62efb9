"""The dense index of a library: exact while it is small, approximate when it is large, without anyone's asking."""

from __future__ import annotations

import copy
import logging
import queue
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from index.indexes.background_saving import SAVER
from index.indexes.dense_rows import DenseRows, Sizes
from index.indexes.segments import Segments
from index.indexes.vector_snapshot import Snapshot, Written, load

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.indexes.code_segment import CodeSegment
    from index.indexes.position import CatalogPosition
    from index.indexes.vectors import Fingerprints, ReadVectors

_COMPARED: Final = 5  # times the wanted rows are compared exactly, and at least
_LEAST_COMPARED: Final = 200
_OLD_POSITION: Final = 256  # generations

_log = logging.getLogger(__name__)


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
        self._read, self._sizes = read, sizes or Sizes()
        self._hidden = np.empty(0, np.int64)  # ids that `search` skips
        self._shown: np.ndarray | None = None  # the only ids that it finds
        self._marks: dict[int, tuple[CodeSegment, int, np.ndarray]] | None = None  # of a view, by segment
        segments = Segments(self._sizes.segment)
        exact, saved, self._position = load(self._path, dimension, self._sizes.segment)
        for segment in saved:
            segments.attach(segment)
        self._rows = DenseRows(exact, segments, dimension, read, self._sizes)
        self._saved_position = self._position
        self._saved_changes = self._tried_changes = 0
        self._written: queue.SimpleQueue[Written | Exception] = queue.SimpleQueue()

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes the store has; None if that is not known."""
        return self._position

    @position.setter
    def position(self, position: CatalogPosition | None) -> None:
        self._position = position
        self._follow()

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store rows; an existing id is replaced."""
        self._rows.put(held, vectors)
        self._follow()

    def fill(self, held: Fingerprints) -> None:
        """Store rows whose vectors the catalogue has, at once if there are not many."""
        self._rows.fill(held)
        self._follow()

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids."""
        self._rows.remove(ids)

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Compare a vector with the rows."""
        self._follow()
        if not limit:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        ids, cosines = self._rows.exact.search(vector, limit, self._hidden, self._shown)
        if self._rows.segments.all:
            near, found = self._compare(self._near(vector, max(_COMPARED * limit, _LEAST_COMPARED)), vector)
            ids, cosines = np.concatenate([ids, near]), np.concatenate([cosines, found])
        best = np.argsort(-cosines, kind="stable")[:limit]
        return ids[best], cosines[best]

    def _near(self, vector: np.ndarray, wanted: int) -> np.ndarray:
        """Return the ids of rows of segments that are to be compared with a vector."""
        if self._shown is not None and len(self._shown) <= self._sizes.few:
            return np.setdiff1d(self._shown[self._rows.segments.holds_ids(self._shown)], self._hidden)
        return np.unique(self._rows.segments.nearest(vector, wanted, self._marks_of))

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
            rows = segment.column.rows(self._shown[slice(*np.searchsorted(self._shown, segment.column.bounds))])
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
        return len(self._rows)

    def ids(self) -> np.ndarray:
        """Return every id."""
        return self._rows.held().ids

    def fingerprints(self) -> Fingerprints:
        """Return every id with its digest."""
        return self._rows.held()

    def holds(self, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Compare vectors with the rows, or the codes of both."""
        self.finish_building()
        return self._rows.holds(ids, vectors)

    @property
    def memory(self) -> int:
        """The bytes of the rows, ids and digests that are in memory."""
        return self._rows.memory

    @property
    def is_building(self) -> bool:
        """Whether rows are being read or made into codes on another thread."""
        return self._rows.is_building

    def finish_building(self) -> None:
        """Wait until the rows that are read or made into codes on another thread are in use."""
        self._follow()
        self._rows.finish_building()

    def _follow(self) -> None:
        """Take over what other threads have made or written, and let them write many changes."""
        if self._marks is not None:
            return  # a view: the store itself does
        while not self._written.empty():
            self._note_written(self._written.get())
        self._rows.follow()
        if self._rows.changes - self._tried_changes >= self._sizes.unsaved and SAVER.is_idle:
            snapshot = self._snapshot()
            self._tried_changes = snapshot.changes
            SAVER.submit(self._folder, lambda: self._write(snapshot))

    @property
    def is_saved(self) -> bool:
        """Whether the file has every change, and a position that is not much older, and no other thread is at work."""
        return self._rows.changes == self._saved_changes and not (self._has_old_position() or self.is_building)

    def _has_old_position(self) -> bool:
        saved, now = self._saved_position, self._position
        if now is None or not self._rows.is_complete:
            return False
        return saved is None or abs(now.generation - saved.generation) >= _OLD_POSITION

    def close(self) -> None:
        """End work that reads the catalogue."""
        self._rows.close()

    def save(self) -> None:
        """Replace the files by some with every row, unless they have them. Raises OSError."""
        self.finish_building()
        if not self.is_saved:
            self._note_written(self._snapshot().write(self._path))

    def _snapshot(self) -> Snapshot:
        position = self._position if self._rows.is_complete else None
        return Snapshot.take(position, self._rows.changes, self._rows.exact, self._rows.segments)

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
        written.replace_in(self._rows.segments)
