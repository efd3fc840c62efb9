"""The dense index of a library: exact while it is small, approximate when it is large, without anyone's asking."""

from __future__ import annotations

import copy
import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from index.durable_files import delete_abandoned, write_durably
from index.indexes import vector_file
from index.indexes.exact_rows import ExactRows
from index.indexes.quantized_rows import QuantizedRows
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.indexes.vectors import ReadVectors

LARGE: Final = 32_768
"""Passages from which on a library is searched by codes: comparing each takes 15 ms then, which grows."""

_log = logging.getLogger(__name__)


class FaissStore:
    """Rows in memory, saved to one file whose name contains the index version.

    A file of another version is never opened. One that is damaged, truncated or of another format is deleted, and the
    library fills the store again. Codes are made on a thread of their own while the vectors are searched.
    """

    def __init__(
        self, folder: Path, index_version: str, dimension: int, read: ReadVectors, *, large: int = LARGE
    ) -> None:
        """Open the file in a folder. From `large` rows on, vectors are read with `read` and not kept."""
        self._path = folder / f"vectors-{index_version}.faiss"
        self._dimension = dimension
        self._read = read
        self._large = large
        self._hidden = np.empty(0, np.int64)  # ids that `search` skips
        self._shown: np.ndarray | None = None  # the only ids that it finds
        self._building: _Building | None = None
        delete_abandoned(folder)
        for stale in folder.glob("vectors-*.faiss*"):
            if stale != self._path:
                _delete(stale)
        self._rows = self._load()
        self._saved = True

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store rows; an existing id is replaced."""
        if not len(held.ids):
            return
        self.remove(held.ids)  # FAISS would keep both rows of a repeated id
        self._rows.append(held, vectors)
        self._saved = False
        self._grow()

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids."""
        rows = self._rows.rows(ids)
        rows = np.unique(rows[rows >= 0])
        if len(rows):
            self._rows.drop(rows)
            self._saved = False

    def search(self, vector: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Compare a vector with the rows."""
        self._grow()
        return self._rows.search(vector, limit, self._hidden, self._shown)

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view that shares the rows."""
        view = self._view()
        view._hidden = np.fromiter(hidden, np.int64, len(hidden))  # noqa: SLF001 - of the same class
        return view

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that shares the rows."""
        view = self._view()
        view._shown = shown  # noqa: SLF001 - of the same class
        return view

    def _view(self) -> Self:
        view = copy.copy(self)
        view._building, view._large = None, np.iinfo(np.int64).max  # noqa: SLF001 - the store replaces its rows itself
        return view

    def ids(self) -> np.ndarray:
        """Return every id."""
        return self._rows.held().ids

    def fingerprints(self) -> Fingerprints:
        """Return every id with its digest."""
        return self._rows.held()

    def holds(self, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Compare vectors with the rows, or the codes of both."""
        rows = self._rows.rows(ids)
        found = rows >= 0
        found[found] = self._rows.holds(rows[found], vectors[found])
        return found

    @property
    def memory(self) -> int:
        """The bytes of the rows, ids and digests."""
        return self._rows.memory

    @property
    def is_saved(self) -> bool:
        """Whether the file has every change."""
        return self._saved

    def save(self) -> None:
        """Replace the file by one with every row, unless it has them. Raises OSError."""
        self.finish_building()
        if not self._saved:
            kind = vector_file.EXACT if isinstance(self._rows, ExactRows) else vector_file.QUANTIZED
            parts = list(self._rows.parts())  # first, since it takes the removed rows out
            held = self._rows.held()
            write_durably(self._path, lambda stream: vector_file.write(stream, kind, self._dimension, held, parts))
            self._saved = True

    def finish_building(self) -> None:
        """Wait until codes that are being made are in use."""
        if self._building is not None:
            self._building.join()
            self._grow()

    def _grow(self) -> None:
        """Begin to make codes if there are many rows, or use those that are made."""
        rows = self._rows
        if not isinstance(rows, ExactRows):
            return
        if self._building is None and len(rows.column) >= self._large:
            self._building = _Building(rows, self._read)
        elif self._building is not None and self._building.is_done:
            made, self._building = self._building.take(), None
            if made is not None:
                self._rows = _caught_up(made, rows)
                self._saved = False

    def _load(self) -> ExactRows | QuantizedRows:
        try:
            saved = vector_file.read(self._path, self._dimension)
            if saved is not None and saved.kind == vector_file.QUANTIZED:
                return QuantizedRows.load(saved.rows, saved.held, self._read)
            if saved is not None:
                return ExactRows.of(saved.held, np.frombuffer(saved.rows, "<f4").reshape(-1, self._dimension))
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            _log.warning("%s is filled again: %s", self._path.name, error)
            _delete(self._path)
        return ExactRows(self._dimension)


class _Building:
    """Makes codes of rows, on a thread of its own, from a copy."""

    def __init__(self, rows: ExactRows, read: ReadVectors) -> None:
        held = Fingerprints(*(part.copy() for part in rows.held()))
        self._work = held, rows.matrix().copy(), read
        self._made: QuantizedRows | None = None
        self._thread = threading.Thread(target=self._build, name="verbatim-quantizing", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> None:
        self._thread.join()

    def take(self) -> QuantizedRows | None:
        return self._made

    def _build(self) -> None:
        try:
            self._made = QuantizedRows.build(*self._work)
        except (RuntimeError, MemoryError):
            _log.exception("Vectors could not be quantized; they are searched exactly")


def _caught_up(made: QuantizedRows, rows: ExactRows) -> QuantizedRows:
    """Return codes that were made from earlier rows with what has been added and removed since."""
    held, now = made.held(), rows.held()
    then = made.rows(now.ids)
    known = then >= 0
    known[known] = held.digests[then[known]] == now.digests[known]
    made.drop(np.setdiff1d(np.arange(len(held.ids)), then[known]))
    made.append(Fingerprints(now.ids[~known], now.digests[~known]), rows.matrix()[~known])
    return made


def _delete(path: Path) -> None:
    with suppress(OSError):  # in a folder that cannot be written
        path.unlink()
