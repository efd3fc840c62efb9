"""What was last read of the lexical index, so that a question that needs it several times reads it once."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from index.indexes import lexical_tables, lexical_terms
from index.indexes.bm25 import Postings
from index.indexes.lexical_entries import BLOCK, BLOCK_BITS, ENTRY, LENGTH, padded, phrase_frequency, unpack
from index.indexes.lexical_file import data_version
from index.memory import SizedCache

if TYPE_CHECKING:
    from collections.abc import Sequence

# Also those with the letters of a phrase inside of longer words: SQLite leaves out most others faster than Python.
_WITH_PHRASE = (
    "SELECT passages.id, title, body FROM json_each(?) CROSS JOIN passages ON passages.id = value "
    "WHERE instr(body, ?) OR instr(title, ?)"
)
_POSTINGS_BYTES: Final = 16_000_000  # of the terms looked up last
_POSTINGS: Final = 256  # terms: a question has tens, and each of many small libraries would keep all ever asked
_REMEMBERED: Final = 256  # unknown words whose similar terms are kept


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks that have passages. A place counts through these: the offset in a block after those before it."""

    blocks: np.ndarray  # (b,) int64, ascending
    lengths: np.ndarray  # (b * BLOCK,) uint16: the words of the passage at each place, 0 where there is none
    passages: int

    @classmethod
    def read(cls, db: sqlite3.Connection) -> Layout:
        """Read the layout. Raises sqlite3.DatabaseError if it is damaged."""
        found = db.execute("SELECT block, data FROM blocks LEFT JOIN lengths USING (block) ORDER BY block").fetchall()
        lengths = np.frombuffer(b"".join(padded(data, BLOCK * LENGTH.itemsize) for _, data in found), LENGTH)
        (passages,) = db.execute("SELECT coalesce(sum(passages), 0) FROM blocks").fetchone()
        return cls(np.array([block for block, _ in found], np.int64), lengths, int(passages))

    def places(self, ids: np.ndarray) -> np.ndarray:
        """Return the places of those of some ids whose blocks have passages."""
        if not len(self.blocks):
            return ids[:0]
        at = np.minimum(np.searchsorted(self.blocks, ids >> BLOCK_BITS), len(self.blocks) - 1)
        places: np.ndarray = (at << BLOCK_BITS) + (ids & (BLOCK - 1))
        return np.asarray(places[self.blocks[at] == ids >> BLOCK_BITS])

    def ids(self, places: np.ndarray) -> np.ndarray:
        """Return the ids of passages at some places."""
        return np.asarray((self.blocks[places >> BLOCK_BITS] << BLOCK_BITS) + (places & (BLOCK - 1)))


class LexicalCache:
    """Reads from the tables what was not read before. The version of the file decides whether that is still true."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._layout: Layout | None = None
        self._signatures: np.ndarray | None = None
        self._postings = SizedCache[str, Postings](_POSTINGS_BYTES, _POSTINGS)
        self._similar: dict[str, list[tuple[str, float]]] = {}

    @property
    def bytes(self) -> int:
        """The size of what is kept."""
        lengths = self._layout.lengths if self._layout else None
        return self._postings.bytes + sum(one.nbytes for one in (lengths, self._signatures) if one is not None)

    def clear(self) -> None:
        """Forget everything, because this process changes the file."""
        self._version = self._layout = self._signatures = None
        self._postings.clear()
        self._similar.clear()

    def refresh(self, db: sqlite3.Connection) -> None:
        """Forget everything if another process has changed the file."""
        version = data_version(db)
        if version != self._version:
            self.clear()
            self._version = version

    def layout(self, db: sqlite3.Connection) -> Layout:
        """Return which blocks there are."""
        if self._layout is None:
            self._layout = Layout.read(db)
        return self._layout

    def postings(self, db: sqlite3.Connection, term: str) -> Postings:
        """Return the passages that contain a term, or several words next to each other."""
        found = self._postings.get(term)
        if found is None:
            words = term.split()
            found = self._of_phrase(db, words) if len(words) > 1 else self._of_word(db, term)
            self._postings.put(term, found)
        return found

    def similar(self, db: sqlite3.Connection, term: str) -> list[tuple[str, float]]:
        """Return the terms that a misspelt one may stand for, with their similarity (0 to 1), best first."""
        found = self._similar.get(term)
        if found is None:
            if self._signatures is None:
                self._signatures = lexical_terms.signatures(db)
            found = lexical_terms.similar(db, self._signatures, term)
            if len(self._similar) >= _REMEMBERED:
                self._similar.clear()
            self._similar[term] = found
        return found

    def _of_word(self, db: sqlite3.Connection, term: str) -> Postings:
        term_id = lexical_terms.known_ids(db, [term]).get(term)
        lists = lexical_tables.lists(db, term_id) if term_id is not None else []
        layout = self.layout(db)
        offsets, frequencies = unpack(b"".join(data for _, data in lists))
        starts = np.searchsorted(layout.blocks, [block for block, _ in lists]) << BLOCK_BITS
        counts = [len(data) // ENTRY.itemsize for _, data in lists]
        return Postings(offsets + np.repeat(starts.astype(np.uint32), counts), frequencies)

    def _of_phrase(self, db: sqlite3.Connection, words: Sequence[str]) -> Postings:
        """Return the passages with adjacent words: of those with all of the words, what is stored is read."""
        found, *others = sorted((self.postings(db, word).places for word in set(words)), key=len)
        for each in others:
            found = np.intersect1d(found, each, assume_unique=True)
        layout, phrase = self.layout(db), " ".join(words)
        rows = db.execute(_WITH_PHRASE, (json.dumps(layout.ids(found).tolist()), phrase, phrase))
        frequencies = {key: times for key, title, body in rows if (times := phrase_frequency(title, body, words))}
        places = layout.places(np.fromiter(frequencies, np.int64)).astype(np.uint32)
        return Postings(places, np.fromiter(frequencies.values(), np.float32))
