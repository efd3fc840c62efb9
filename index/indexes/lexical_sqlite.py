"""The embedded lexical index, in one SQLite file."""

from __future__ import annotations

import copy
import sqlite3
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, Self, TypeVar

import numpy as np

from index.catalog.position import CatalogPosition
from index.indexes import bm25, lexical_tables, lexical_terms
from index.indexes.bm25 import Postings
from index.indexes.lexical_entries import BLOCK, BLOCK_BITS, ENTRY, LENGTH, phrase_frequency, unpack
from index.indexes.lexical_file import LexicalFile
from index.indexes.vectors import Fingerprints
from index.memory import SizedCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.indexes.lexical import LexicalRow

T = TypeVar("T")

_SCHEMA_VERSION: Final = 3  # raise when the tables or `index.text.analyzer` change: the file is then filled again
_POSTINGS_BYTES: Final = 16_000_000  # of the terms looked up last: a question looks each of its own up several times
_REMEMBERED: Final = 256  # unknown words whose similar terms are kept


@dataclass(frozen=True, slots=True)
class _Layout:
    """The blocks that have passages. A place counts through these: the offset in a block after those before it."""

    blocks: np.ndarray  # (b,) int64, ascending
    lengths: np.ndarray  # (b * BLOCK,) uint16, by place
    passages: int

    @classmethod
    def read(cls, db: sqlite3.Connection) -> _Layout:
        found = db.execute("SELECT block, data FROM blocks LEFT JOIN lengths USING (block) ORDER BY block").fetchall()
        lengths = np.frombuffer(b"".join(data for _, data in found), LENGTH)
        if len(lengths) != BLOCK * len(found):
            raise sqlite3.DatabaseError("the lengths of a block are damaged")
        (passages,) = db.execute("SELECT coalesce(sum(passages), 0) FROM blocks").fetchone()
        return cls(np.array([block for block, _ in found], np.int64), lengths, int(passages))

    def places(self, ids: np.ndarray) -> np.ndarray:
        """Return the places of those of some ids whose blocks have passages."""
        if not len(self.blocks):
            return ids[:0]
        at = np.minimum(np.searchsorted(self.blocks, ids >> BLOCK_BITS), len(self.blocks) - 1)
        places: np.ndarray = (at << BLOCK_BITS) + (ids & (BLOCK - 1))
        return places[self.blocks[at] == ids >> BLOCK_BITS]

    def ids(self, places: np.ndarray) -> np.ndarray:
        """Return the ids of passages at some places."""
        ids: np.ndarray = (self.blocks[places >> BLOCK_BITS] << BLOCK_BITS) + (places & (BLOCK - 1))
        return ids


@dataclass(slots=True)
class _Cache:
    """What was read from the file last; views share it, so that what one has read serves the next."""

    version: int | None = None  # of the file, which another process may change
    layout: _Layout | None = None
    signatures: np.ndarray | None = None
    postings: SizedCache[str, Postings] = field(default_factory=lambda: SizedCache(_POSTINGS_BYTES))
    similar: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        arrays = (self.layout.lengths if self.layout else None, self.signatures)
        return self.postings.bytes + sum(one.nbytes for one in arrays if one is not None)

    def clear(self) -> None:
        self.version = self.layout = self.signatures = None
        self.postings.clear()
        self.similar.clear()


