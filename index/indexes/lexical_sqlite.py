"""The embedded lexical index, in one SQLite file."""

from __future__ import annotations

import copy
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, Self, TypeVar

import numpy as np

from index.indexes import bm25, lexical_tables, lexical_terms
from index.indexes.lexical_cache import LexicalCache
from index.indexes.lexical_file import LexicalFile
from index.indexes.position import CatalogPosition
from index.indexes.vectors import Fingerprints

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.indexes.lexical import LexicalRow

T = TypeVar("T")

_SCHEMA_VERSION: Final = 3  # raise when the tables or `index.text.analyzer` change: the file is then filled again
_AT_ONCE: Final = 1000  # rows that are read to be removed


class SqliteLexicalIndex:
    """A `LexicalIndex` in a SQLite file: the lists of each term's passages, scored with NumPy.

    The file records `index_version` and the version of its own schema. If either differs, or the file is damaged, it
    is replaced by an empty one (`LexicalFile`). Not thread-safe.
    """

    def __init__(self, path: Path, index_version: str) -> None:
        self._cache = LexicalCache()  # of views too, so that what one has read serves the next
        self._hidden: np.ndarray | None = None  # ids that `search` skips
        self._shown: np.ndarray | None = None  # the only ids that are found and counted
        self.refill: Callable[[], None] = lambda: None
        self._file = LexicalFile(path, f"{index_version}/{_SCHEMA_VERSION}", self._on_replaced)

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes the rows contain, stored when it is assigned; None if not known."""
        return self._file.read(_position)

    @position.setter
    def position(self, position: CatalogPosition | None) -> None:
        if position != self.position:
            values = (position.generation, position.token) if position else (None, None)
            self._file.write(lambda db: db.execute("UPDATE stamp SET generation = ?, token = ?", values))
        self._file.stop_watching()

    def begin_changes(self) -> CatalogPosition | None:
        """Return the position. From now until it is assigned, changes are refused if another process made one since.

        They raise ChangedElsewhereError: what two processes follow at once could leave a removed passage, or lose one.
        """
        return self._file.watch(_position)

    @property
    def memory(self) -> int:
        """The bytes of what was read last."""
        return self._cache.bytes

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to write."""
        return self._file.is_saved

    def put(self, rows: Iterable[LexicalRow]) -> None:
        """Store rows together; an existing id is replaced."""
        listed = list({row.id: row for row in rows}.values())

        def change(db: sqlite3.Connection) -> None:
            lexical_tables.remove(db, lexical_tables.stored(db, [row.id for row in listed]))
            lexical_tables.add(db, listed)

        self._write(change)

    def remove(self, ids: np.ndarray) -> None:
        """Remove (n,) int64 ids together; unknown ones are ignored."""

        def change(db: sqlite3.Connection) -> None:
            for start in range(0, len(ids), _AT_ONCE):
                keys = set(ids[start : start + _AT_ONCE].tolist())
                lexical_tables.remove(db, lexical_tables.stored(db, keys))

        if len(ids):
            self._write(change)

    def search(self, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and BM25 scores (at least 0, higher is better) of the passages with any of the terms, best first.

        Of passages with equal scores the smallest ids come first.
        """

        def job(db: sqlite3.Connection) -> tuple[np.ndarray, np.ndarray]:
            found = [self._cache.postings(db, term) for term in terms]
            layout = self._cache.layout(db)
            scores = bm25.scores(found, layout.lengths, layout.passages)
            if self._shown is not None:
                kept = layout.places(self._shown)
                shown = np.zeros_like(scores)
                shown[kept] = scores[kept]
                scores = shown
            if self._hidden is not None:
                scores[layout.places(self._hidden)] = 0
            places = bm25.best(scores, found, limit)
            return layout.ids(places), scores[places].astype(np.float64)

        return self._read(job)

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view whose `search` skips these ids and finds others instead; not to be changed or kept."""
        view = copy.copy(self)
        view._hidden = np.fromiter(hidden, np.int64, len(hidden))  # noqa: SLF001 - of the same class
        return view

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that finds and counts these (n,) int64 ids alone, in ascending order; not to be changed.

        The scores of `search` weigh terms as the whole index does; they only order what is found.
        """
        view = copy.copy(self)
        view._shown = shown  # noqa: SLF001 - of the same class
        return view

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms, each of which may be several adjacent words."""
        return self._read(lambda db: self._count(db, terms))

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of passages that contain each term, 0 for an unknown one."""

        def job(db: sqlite3.Connection) -> dict[str, int]:
            return {term: self._frequency(db, term) for term in terms}

        return self._read(job)

    def similar_terms(self, term: str, limit: int) -> dict[str, float]:
        """Return stored terms that a misspelt one may stand for, with their similarity (0 to 1), best first.

        Similarity is 1 - (optimal string alignment distance / length of the longer term). Terms of 4 to 7 characters
        may differ by one edit, longer ones by two, shorter ones not at all.
        """

        def job(db: sqlite3.Connection) -> dict[str, float]:
            near = self._cache.similar(db, term)
            if self._shown is not None:
                near = [one for one in near if self._count(db, [one[0]])]
            return dict(islice(near, limit))

        return self._read(job)

    def __len__(self) -> int:
        """Return the number of stored ids."""
        statement = "SELECT coalesce(sum(passages), 0) FROM blocks"
        return self._file.read(lambda db: int(db.execute(statement).fetchone()[0]))

    def ids(self) -> np.ndarray:
        """Return every stored id, in no particular order."""
        return self.fingerprints().ids

    def fingerprints(self) -> Fingerprints:
        """Return every stored id with its passage's digest, in no particular order."""
        statement = "SELECT id, digest FROM digests"
        flat = self._file.read(lambda db: np.fromiter(chain.from_iterable(db.execute(statement)), np.int64))
        ids, digests = flat.reshape(-1, 2).T.copy()
        return Fingerprints(ids, digests.view(np.uint64))

    def rows(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return the title terms and body terms stored under ids; unknown ids are left out."""
        keys = [int(key) for key in ids]
        statement = "SELECT title, body FROM passages WHERE id = ?"
        found = self._file.read(lambda db: [db.execute(statement, (key,)).fetchone() for key in keys])
        return {key: row for key, row in zip(keys, found, strict=True) if row}

    def word_sets(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return the set of terms stored under each id, title included; unknown ids are left out."""
        return {key: frozenset(f"{title} {body}".split()) for key, (title, body) in self.rows(ids).items()}

    def compact(self) -> None:
        """Erase what is left of removed rows: they are overwritten in the file, but may still be in its log."""
        self._file.truncate_log()

    def problem(self) -> str | None:
        """Return what is wrong with the file, None if nothing is found: its pages, its rows and the lists of terms."""
        return self._file.problem()

    def save(self) -> None:
        """Close the file, then record its checksum if it has changed. It may run in another thread, as the last call.

        Raises OSError and sqlite3.Error; the file is closed nevertheless.
        """
        self._file.save()

    def _read(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a job returns that may use what was read before, unless the file has changed since."""

        def current(db: sqlite3.Connection) -> T:
            self._cache.refresh(db)
            return job(db)

        return self._file.read(current)

    def _write(self, change: Callable[[sqlite3.Connection], object]) -> None:
        self._cache.clear()
        self._file.write(change)

    def _on_replaced(self) -> None:
        self._cache.clear()
        self.refill()

    def _count(self, db: sqlite3.Connection, terms: Sequence[str]) -> int:
        layout = self._cache.layout(db)
        is_found = np.zeros(len(layout.lengths), bool)
        for term in terms:
            is_found[self._cache.postings(db, term).places] = True
        return int(np.count_nonzero(is_found if self._shown is None else is_found[layout.places(self._shown)]))

    def _frequency(self, db: sqlite3.Connection, term: str) -> int:
        if self._shown is not None or " " in term:
            return self._count(db, [term])
        term_id = lexical_terms.known_ids(db, [term]).get(term)
        return 0 if term_id is None else lexical_tables.count(db, term_id)


def _position(db: sqlite3.Connection) -> CatalogPosition | None:
    generation, token = db.execute("SELECT generation, token FROM stamp").fetchone() or (None, None)
    return None if generation is None or token is None else CatalogPosition(generation, token)
