"""What was last read of the tables of terms, so that a question that needs it several times reads it once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from index.indexes.bm25 import Postings
from index.indexes.lexical_entries import phrase_frequency
from index.indexes.milvus import term_tables
from index.memory import SizedCache

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from index.indexes.milvus.state import Totals

_BYTES: Final = 16_000_000  # of the lists of the terms looked up last
_COUNTED: Final = 4_000  # terms whose numbers of passages are kept


class TermCache:
    """Reads lists and counts that were not read before. The totals' `changes` decide whether they are still true."""

    def __init__(self) -> None:
        self._changes: int | None = None
        self._postings = SizedCache[str, Postings](_BYTES)
        self._counts: dict[str, int] = {}

    @property
    def bytes(self) -> int:
        """The size of the lists that are kept."""
        return self._postings.bytes

    def counts(self, db: sa.Connection, totals: Totals, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of passages with each term, or with several words next to each other."""
        self._refresh(totals)
        single = [term for term in terms if " " not in term and term not in self._counts]
        if len(self._counts) > _COUNTED:
            self._counts.clear()
            single = [term for term in terms if " " not in term]
        if single:
            self._counts |= dict.fromkeys(single, 0) | term_tables.counts(db, single)
        phrases = {term: len(self.postings(db, totals, term).places) for term in terms if " " in term}
        return {term: phrases[term] if " " in term else self._counts[term] for term in terms}

    def postings(self, db: sa.Connection, totals: Totals, term: str) -> Postings:
        """Return the places of the passages that contain a term, or several words next to each other."""
        self._refresh(totals)
        found = self._postings.get(term)
        if found is None:
            words = term.split()
            found = (
                self._of_phrase(db, totals, words) if len(words) > 1 else term_tables.postings(db, term, totals.places)
            )
            self._postings.put(term, found)
        return found

    def _of_phrase(self, db: sa.Connection, totals: Totals, words: Sequence[str]) -> Postings:
        """Return the passages with adjacent words: of those with all of the words, what is stored is read."""
        found, *others = sorted((self.postings(db, totals, word).places for word in set(words)), key=len)
        for each in others:
            found = np.intersect1d(found, each, assume_unique=True)
        rows = term_tables.with_phrase(db, found, " ".join(words))
        times = {place: much for place, title, body in rows if (much := phrase_frequency(title, body, words))}
        return Postings(np.fromiter(times, np.uint32), np.fromiter(times.values(), np.float32))

    def _refresh(self, totals: Totals) -> None:
        if totals.changes != self._changes:
            self._postings.clear()
            self._counts.clear()
            self._changes = totals.changes
