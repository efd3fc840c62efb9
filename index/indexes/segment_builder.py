"""Makes segments of codes on a thread of its own, while what there is already is searched."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.indexes.code_segment import TRAINED_ON, CodeSegment, Quantizer
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.indexes.vectors import ReadVectors

READ_AT_ONCE: Final = 4096
"""Vectors that are read at a time."""

_log = logging.getLogger(__name__)


class BuilderWork(NamedTuple):
    """Where vectors are read, the ids of the library's rows, to train on some of them, and the rows of a segment."""

    read: ReadVectors
    sample: np.ndarray
    capacity: int


class SegmentBuilder:
    """Reads the vectors of some rows and makes segments of them, each of which can be taken when it is full.

    Without a `quantizer` one is trained first.
    """

    def __init__(
        self, held: Fingerprints, work: BuilderWork, quantizer: Quantizer | None = None, *, stoppable: bool = True
    ) -> None:
        """Start. Only what is `stoppable`, because it reads a catalogue that may be closed, follows `stop`."""
        order = np.argsort(held.ids)
        self.held = Fingerprints(held.ids[order], held.digests[order])
        self.quantizer = quantizer
        self.has_failed = False
        self._read, self._sample, self._capacity = work
        self._stoppable = stoppable
        self._stopped = False
        self._made: queue.SimpleQueue[CodeSegment] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="verbatim-indexing", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be made."""
        return not self._thread.is_alive()

    def take(self) -> Iterator[CodeSegment]:
        """Yield the segments that have been made since the last call."""
        while not self._made.empty():
            yield self._made.get()

    def stop(self) -> None:
        """End early, if that was agreed."""
        self._stopped = self._stoppable

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _run(self) -> None:
        import faiss  # imported late: light commands never need it

        faiss.omp_set_num_threads(1)  # of those that this thread would start: the other cores answer questions
        try:
            for segment in self._build():
                self._made.put(segment)
        except Exception:  # noqa: BLE001 - it is noted, and tried again
            self.has_failed = True
            if not self._stopped:
                _log.exception("Some vectors could not be indexed; it is tried again")

    def _build(self) -> Iterator[CodeSegment]:
        if self.quantizer is None:
            chosen = self._sample[np.linspace(0, len(self._sample) - 1, TRAINED_ON).astype(np.int64)]
            parts = [vectors for _, _, vectors in self._batches(np.unique(chosen))]
            if not parts:
                return
            self.quantizer = Quantizer.train(np.concatenate(parts), len(self._sample))
        segment = CodeSegment(self.quantizer, self._capacity)
        for ids, digests, vectors in self._batches(self.held.ids, self.held.digests):
            for part in _parts(len(ids), segment.room, self._capacity):
                segment.append(Fingerprints(ids[part], digests[part]), vectors[part])
                if not segment.room:
                    yield segment
                    segment = CodeSegment(self.quantizer, self._capacity)
        if len(segment):
            yield segment

    def _batches(
        self, ids: np.ndarray, digests: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield ascending ids, digests and vectors, as far as there are vectors."""
        digests = np.zeros(len(ids), np.uint64) if digests is None else digests
        for start in range(0, len(ids), READ_AT_ONCE):
            if self._stopped:
                return
            wanted = ids[start : start + READ_AT_ONCE]
            found, vectors = self._read(wanted)
            order = np.argsort(found)
            places = np.searchsorted(wanted, found[order])
            if len(found):
                yield found[order], digests[start + places], vectors[order]


def _parts(count: int, first: int, others: int) -> Iterator[slice]:
    """Yield slices of `count` rows: of `first` rows, then of `others` at a time."""
    start, end = 0, min(first, count)
    while start < count:
        yield slice(start, end)
        start, end = end, min(end + others, count)
