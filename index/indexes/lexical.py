"""The lexical index: BM25 over the analyzer's terms, in SQLite FTS5. A cache of the catalogue.

BM25: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond".
"""

from __future__ import annotations

import copy
import json
import sqlite3
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.indexes.lexical_file import LexicalFile
from index.indexes.vectors import Fingerprints
from index.memory import size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.indexes.position import CatalogPosition

_TITLE_WEIGHT, _BODY_WEIGHT = 0.5, 1.0
MOST_COUNTED = 5000
"""Passages of a view that are counted alone; counting more would take longer than the rest of an answer."""
_MORE = 8  # times as many rows as before, if too few of them are in a view
_REMEMBERED = 256  # unknown words whose similar terms are kept
_SCHEMA_VERSION = 2  # raise when the tables or `index.text.analyzer` change: the file is then rebuilt
_SIGN = 1 << 64  # SQLite's integers are signed, digests are not

_SEARCH = (
    "SELECT rowid, -bm25(passages, ?, ?) AS score FROM passages WHERE passages MATCH ? ORDER BY score DESC LIMIT ?"
)
_COUNT = "SELECT count(*) FROM passages WHERE passages MATCH ?"
# The same among some ids. With "+" SQLite goes through the matches instead of running the query once for each id.
_SEARCH_SHOWN = (
    "SELECT rowid, -bm25(passages, ?, ?) AS score FROM passages WHERE passages MATCH ? "
    "AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY score DESC LIMIT ?"
)
_COUNT_SHOWN = "SELECT count(*) FROM passages WHERE passages MATCH ? AND +rowid IN (SELECT value FROM json_each(?))"


class LexicalRow(NamedTuple):
    """A passage's id, the terms of its context and of its text, joined by spaces, and its digest as a number."""

    id: int
    title: str
    body: str
    digest: int


class _Vocabulary:
    """The terms of the index in memory, and their size in bytes."""

    def __init__(self) -> None:
        self.terms: list[str] = []
        self.bytes = 0

    def fill(self, terms: list[str]) -> None:
        self.terms, self.bytes = terms, size_of(terms)

    def clear(self) -> None:
        self.fill([])


