"""The lexical index: BM25 over folded words (`index.text.analyzer`), by SQLite FTS5: a cache of the catalogue."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_ANEW = (
    "DROP TABLE IF EXISTS vocabulary",
    "DROP TABLE IF EXISTS passages",
    "DROP TABLE IF EXISTS stamp",
    "CREATE VIRTUAL TABLE passages USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 0')",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(passages, row)",
    "CREATE TABLE stamp(epoch TEXT)",
)
_TITLE_WEIGHT, _BODY_WEIGHT = 0.5, 1.0
_LAYOUT = 1  # raise when the schema or `index.text.analyzer` changes: the file is then made anew


class LexicalIndex:
    """Best passages by BM25. Rows are words already folded, so that questions and articles fold alike.

    `epoch` and the layout number are kept in the file; a file of other ones, or one that SQLite cannot
    read, is replaced by an empty one that the library fills again. Not thread-safe.
    """

    def __init__(self, path: Path, epoch: str) -> None:
        self._path = path
        self._terms: list[str] | None = None  # the vocabulary, read when a typo is first met
        stamp = f"{epoch}/{_LAYOUT}"
        try:
            self._db = self._connect()
            self._fit(stamp)
        except sqlite3.OperationalError:
            raise  # another process holds the file, or the disk is full: no reason to throw the index away
        except sqlite3.DatabaseError:
            self._replace(stamp)

    def put(self, rows: Iterable[tuple[int, str, str]]) -> None:
        """Store (id, title words, body words), words joined by spaces; an id that is there is replaced."""
        self._terms = None
        statement = "INSERT OR REPLACE INTO passages(rowid, title, body) VALUES (?, ?, ?)"
        with self._db:
            self._db.executemany(statement, rows)

    def remove(self, ids: np.ndarray) -> None:
        """Forget ids; unknown ones are ignored."""
        self._terms = None
        with self._db:
            self._db.executemany("DELETE FROM passages WHERE rowid = ?", [(int(key),) for key in ids])

    def search(self, terms: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and BM25 scores (at least 0, higher is better) of passages with any of the folded terms."""
        if not terms:
            return np.empty(0, np.int64), np.empty(0, np.float64)
        match = " OR ".join(f'"{term}"' for term in terms)  # folded terms hold letters and digits only
        rows = self._db.execute(
            "SELECT rowid, -bm25(passages, ?, ?) AS score FROM passages WHERE passages MATCH ? ORDER BY score DESC "
            "LIMIT ?",
            (_TITLE_WEIGHT, _BODY_WEIGHT, match, limit),
        ).fetchall()
        return np.array([row[0] for row in rows], np.int64), np.array([max(0.0, row[1]) for row in rows], np.float64)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return for each term in how many passages it stands (0 for an unknown one)."""
        find = "SELECT doc FROM vocabulary WHERE term = ?"
        return {term: (self._db.execute(find, (term,)).fetchone() or (0,))[0] for term in terms}

    def near(self, term: str, limit: int) -> dict[str, float]:
        """Return stored terms that a typo may have meant, with their nearness (0 to 1), best first.

        Nearness is 1 - (optimal string alignment distance / length); terms of 4 to 7 characters may differ by
        one edit, longer ones by two, shorter ones not at all.
        """
        edits = 0 if len(term) < 4 else 1 if len(term) < 8 else 2
        if not edits:
            return {}
        if self._terms is None:
            self._terms = [row[0] for row in self._db.execute("SELECT term FROM vocabulary WHERE length(term) >= 3")]
        cutoff = 1 - edits / len(term) - 1e-6
        found = process.extract(
            term, self._terms, scorer=OSA.normalized_similarity, processor=None, score_cutoff=cutoff, limit=limit
        )
        return {match: score for match, score, _ in found}

    def ids(self) -> np.ndarray:
        """Return every stored id, in no order."""
        rows = self._db.execute("SELECT id FROM passages_content").fetchall()
        return np.array([row[0] for row in rows], np.int64)

    def rows(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return the title words and body words stored under ids; unknown ones are left out."""
        find = "SELECT title, body FROM passages WHERE rowid = ?"
        found = {int(key): self._db.execute(find, (int(key),)).fetchone() for key in ids}
        return {key: row for key, row in found.items() if row is not None}

    def words(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return the set of words stored under each id, its title's included; unknown ids are left out."""
        return {key: frozenset(f"{title} {body}".split()) for key, (title, body) in self.rows(ids).items()}

    def verify(self) -> None:
        """Let FTS5 compare its index with its rows. Raises sqlite3.DatabaseError where they differ."""
        self._db.execute("INSERT INTO passages(passages) VALUES ('integrity-check')")

    def compact(self) -> None:
        """Write the index anew, without what it still holds of rows that are gone."""
        with self._db:
            self._db.execute("INSERT INTO passages(passages) VALUES ('optimize')")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # a cache may lose its last write: it heals
        db.execute("PRAGMA secure_delete = ON")  # no words of a removed article stay in the file
        return db

    def _stamp(self) -> str | None:
        row = self._db.execute("SELECT name FROM sqlite_master WHERE name = 'stamp'").fetchone()
        return row and str(self._db.execute("SELECT epoch FROM stamp").fetchone()[0])

    def _fit(self, stamp: str) -> None:
        """Empty an index of another stamp, in one transaction: another process may be opening it, too."""
        if self._stamp() == stamp:
            return
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if self._stamp() != stamp:
                for statement in _ANEW:
                    self._db.execute(statement)
                self._db.execute("INSERT INTO stamp VALUES (?)", (stamp,))

    def _replace(self, stamp: str) -> None:
        """Put an empty file in the place of one that SQLite cannot read."""
        if hasattr(self, "_db"):
            self._db.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._db = self._connect()
        self._fit(stamp)
