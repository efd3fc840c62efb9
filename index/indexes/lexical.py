"""The lexical index: BM25 over the analyzer's terms, in SQLite FTS5. A cache of the catalogue.

BM25: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond".
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_CREATE = (
    "DROP TABLE IF EXISTS vocabulary",
    "DROP TABLE IF EXISTS passages",
    "DROP TABLE IF EXISTS stamp",
    "CREATE VIRTUAL TABLE passages USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 0')",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(passages, row)",
    "CREATE TABLE stamp(epoch TEXT)",
)
_TITLE_WEIGHT, _BODY_WEIGHT = 0.5, 1.0
_REMEMBERED = 256  # unknown words whose similar terms are kept
_SCHEMA_VERSION = 1  # raise when the tables or `index.text.analyzer` change: the file is then rebuilt


class LexicalIndex:
    """Ranks passages by BM25. Rows hold terms of the analyzer, so that questions and articles are analyzed alike.

    The file records `index_version` and the version of its own schema. If either differs, or SQLite cannot read the
    file, it is replaced by an empty one, which the library fills again. Not thread-safe.
    """

    def __init__(self, path: Path, index_version: str) -> None:
        self._path = path
        self._vocabulary: list[str] | None = None  # read when the first unknown word is looked up
        self._similar: dict[tuple[str, int], dict[str, float]] = {}  # of recent words, which are looked up repeatedly
        stamp = f"{index_version}/{_SCHEMA_VERSION}"
        try:
            self._db = self._connect()
            self._empty_unless_current(stamp)
        except sqlite3.OperationalError:
            raise  # locked by another process, or the disk is full: no reason to discard the index
        except sqlite3.DatabaseError:
            self._replace(stamp)

    def put(self, rows: Iterable[tuple[int, str, str]]) -> None:
        """Store (id, title terms, body terms) rows, terms joined by spaces; an existing id is replaced."""
        self._forget_vocabulary()
        statement = "INSERT OR REPLACE INTO passages(rowid, title, body) VALUES (?, ?, ?)"
        with self._db:
            self._db.executemany(statement, rows)

    def remove(self, ids: np.ndarray) -> None:
        """Remove ids; unknown ones are ignored."""
        self._forget_vocabulary()
        with self._db:
            self._db.executemany("DELETE FROM passages WHERE rowid = ?", [(int(key),) for key in ids])

    def search(self, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and BM25 scores (at least 0, higher is better) of the passages with any of the terms, best first.

        A term may be several words joined by spaces, which then have to be adjacent.
        """
        if not terms:
            return np.empty(0, np.int64), np.empty(0, np.float64)
        rows = self._db.execute(
            "SELECT rowid, -bm25(passages, ?, ?) AS score FROM passages WHERE passages MATCH ? ORDER BY score DESC "
            "LIMIT ?",
            (_TITLE_WEIGHT, _BODY_WEIGHT, _any_of(terms), limit),
        ).fetchall()
        return np.array([row[0] for row in rows], np.int64), np.array([max(0.0, row[1]) for row in rows], np.float64)

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms, each of which may be several adjacent words."""
        statement = "SELECT count(*) FROM passages WHERE passages MATCH ?"
        return int(self._db.execute(statement, (_any_of(terms),)).fetchone()[0]) if terms else 0

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of passages that contain each term, 0 for an unknown one."""
        find = "SELECT doc FROM vocabulary WHERE term = ?"
        return {term: (self._db.execute(find, (term,)).fetchone() or (0,))[0] for term in terms}

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
        if self._vocabulary is None:
            self._vocabulary = [
                row[0] for row in self._db.execute("SELECT term FROM vocabulary WHERE length(term) >= 3")
            ]
        cutoff = 1 - edits / len(term) - 1e-6
        found = process.extract(
            term, self._vocabulary, scorer=OSA.normalized_similarity, processor=None, score_cutoff=cutoff, limit=limit
        )
        if len(self._similar) >= _REMEMBERED:
            self._similar.clear()
        self._similar[term, limit] = {match: score for match, score, _ in found}
        return self._similar[term, limit]

    def ids(self) -> np.ndarray:
        """Return every stored id, in no particular order."""
        rows = self._db.execute("SELECT id FROM passages_content").fetchall()
        return np.array([row[0] for row in rows], np.int64)

    def rows(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return the title terms and body terms stored under ids; unknown ids are left out."""
        find = "SELECT title, body FROM passages WHERE rowid = ?"
        found = {int(key): self._db.execute(find, (int(key),)).fetchone() for key in ids}
        return {key: row for key, row in found.items() if row is not None}

    def word_sets(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return the set of terms stored under each id, title included; unknown ids are left out."""
        return {key: frozenset(f"{title} {body}".split()) for key, (title, body) in self.rows(ids).items()}

    def verify(self) -> None:
        """Run FTS5's integrity check. Raises sqlite3.DatabaseError if the index does not match its rows."""
        self._db.execute("INSERT INTO passages(passages) VALUES ('integrity-check')")

    def compact(self) -> None:
        """Rewrite the index so that nothing of deleted rows remains in it."""
        with self._db:
            self._db.execute("INSERT INTO passages(passages) VALUES ('optimize')")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _forget_vocabulary(self) -> None:
        self._vocabulary = None
        self._similar.clear()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # a cache may lose its last write: it is filled again
        db.execute("PRAGMA secure_delete = ON")  # no words of a removed article remain in the file
        return db

    def _stamp(self) -> str | None:
        row = self._db.execute("SELECT name FROM sqlite_master WHERE name = 'stamp'").fetchone()
        return row and str(self._db.execute("SELECT epoch FROM stamp").fetchone()[0])

    def _empty_unless_current(self, stamp: str) -> None:
        """Recreate the tables unless they have this stamp, in one transaction: other processes may do the same."""
        if self._stamp() == stamp:
            return
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if self._stamp() != stamp:
                for statement in _CREATE:
                    self._db.execute(statement)
                self._db.execute("INSERT INTO stamp VALUES (?)", (stamp,))

    def _replace(self, stamp: str) -> None:
        """Replace a file that SQLite cannot read by an empty one."""
        if hasattr(self, "_db"):
            self._db.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._db = self._connect()
        self._empty_unless_current(stamp)


def _any_of(terms: Sequence[str]) -> str:
    """Return an FTS5 query; terms hold letters and digits only, and spaces between adjacent words."""
    return " OR ".join(f'"{term}"' for term in terms)