class SqliteLexicalIndex:
    """A `LexicalIndex` in a SQLite file: the lists of each term's passages, scored with NumPy.

    The file records `index_version` and the version of its own schema. If either differs, or the file is damaged, it
    is replaced by an empty one (`LexicalFile`). Not thread-safe.
    """

    def __init__(self, path: Path, index_version: str) -> None:
        self._cache = _Cache()
        self._hidden: np.ndarray | None = None  # ids that `search` skips
        self._shown: np.ndarray | None = None  # the only ids that are found and counted
        self.refill: Callable[[], None] = lambda: None
        self._file = LexicalFile(path, f"{index_version}/{_SCHEMA_VERSION}", self._on_replaced)

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes the rows contain, stored when it is assigned; None if not known."""
        generation, token = self._file.read(
            lambda db: db.execute("SELECT generation, token FROM stamp").fetchone() or (None, None)
        )
        return None if generation is None or token is None else CatalogPosition(generation, token)

    @position.setter
    def position(self, position: CatalogPosition | None) -> None:
        values = (position.generation, position.token) if position else (None, None)
        self._file.write(lambda db: db.execute("UPDATE stamp SET generation = ?, token = ?", values))

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
        if len(ids):
            self._write(lambda db: lexical_tables.remove(db, lexical_tables.stored(db, set(ids.tolist()))))

    def search(self, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and BM25 scores (at least 0, higher is better) of the passages with any of the terms, best first.

        Of passages with equal scores the smallest ids come first.
        """

        def job(db: sqlite3.Connection) -> tuple[np.ndarray, np.ndarray]:
            found = [self._postings(db, term) for term in terms]
            layout = self._layout(db)
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
            cache = self._cache
            if self._shown is None and (term, limit) in cache.similar:
                return cache.similar[term, limit]
            if cache.signatures is None:
                cache.signatures = lexical_terms.signatures(db)
            near = lexical_terms.similar(db, cache.signatures, term)
            if self._shown is not None:
                return dict(islice((one for one in near if self._count(db, [one[0]])), limit))
            if len(cache.similar) >= _REMEMBERED:
                cache.similar.clear()
            return cache.similar.setdefault((term, limit), dict(islice(near, limit)))

        return self._read(job)

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
            (version,) = db.execute("PRAGMA data_version").fetchone()
            if version != self._cache.version:
                self._cache.clear()
                self._cache.version = version
            return job(db)

        return self._file.read(current)

    def _write(self, change: Callable[[sqlite3.Connection], object]) -> None:
        self._cache.clear()
        self._file.write(change)

    def _on_replaced(self) -> None:
        self._cache.clear()
        self.refill()

    def _layout(self, db: sqlite3.Connection) -> _Layout:
        if self._cache.layout is None:
            self._cache.layout = _Layout.read(db)
        return self._cache.layout

    def _count(self, db: sqlite3.Connection, terms: Sequence[str]) -> int:
        layout = self._layout(db)
        is_found = np.zeros(len(layout.lengths), bool)
        for term in terms:
            is_found[self._postings(db, term).places] = True
        return int(np.count_nonzero(is_found if self._shown is None else is_found[layout.places(self._shown)]))

    def _frequency(self, db: sqlite3.Connection, term: str) -> int:
        if self._shown is not None or " " in term:
            return self._count(db, [term])
        term_id = lexical_terms.known_ids(db, [term]).get(term)
        return 0 if term_id is None else lexical_tables.count(db, term_id)

    def _postings(self, db: sqlite3.Connection, term: str) -> Postings:
        """Return the passages that contain a term, or several words next to each other."""
        found = self._cache.postings.get(term)
        if found is None:
            words = term.split()
            found = self._of_phrase(db, words) if len(words) > 1 else self._of_word(db, term)
            self._cache.postings.put(term, found)
        return found

    def _of_word(self, db: sqlite3.Connection, term: str) -> Postings:
        term_id = lexical_terms.known_ids(db, [term]).get(term)
        lists = lexical_tables.lists(db, term_id) if term_id is not None else []
        layout = self._layout(db)
        offsets, frequencies = unpack(b"".join(data for _, data in lists))
        starts = np.searchsorted(layout.blocks, [block for block, _ in lists]) << BLOCK_BITS
        counts = [len(data) // ENTRY.itemsize for _, data in lists]
        return Postings(offsets + np.repeat(starts.astype(np.uint32), counts), frequencies)

    def _of_phrase(self, db: sqlite3.Connection, words: Sequence[str]) -> Postings:
        """Return the passages with adjacent words: of those with all of the words, what is stored is read."""
        rarest, *others = sorted((self._postings(db, word).places for word in set(words)), key=len)
        for each in others:
            rarest = np.intersect1d(rarest, each, assume_unique=True)
        layout = self._layout(db)
        places, frequencies = [], []
        for place, key in zip(rarest.tolist(), layout.ids(rarest).tolist(), strict=True):
            row = db.execute("SELECT title, body FROM passages WHERE id = ?", (key,)).fetchone()
            if row and (frequency := phrase_frequency(row[0], row[1], words)):
                places.append(place)
                frequencies.append(frequency)
        return Postings(np.array(places, np.uint32), np.array(frequencies, np.float32))
