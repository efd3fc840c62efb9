"""What a dense index is to the rest of the program: unit vectors by passage id. A cache of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    import numpy as np

    from index.catalog.passage_queries import StoredVectors
    from index.indexes.position import CatalogPosition


class Fingerprints(NamedTuple):
    """What an index holds: (n,) int64 ids, and the (n,) uint64 digests of the passages as they were when added."""

    ids: np.ndarray
    digests: np.ndarray


if TYPE_CHECKING:
    ReadVectors = Callable[[np.ndarray], StoredVectors]
    """Returns the vectors that the catalogue has under (n,) int64 ids, in any order; unknown ids are left out.

    It may be called in several threads.
    """


class VectorStore(Protocol):
    """Nearest neighbours by cosine similarity (-1 to 1, higher is better). Not thread-safe."""

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes the store has; None if that is not known. It is saved with them."""
        ...

    @position.setter
    def position(self, position: CatalogPosition | None) -> None: ...

    def put(self, held: Fingerprints, vectors: np.ndarray) -> None:
        """Store (n, d) float32 unit rows under ids, with the digests of their passages; an existing id is replaced."""
        ...

    def fill(self, held: Fingerprints) -> None:
        """Store rows whose vectors the catalogue has.

        Many are read on another thread, and found by searches as they become available.
        """
        ...

    def finish_building(self) -> None:
        """Wait until searches find all that `fill` reads on another thread."""
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

    def __len__(self) -> int:
        """Return the number of stored ids."""
        ...

    def ids(self) -> np.ndarray:
        """Return every stored id, in no particular order."""
        ...

    def fingerprints(self) -> Fingerprints:
        """Return every stored id with its passage's digest, in no particular order."""
        ...

    def holds(self, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return (n,) bools: whether what is stored under each id is what (n, d) `vectors` are stored as."""
        ...

    @property
    def memory(self) -> int:
        """The bytes that all rows take in memory, without those of mapped files."""
        ...

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to write."""
        ...

    def close(self) -> None:
        """End work that reads the catalogue on another thread. Only `is_saved` and `save` may be called then."""
        ...

    def save(self) -> None:
        """Save unsaved changes. It may run in another thread, while nothing else uses the store."""
        ...
