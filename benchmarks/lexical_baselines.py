"""Other ways of lexical search, with which the index is compared: SQLite's FTS5, and tantivy if it is installed.

The project used FTS5 before. tantivy (`pip install tantivy==0.27.0`) is a search library in Rust.
"""

from __future__ import annotations

import importlib
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.indexes.lexical_sqlite import SqliteLexicalIndex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.indexes.lexical import LexicalRow


class Subject(Protocol):
    """What is measured; `folder` is its own. Opening an existing one keeps its rows."""

    name: str

    def put(self, rows: Sequence[LexicalRow]) -> None:
        """Store new rows."""
        ...

    def remove(self, rows: Sequence[LexicalRow]) -> None:
        """Remove rows."""
        ...

    def search(self, terms: Sequence[str], limit: int) -> list[int]:
        """Return the ids of the best passages, best first."""
        ...

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms."""
        ...

    def similar(self, term: str, limit: int) -> list[str]:
        """Return the terms that a misspelt one may stand for, best first; none if it cannot."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class Blocks:
    """The project's index."""

    name = "blocks"

    def __init__(self, folder: Path) -> None:
        self._index = SqliteLexicalIndex(folder / "lexical.db", "benchmark")

    def put(self, rows: Sequence[LexicalRow]) -> None:
        """Store new rows."""
        self._index.put(rows)

    def remove(self, rows: Sequence[LexicalRow]) -> None:
        """Remove rows."""
        self._index.remove(np.array([row.id for row in rows]))

    def search(self, terms: Sequence[str], limit: int) -> list[int]:
        """Return the ids of the best passages, best first."""
        found: list[int] = self._index.search(terms, limit)[0].tolist()
        return found

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms."""
        return self._index.count(terms)

    def similar(self, term: str, limit: int) -> list[str]:
        """Return the terms that a misspelt one may stand for, best first."""
        return list(self._index.similar_terms(term, limit))

    def close(self) -> None:
        """Close it."""
        self._index.save()


class Fts5:
    """SQLite's full-text search; a misspelt term is compared with all terms, which are read again after a change."""

    name = "fts5"

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "fts5.db")
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS passages USING fts5(title, body)")
        self._db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(passages, row)")
        self._terms: list[str] = []

    def put(self, rows: Sequence[LexicalRow]) -> None:
        """Store new rows."""
        self._terms = []
        with self._db:
            statement = "INSERT INTO passages(rowid, title, body) VALUES (?, ?, ?)"
            self._db.executemany(statement, [row[:3] for row in rows])

    def remove(self, rows: Sequence[LexicalRow]) -> None:
        """Remove rows."""
        self._terms = []
        with self._db:
            self._db.executemany("DELETE FROM passages WHERE rowid = ?", [(row.id,) for row in rows])

    def search(self, terms: Sequence[str], limit: int) -> list[int]:
        """Return the ids of the best passages, best first."""
        statement = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages, 0.5, 1.0) LIMIT ?"
        return [row[0] for row in self._db.execute(statement, (_any_of(terms), limit))]

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms."""
        statement = "SELECT count(*) FROM passages WHERE passages MATCH ?"
        return int(self._db.execute(statement, (_any_of(terms),)).fetchone()[0])

    def similar(self, term: str, limit: int) -> list[str]:
        """Return the terms that a misspelt one may stand for, best first."""
        if not self._terms:
            self._terms = [row[0] for row in self._db.execute("SELECT term FROM vocabulary WHERE length(term) >= 3")]
        cutoff = 1 - (1 + (len(term) >= 8)) / len(term) - 1e-6
        scorer = OSA.normalized_similarity
        found = process.extract(term, self._terms, scorer=scorer, processor=None, score_cutoff=cutoff, limit=limit)
        return [match for match, _, _ in found]

    def close(self) -> None:
        """Close it."""
        self._db.close()


class Tantivy:
    """tantivy with two fields; its Python interface lists no terms, so that a misspelt one finds none."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._library: Any = importlib.import_module("tantivy")
        schema = self._library.SchemaBuilder()
        schema.add_integer_field("id", stored=False, indexed=True, fast=True)
        schema.add_text_field("title", tokenizer_name="whitespace", index_option="position")
        schema.add_text_field("body", tokenizer_name="whitespace", index_option="position")
        self._schema = schema.build()
        self._index = self._library.Index(self._schema, path=str(folder))
        self._searcher = self._index.searcher()

    def put(self, rows: Sequence[LexicalRow]) -> None:
        """Store new rows."""
        documents = [self._library.Document(id=row.id, title=row.title, body=row.body) for row in rows]
        self._change(lambda writer: [writer.add_document(one) for one in documents])

    def remove(self, rows: Sequence[LexicalRow]) -> None:
        """Remove rows."""
        self._change(lambda writer: [writer.delete_documents_by_term("id", row.id) for row in rows])

    def search(self, terms: Sequence[str], limit: int) -> list[int]:
        """Return the ids of the best passages, best first."""
        hits = self._searcher.search(self._query(terms), limit, count=False).hits
        return [place.doc for _, place in hits]  # numbers of its own

    def count(self, terms: Sequence[str]) -> int:
        """Return the number of passages with any of the terms."""
        return int(self._searcher.search(self._query(terms), 1, count=True).count)

    def similar(self, term: str, limit: int) -> list[str]:  # noqa: ARG002 - see the docstring of the class
        """Return the terms that a misspelt one may stand for, best first."""
        return []

    def close(self) -> None:
        """Close it."""
        del self._searcher, self._index

    def _change(self, change: Any) -> None:
        writer = self._index.writer(64_000_000, 1)
        change(writer)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def _query(self, terms: Sequence[str]) -> Any:
        kind = self._library.Query
        parts = []
        for term in terms:
            title = kind.term_query(self._schema, "title", term)
            parts += [kind.boost_query(title, 0.5), kind.term_query(self._schema, "body", term)]
        return kind.boolean_query([(self._library.Occur.Should, part) for part in parts])


def _any_of(terms: Sequence[str]) -> str:
    return " OR ".join(f'"{term}"' for term in terms)