class LexicalIndex:
    """Ranks passages by BM25. Rows hold terms of the analyzer, so that questions and articles are analyzed alike.

    The file records `index_version` and the version of its own schema. If either differs, or the file is damaged, it
    is replaced by an empty one (`LexicalFile`). Damage that is found later, while the index is used, also calls
    `refill`, after which the interrupted call is repeated. Not thread-safe.
    """

    def __init__(self, path: Path, index_version: str) -> None:
        # Views share both, so that what one has read serves the next: they are emptied, not replaced.
        self._vocabulary = _Vocabulary()  # read when the first unknown word is looked up
        self._similar: dict[tuple[str, int], dict[str, float]] = {}  # of recent words, which are looked up repeatedly
        self._hidden: frozenset[int] = frozenset()  # ids that `search` skips
        # Of a view of some ids: these as a JSON list if they are also counted, else in ascending order.
        self._only: tuple[str, ...] = ()
        self._shown: np.ndarray | None = None
        self.position: CatalogPosition | None = None  # the state of the catalogue whose changes the index has
        self.refill: Callable[[], None] = lambda: None
        self._file = LexicalFile(path, f"{index_version}/{_SCHEMA_VERSION}", self._on_replaced)

    @property
    def memory(self) -> int:
        """The bytes of the vocabulary, if it was read."""
        return self._vocabulary.bytes

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to write."""
        return self._file.is_saved

    def put(self, rows: Iterable[LexicalRow]) -> None:
        """Store rows; an existing id is replaced."""
        self._forget_vocabulary()
        listed = list(rows)

        def write(db: sqlite3.Connection) -> None:
            statement = "INSERT OR REPLACE INTO passages(rowid, title, body) VALUES (?, ?, ?)"
            db.executemany(statement, [row[:3] for row in listed])
            digests = [(row.id, _signed(row.digest)) for row in listed]
            db.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?)", digests)

        self._file.write(write)

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids; unknown ones are ignored."""
        self._forget_vocabulary()
        keys = [(int(key),) for key in ids]

        def write(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM passages WHERE rowid = ?", keys)
            db.executemany("DELETE FROM digests WHERE id = ?", keys)

        if keys:
            self._file.write(write)

    def search(self, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and BM25 scores (at least 0, higher is better) of the passages with any of the terms, best first.

        A term may be several words joined by spaces, which then have to be adjacent.
        """
        if not terms:
            return np.empty(0, np.int64), np.empty(0, np.float64)
        if self._shown is not None:
            return self._search_in(self._shown, terms, limit)
        weights, shown = (_TITLE_WEIGHT, _BODY_WEIGHT), self._only
        statement = _SEARCH_SHOWN if shown else _SEARCH
        rows = self._file.read(statement, [(*weights, _any_of(terms), *shown, limit + len(self._hidden))])[0]
        if self._hidden:
            rows = [row for row in rows if row[0] not in self._hidden][:limit]
        return np.array([row[0] for row in rows], np.int64), np.array([max(0.0, row[1]) for row in rows], np.float64)

    def without(self, hidden: AbstractSet[int]) -> Self:
        """Return a view whose `search` skips these ids and finds others instead; not to be changed or kept."""
        view = copy.copy(self)
        view._hidden = frozenset(hidden)  # noqa: SLF001 - of the same class
        return view

    def only(self, shown: np.ndarray) -> Self:
        """Return a view that finds these (n,) int64 ids alone, in ascending order; not to be changed.

        At most `MOST_COUNTED` are also counted alone. The scores of `search` weigh terms as the whole index does; they
        only order what is found.
        """
        view = copy.copy(self)
        if len(shown) > MOST_COUNTED:
            view._shown = shown  # noqa: SLF001 - of the same class
            return view
        view._only = (json.dumps(shown.tolist()),)  # noqa: SLF001 - of the same class
        view._similar = {}  # noqa: SLF001 - other terms than those of the whole index
        return view

    def _search_in(self, shown: np.ndarray, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return what `search` does, of some ids alone: as many of the best of all are read as that takes."""
        asked = limit
        while True:
            asked *= _MORE
            rows = self._file.read(_SEARCH, [(_TITLE_WEIGHT, _BODY_WEIGHT, _any_of(terms), asked)])[0]
            ids = np.array([row[0] for row in rows], np.int64)
            kept = np.flatnonzero(np.isin(ids, shown))[:limit]
            if len(kept) == limit or len(rows) < asked:
                return ids[kept], np.array([max(0.0, rows[at][1]) for at in kept], np.float64)

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms, each of which may be several adjacent words."""
        statement = _COUNT_SHOWN if self._only else _COUNT
        return int(self._file.read(statement, [(_any_of(terms), *self._only)])[0][0][0]) if terms else 0

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of passages that contain each term, 0 for an unknown one."""
        if self._only:
            return {term: self.count([term]) for term in terms}
        found = self._file.read("SELECT doc FROM vocabulary WHERE term = ?", [(term,) for term in terms])
        return {term: rows[0][0] if rows else 0 for term, rows in zip(terms, found, strict=True)}

    def similar_terms(self, term: str, limit: int) -> dict[str, float]:
        """Return stored terms that a misspelt one may stand for, with their similarity (0 to 1), best first.

        Similarity is 1 - (optimal string alignment distance / length). Terms of 4 to 7 characters may differ by one
        edit, longer ones by two, shorter ones not at all.
        """
        edits = 0 if len(term) < 4 else 1 if len(term) < 8 else 2
        if not edits:
            return {}
        if (term, limit) in self._similar:
            return self._similar[term, limit]
        if not self._vocabulary.terms:
            (rows,) = self._file.read("SELECT term FROM vocabulary WHERE length(term) >= 3")
            self._vocabulary.fill([row[0] for row in rows])
        cutoff = 1 - edits / len(term) - 1e-6
        found = process.extract(
            term,
            self._vocabulary.terms,
            scorer=OSA.normalized_similarity,
            processor=None,
            score_cutoff=cutoff,
            limit=None if self._only else limit,
        )
        if self._only:
            found = list(islice((one for one in found if self.count([one[0]])), limit))
        if len(self._similar) >= _REMEMBERED:
            self._similar.clear()
        self._similar[term, limit] = {match: score for match, score, _ in found}
        return self._similar[term, limit]

    def ids(self) -> np.ndarray:
        """Return every stored id, in no particular order."""
        return self.fingerprints().ids

    def fingerprints(self) -> Fingerprints:
        """Return every stored id with its passage's digest, in no particular order."""
        rows = self._file.read("SELECT id, digest FROM digests")[0]
        ids, digests = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
        return Fingerprints(ids, digests.view(np.uint64))

    def rows(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return the title terms and body terms stored under ids; unknown ids are left out."""
        keys = [int(key) for key in ids]
        found = self._file.read("SELECT title, body FROM passages WHERE rowid = ?", [(key,) for key in keys])
        return {key: rows[0] for key, rows in zip(keys, found, strict=True) if rows}

    def word_sets(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return the set of terms stored under each id, title included; unknown ids are left out."""
        return {key: frozenset(f"{title} {body}".split()) for key, (title, body) in self.rows(ids).items()}

    def compact(self) -> None:
        """Rewrite the index so that nothing of deleted rows remains in it."""
        self._file.write(lambda db: db.execute("INSERT INTO passages(passages) VALUES ('optimize')"))

    def problem(self) -> str | None:
        """Return what is wrong with the file, None if SQLite finds nothing: its pages, its rows and the FTS5 index."""
        return self._file.problem()

    def save(self) -> None:
        """Close the file, then record its checksum if it has changed. It may run in another thread, as the last call.

        Raises OSError and sqlite3.Error; the file is closed nevertheless.
        """
        self._file.save()

    def _on_replaced(self) -> None:
        self._forget_vocabulary()
        self.refill()

    def _forget_vocabulary(self) -> None:
        self._vocabulary.clear()
        self._similar.clear()


def _any_of(terms: Sequence[str]) -> str:
    """Return an FTS5 query; terms hold letters and digits only, and spaces between adjacent words."""
    return " OR ".join(f'"{term}"' for term in terms)


def _signed(digest: int) -> int:
    """Return an unsigned 64-bit number as a signed one with the same bits."""
    return digest - _SIGN if digest >= _SIGN >> 1 else digest
