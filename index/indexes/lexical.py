"""Lexical search: passages ranked by BM25 over the analyzer's terms. An index is a cache of the catalogue.

`SqliteLexicalIndex` in `index/indexes/lexical_sqlite.py` is the embedded one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    import numpy as np

    from index.indexes.position import CatalogPosition
    from index.indexes.vectors import Fingerprints


class LexicalRow(NamedTuple):
    """A passage's id, the terms of its context and of its text, joined by spaces, and its digest as a number."""

    id: int
    title: str
    body: str
    digest: int


class ChangedElsewhereError(Exception):
    """Another process has changed an index since `LexicalIndex.begin_changes`; this process has changed nothing."""


class LexicalIndex(Protocol):
    """Ranks passages by BM25. Rows hold terms of the analyzer, so that questions and articles are analyzed alike.

    A term that is searched or counted may be several words joined by spaces, which then have to be adjacent. What `put`
    and `remove` do counts from the next call on. Damage that is found while the index is used empties it, calls
    `refill`, and repeats the interrupted call. Not thread-safe.
    """

    position: CatalogPosition | None
    """The state of the catalogue whose changes the rows contain, stored when it is assigned; None if not known."""

    def begin_changes(self) -> CatalogPosition | None:
        """Return the position. From now until it is assigned, changes are refused if another process made one since.

        They raise ChangedElsewhereError: what two processes follow at once could leave a removed passage, or lose one.
        """
        ...

    refill: Callable[[], None]
    """Stores the rows of the catalogue again."""

    @property
    def memory(self) -> int:
        """The bytes that are held in memory."""
        ...

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to write."""
        ...

    def put(self, rows: Iterable[LexicalRow]) -> None:
        """Store rows together; an existing id is replaced. Raises ChangedElsewhereError as `begin_changes` says."""
        ...

    def remove(self, ids: np.ndarray) -> None:
        """Remove (n,) int64 ids together; unknown ones are ignored. Raises ChangedElsewhereError too."""
        ...

    def search(self, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and BM25 scores (at least 0, higher is better) of the passages with any of the terms, best first.

        Of passages with equal scores the smallest ids come first.
        """
        ...

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view whose `search` skips these ids and finds others instead; not to be changed or kept."""
        ...

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that finds and counts these (n,) int64 ids alone, in ascending order; not to be changed.

        The scores of `search` weigh terms as the whole index does; they only order what is found.
        """
        ...

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms."""
        ...

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of passages that contain each term, 0 for an unknown one."""
        ...

    def similar_terms(self, term: str, limit: int) -> dict[str, float]:
        """Return stored terms that a misspelt one may stand for, with their similarity (0 to 1), best first.

        Similarity is 1 - (optimal string alignment distance / length of the longer term). Terms of 4 to 7 characters
        may differ by one edit, longer ones by two, shorter ones not at all.
        """
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

    def rows(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return the title terms and body terms stored under ids; unknown ids are left out."""
        ...

    def word_sets(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return the set of terms stored under each id, title included; unknown ids are left out."""
        ...

    def compact(self) -> None:
        """Erase what is left of removed rows."""
        ...

    def problem(self) -> str | None:
        """Return what is wrong with what is stored, None if nothing is found."""
        ...

    def save(self) -> None:
        """Close the index, after it has written what is not stored yet. It may run in another thread, as the last call.

        Raises OSError and sqlite3.Error; the index is closed nevertheless.
        """
        ...
