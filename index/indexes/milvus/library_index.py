"""What the two indexes of a library on Milvus share: its entities, its tables, and the position of both."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.indexes.milvus.collection import Found, LibraryEntities
    from index.indexes.milvus.entities import EntityWriter
    from index.indexes.milvus.state import IndexState, Totals
    from index.indexes.position import CatalogPosition

_TRUSTED: Final = 60.0  # seconds until Milvus is asked again whether it has what it had


class StoredPassages(Protocol):
    """What is asked of the catalogue about passages that a search has found."""

    def passage_digests(self, *, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return those of (n,) ids that exist, ascending, and their digests, (n,) uint64."""
        ...


@dataclass(slots=True)
class LibraryIndex:
    """The index of one library, as one process has it open.

    The position is stored twice: in PostgreSQL, where it counts, and as a marker in Milvus. If the marker is missing or
    another one, entities were lost or set back to an earlier state behind PostgreSQL's back, and the position is
    unknown. `heal` then compares everything with the catalogue.
    """

    entities: LibraryEntities
    state: IndexState
    writer: EntityWriter
    catalog: StoredPassages
    heal: Callable[[], None] = lambda: None
    _trusted_until: float = field(default=0.0)

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes both indexes have; None if that is not known."""
        found = self.state.position()
        if found is not None and time.monotonic() > self._trusted_until:
            if self.entities.marker != _number(found) and self.state.position() == found:
                return None  # a process that is storing a position stores the marker first
            self._trusted_until = time.monotonic() + _TRUSTED
        return found

    @position.setter
    def position(self, position: CatalogPosition | None) -> None:
        self.writer.flush()
        with self.state.alone():
            if position is not None:
                self.entities.marker = _number(position)
            self.state.set_position(position)
        self._trusted_until = time.monotonic() + _TRUSTED if position is not None else 0.0

    def totals(self) -> Totals:
        """Return the totals of the tables, with a number that goes up with every change by any process."""
        with self.state.reading() as (_, found):
            return found

    def distrust(self) -> None:
        """Ask Milvus at the next opportunity whether it has what it had: its collection was missing."""
        self._trusted_until = 0.0

    def was_lost(self) -> bool:
        """Whether Milvus lacked what it had stored before, which has been filled again now."""
        stored = self.state.position()
        self.distrust()
        if stored is None or self.position is not None:
            return False
        self.heal()
        return True

    def remove_entities(self, ids: np.ndarray) -> None:
        """Remove passages from Milvus."""
        self.writer.forget(ids.tolist())
        with self.state.alone():
            self.entities.remove(ids)

    def are_current(self, found: Found) -> np.ndarray:
        """Return (n,) bools: which of some passages the catalogue has, with the text and vector that were indexed."""
        return self.have(found.ids, found.digests)

    def have(self, ids: np.ndarray, digests: np.ndarray) -> np.ndarray:
        """Return (n,) bools: which of (n,) ids the catalogue has with these digests."""
        held, known = self.catalog.passage_digests(ids=ids)
        if not len(held):
            return np.zeros(len(ids), bool)
        places = np.minimum(np.searchsorted(held, ids), len(held) - 1)
        same: np.ndarray = (held[places] == ids) & (known[places] == digests)
        return same

    def clear(self) -> None:
        """Remove everything that is stored for the library, in Milvus and in the tables."""
        self.entities.remove_all()
        self.state.clear()


def _number(position: CatalogPosition) -> int:
    """Return a position as the 64-bit number of a marker."""
    if not position.token:
        return position.generation
    mixed = int.from_bytes(position.token[:8], "little") ^ position.generation
    return int(np.uint64(mixed & (1 << 64) - 1).astype(np.int64))
