"""The lexical index on Milvus: Milvus's BM25 proposes passages, which are scored with the library's own statistics."""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from index.indexes import bm25
from index.indexes.lexical_entries import phrase_frequency, word_frequencies
from index.indexes.milvus import term_tables
from index.indexes.milvus.term_cache import TermCache
from index.indexes.milvus.views import HasViews, Searcher
from index.indexes.vectors import Fingerprints
from index.sqlite_errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import sqlalchemy as sa

    from index.indexes.lexical import LexicalRow
    from index.indexes.milvus.library_index import LibraryIndex
    from index.indexes.milvus.state import Totals
    from index.indexes.position import CatalogPosition

_log = logging.getLogger(__name__)

_FETCHED: Final = 5  # times what is wanted is fetched from Milvus, and at least:
_FETCHED_LEAST: Final = 200  # chosen in benchmarks/RESULTS.md


class MilvusLexicalIndex(HasViews):
    """A `LexicalIndex` of one library. Other processes may change it, too.

    Milvus's scores weigh terms by all libraries that share a collection and are no measure of anything, so that more
    passages are fetched than are wanted, and scored as `index.indexes.bm25` says. What counts, phrases and spellings
    need is in PostgreSQL. Raises StorageError if Milvus or PostgreSQL is out of reach.
    """

    def __init__(self, index: LibraryIndex) -> None:
        super().__init__()
        self._index = index
        self._cache = TermCache()  # of views too
        self.refill: Callable[[], None] = lambda: None

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue whose changes both indexes have, stored when it is assigned; None if unknown."""
        return self._index.position

    @position.setter
    def position(self, position: CatalogPosition | None) -> None:
        if position is None or position != self._index.position:
            self._index.position = position
        self._index.state.end()

    def begin_changes(self) -> CatalogPosition | None:
        """Return the position, and keep other processes from changing the indexes until it is assigned.

        Raises ChangedElsewhereError if another process is doing that.
        """
        self._index.state.begin()
        return self._index.position

    @property
    def memory(self) -> int:
        """The bytes of what was read last."""
        return self._cache.bytes

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to write."""
        return self._index.writer.is_done

    def put(self, rows: Iterable[LexicalRow]) -> None:
        """Store rows together; an existing id is replaced."""
        listed = list({row.id: row for row in rows}.values())
        with self._index.state.alone():
            self._index.writer.put_words(listed)
            with self._index.state.changing() as (db, totals):
                state = self._index.state
                state.count(db, term_tables.remove(db, [row.id for row in listed]))
                state.count(db, term_tables.add(db, listed, totals.places))

    def remove(self, ids: np.ndarray) -> None:
        """Remove (n,) int64 ids together; unknown ones are ignored. From Milvus, the vector store removes them."""
        if len(ids):
            with self._index.state.alone(), self._index.state.changing() as (db, _):
                self._index.state.count(db, term_tables.remove(db, ids.tolist()))

    def search(self, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and BM25 scores (at least 0, higher is better) of the passages with any of the terms, best first.

        Of passages with equal scores the smallest ids come first.
        """
        self._index.writer.flush()
        with self._index.state.reading() as (db, totals):
            known = self._cache.counts(db, totals, terms)
        words = [term for term, passages in known.items() if passages and " " not in term]
        # Terms of most passages have hardly any weight here, but some in Milvus.
        rare = [term for term in words if 2 * known[term] < totals.passages]
        ids, scores = self._search(known, rare, limit)
        if len(ids) < limit and len(rare) < len(words):
            ids, scores = self._search(known, words, limit)
        return ids[:limit], scores[:limit]

    def _search(self, known: dict[str, int], words: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        entities = self._index.entities
        searcher = Searcher(
            entities,
            lambda wanted, restriction: entities.matching(words, wanted, restriction),
            self._index.are_current,
        )
        found = searcher.find(self._view, limit if words else 0, max(_FETCHED * limit, _FETCHED_LEAST))
        with self._index.state.reading() as (db, totals):
            phrases = [self._cache.postings(db, totals, term).places for term in known if " " in term]
            rows = {row.id: row for row in self._current_rows(db, found.ids)}
            if phrases:
                places = np.unique(np.concatenate(phrases))
                more = [row for row in term_tables.rows_at(db, places) if row.id not in rows]
                rows |= {row.id: row for row in self._visible(more)}
        return self._scored(list(rows.values()), known, totals)

    def _current_rows(self, db: sa.Connection, ids: np.ndarray) -> list[LexicalRow]:
        return [one.row for one in term_tables.stored(db, ids.tolist())]

    def _visible(self, rows: Sequence[LexicalRow]) -> list[LexicalRow]:
        """Return those of some rows that the view shows and the catalogue has."""
        ids = np.array([row.id for row in rows], np.int64)
        digests = np.array([row.digest for row in rows], np.uint64)
        seen = self._view.visible(ids) & self._index.have(ids, digests)
        return [row for row, is_seen in zip(rows, seen.tolist(), strict=True) if is_seen]

    def _scored(
        self, rows: Sequence[LexicalRow], known: dict[str, int], totals: Totals
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and scores of those of some passages that have any of the terms, best first."""
        words = [word_frequencies(row.title, row.body) for row in rows]
        lengths = np.array([length for _, length in words], np.float32)
        terms = []
        for term, passages in known.items():
            if " " in term:
                times = [phrase_frequency(row.title, row.body, term.split()) for row in rows]
            else:
                times = [found.get(term, 0.0) for found, _ in words]
            frequencies = np.array(times, np.float32)
            places = np.flatnonzero(frequencies)
            terms.append(bm25.Weighted(bm25.Postings(places, frequencies[places]), passages))
        scores = bm25.weighted_scores(terms, lengths, totals.passages, totals.words)
        ids = np.array([row.id for row in rows], np.int64)
        best = np.lexsort((ids, -scores))
        best = best[scores[best] > 0]
        return ids[best], scores[best].astype(np.float64)

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms, each of which may be several adjacent words."""
        with self._index.state.reading() as (db, totals):
            lists = [self._cache.postings(db, totals, term).places for term in terms]
            found = np.unique(np.concatenate([np.empty(0, np.uint32), *lists]))
            return len(found) if self._view.shown is None else int(np.isin(found, self._shown_places(db)).sum())

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of passages that contain each term, 0 for an unknown one."""
        with self._index.state.reading() as (db, totals):
            if self._view.shown is None:
                return self._cache.counts(db, totals, terms)
            shown = self._shown_places(db)
            lists = {term: self._cache.postings(db, totals, term).places for term in terms}
        return {term: int(np.isin(places, shown).sum()) for term, places in lists.items()}

    def _shown_places(self, db: sa.Connection) -> np.ndarray:
        return term_tables.places_of(db, np.empty(0, np.int64) if self._view.shown is None else self._view.shown)

    def similar_terms(self, term: str, limit: int) -> dict[str, float]:
        """Return stored terms that a misspelt one may stand for, with their similarity (0 to 1), best first.

        The rule is that of `index.indexes.lexical_terms.similar`.
        """
        with self._index.state.reading() as (db, _):
            near = term_tables.similar(db, term)
        if self._view.shown is not None and near:
            counts = self.document_frequencies([other for other, _ in near])
            near = [one for one in near if counts[one[0]]]
        return dict(islice(near, limit))

    def __len__(self) -> int:
        """Return the number of stored ids."""
        return self._index.totals().passages

    def ids(self) -> np.ndarray:
        """Return every stored id, in no particular order."""
        return self.fingerprints().ids

    def fingerprints(self) -> Fingerprints:
        """Return every stored id with its passage's digest, in no particular order."""
        with self._index.state.reading() as (db, _):
            flat = term_tables.digests(db)
        return Fingerprints(flat[:, 0].copy(), flat[:, 1].copy().view(np.uint64))

    def rows(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return the title terms and body terms stored under ids; unknown ids are left out."""
        with self._index.state.reading() as (db, _):
            return {one.row.id: (one.row.title, one.row.body) for one in term_tables.stored(db, ids)}

    def word_sets(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return the set of terms stored under each id, title included; unknown ids are left out."""
        return {key: frozenset(f"{title} {body}".split()) for key, (title, body) in self.rows(ids).items()}

    def compact(self) -> None:
        """Ask Milvus to erase what is left of removed rows.

        It does so later, in the background; PostgreSQL frees their room when it vacuums. If it cannot be asked, it does
        so by itself when enough was removed.
        """
        try:
            self._index.entities.compact()
        except StorageError as error:
            _log.warning("Milvus was not asked to erase what was removed, but will do so by itself: %s", error)

    def problem(self) -> str | None:
        """Return what is wrong with the tables, None if nothing is found."""
        with self._index.state.reading() as (db, totals):
            return term_tables.problem(db, totals)

    def save(self) -> None:
        """Write what waits, and let other processes change the index, even if that fails."""
        try:
            self._index.writer.flush()
        finally:
            self._index.state.end()
