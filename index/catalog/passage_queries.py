"""Reads of the catalogue's passages: their texts, vectors and digests."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.columns import digest_number, parse_introductions
from index.catalog.schema import articles, passages, sources, vectors
from index.models import Passage, StoredPassage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BATCH: Final = 500
"""Bound values per statement, below the limit of every SQLite."""

_STREAMED: Final = 20_000  # rows in memory at a time, where all are read
_ARTICLES: Final = 100  # the same for articles with all that belongs to them
_FLOAT: Final = 4  # bytes of a number of a vector


class StoredVectors(NamedTuple):
    """Vectors of passages: (n,) int64 ids of passages, and their (n, d) float32 unit rows."""

    ids: np.ndarray
    vectors: np.ndarray


class StoredContent(NamedTuple):
    """An article with its passages, and its passages' vectors by id, as `check` reads them.

    `sections` are (start, end, heading), `text_digest` is what was stored with the text.
    """

    id: int
    text: str
    text_digest: bytes
    sections: list[tuple[int, int, str]]
    passages: list[StoredPassage]
    vectors: dict[int, np.ndarray]


class PassageReader:
    """Reads the passages of one library's catalogue."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @property
    def engine(self) -> sa.Engine:
        """The engine whose connections see this catalogue alone."""
        return self._engine

    def passages_of_source(self, key: str) -> Iterator[StoredPassage]:
        """Yield the passages of a source's article."""
        with self._engine.connect() as db:
            own = select(passages.c.id).join(sources, sources.c.article_id == passages.c.article_id)
            ids = _ids(db.execute(own.where(sources.c.key == key)))
        return self.passages(ids)

    def count_passages(self, article_id: int) -> int:
        """Return the number of passages of an article."""
        with self._engine.connect() as db:
            own = select(func.count()).select_from(passages).where(passages.c.article_id == article_id)
            return db.execute(own).scalar_one()

    def has_passages(self) -> bool:
        """Whether any passage is stored."""
        with self._engine.connect() as db:
            return db.execute(select(passages.c.id).limit(1)).first() is not None

    def passage_ids(self, article_id: int | None = None) -> np.ndarray:
        """Return the ids of all passages in ascending order, or of one article's passages; (n,) int64."""
        with self._engine.connect() as db:
            if article_id is not None:
                return passage_ids(db, article_id)
            return _ids(db.execute(select(passages.c.id).order_by(passages.c.id)))

    def passage_ids_of(self, article_ids: Iterable[int]) -> list[int]:
        """Return the ids of the passages of these articles, in no particular order."""
        wanted, found = list(article_ids), list[int]()
        with self._engine.connect() as db:
            for start in range(0, len(wanted), BATCH):
                batch = wanted[start : start + BATCH]
                found += db.execute(select(passages.c.id).where(passages.c.article_id.in_(batch))).scalars()
        return found

    def index_versions(self) -> list[str | None]:
        """Return the index versions of the articles; None stands for one from before they were recorded."""
        found: list[str | None] = []
        version = articles.c.index_version
        with self._engine.connect() as db:
            last = db.execute(select(func.min(version))).scalar()  # DISTINCT would read the whole index
            while last is not None:
                found.append(last)
                last = db.execute(select(func.min(version)).where(version > last)).scalar()
            if db.execute(select(articles.c.id).where(version.is_(None)).limit(1)).first():
                found.append(None)
        return found

    def passage_digests(
        self, index_versions: Sequence[str | None] | None = None, ids: Sequence[int] | np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of all passages in ascending order, (n,) int64, and their digests as numbers, (n,) uint64.

        With `index_versions` only those of articles with one of these versions are returned, with `ids` only those with
        these ids that exist.
        """
        query = select(passages.c.id, passages.c.digest).order_by(passages.c.id)
        if index_versions is not None:
            known = articles.c.index_version.in_([one for one in index_versions if one is not None])
            unrecorded = articles.c.index_version.is_(None) & (None in index_versions)
            query = query.join_from(passages, articles).where(known | unrecorded)
        found, digests = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
        for rows in self._partitions(query, ids):
            found.append(np.array([row.id for row in rows], np.int64))
            digests.append(np.array([digest_number(row.digest) for row in rows], np.uint64))
        return np.concatenate(found), np.concatenate(digests)

    def articles_of_passages(self, ids: Sequence[int] | np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of passages and those of their articles, both (n,) int64, in no particular order.

        They are all, or with `ids` those with these ids that exist.
        """
        parts = self._partitions(select(passages.c.id, passages.c.article_id), ids)
        both = np.fromiter(chain.from_iterable(chain.from_iterable(parts)), np.int64).reshape(-1, 2)
        return both[:, 0].copy(), both[:, 1].copy()

    def _partitions(
        self, query: sa.Select[Any], ids: Sequence[int] | np.ndarray | None
    ) -> Iterator[Sequence[sa.Row[Any]]]:
        """Yield the rows of a query of passages, some at a time: all, or those with these ids."""
        wanted = None if ids is None else sorted(int(key) for key in ids)
        batches = [query]
        if wanted is not None:
            starts = range(0, len(wanted), BATCH)
            batches = [query.where(passages.c.id.in_(wanted[start : start + BATCH])) for start in starts]
        with self._engine.connect() as db:
            for batch in batches:
                yield from db.execute(batch).partitions(_STREAMED)

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield the passages with these ids, in that order; unknown ids are left out."""
        wanted = [int(key) for key in ids]
        query = select(passages, articles.c.title, articles.c.language).join_from(passages, articles)
        with self._engine.connect() as db:
            for at in range(0, len(wanted), BATCH):
                batch = wanted[at : at + BATCH]
                rows = db.execute(query.where(passages.c.id.in_(batch))).all()
                found = {stored.passage.id: stored for stored in _stored_passages(db, rows)}
                yield from (found[key] for key in batch if key in found)

    def content(self) -> Iterator[list[StoredContent]]:
        """Yield all articles with their passages and vectors, by id, some at a time."""
        query = select(articles.c.id, articles.c.text, articles.c.text_digest, articles.c.sections)
        last = 0
        while True:
            with self._engine.connect() as db:
                rows = db.execute(query.where(articles.c.id > last).order_by(articles.c.id).limit(_ARTICLES)).all()
                held = select(passages.c.id).where(passages.c.article_id.in_([row.id for row in rows]))
                ids = _ids(db.execute(held.order_by(passages.c.id)))
            if not rows:
                return
            last = rows[-1].id
            own: defaultdict[int, list[StoredPassage]] = defaultdict(list)
            for stored in self.passages(ids):
                own[stored.passage.article_id].append(stored)
            found = self.vectors_by_id(ids)
            yield [
                StoredContent(
                    row.id,
                    row.text,
                    row.text_digest,
                    [tuple(section) for section in json.loads(row.sections)],
                    own[row.id],
                    {one.passage.id: found[one.passage.id] for one in own[row.id] if one.passage.id in found},
                )
                for row in rows
            ]

    def vectors(self, ids: Iterable[int], dimension: int | None = None) -> StoredVectors:
        """Return the vectors of the passages with these ids, in no particular order; unknown ids are left out.

        So are those of another dimension, without one those that differ from most: damaged ones, and those of another
        model while `reindex` is at work.
        """
        rows = list(self._vectors(ids))
        if dimension is None:
            sizes = Counter(len(vector) // _FLOAT for _, vector in rows)
            dimension = sizes.most_common(1)[0][0] if sizes else 0
        rows = [row for row in rows if len(row[1]) == _FLOAT * dimension]
        found = np.array([key for key, _ in rows], np.int64)
        joined = np.frombuffer(b"".join(vector for _, vector in rows), "<f4")
        return StoredVectors(found, joined.reshape(len(rows), dimension))

    def vectors_by_id(self, ids: Iterable[int]) -> dict[int, np.ndarray]:
        """Return the vectors, (d,) float32, of the passages with these ids; unknown ids are left out.

        A damaged one may be shorter: it is to be reported by `check`, not to raise here.
        """
        whole = ((key, vector[: len(vector) // _FLOAT * _FLOAT]) for key, vector in self._vectors(ids))
        return {key: np.frombuffer(vector, "<f4") for key, vector in whole}

    def _vectors(self, ids: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        wanted = [int(key) for key in ids]
        query = select(vectors.c.passage_id, vectors.c.vector)
        with self._engine.connect() as db:
            for at in range(0, len(wanted), BATCH):
                rows = db.execute(query.where(vectors.c.passage_id.in_(wanted[at : at + BATCH])))
                yield from ((key, vector) for key, vector in rows)


def passage_ids(db: sa.Connection, article_id: int) -> np.ndarray:
    """Return the ids of an article's passages, (n,) int64, in the caller's transaction."""
    return _ids(db.execute(select(passages.c.id).where(passages.c.article_id == article_id)))


def _ids(result: sa.CursorResult[tuple[int]]) -> np.ndarray:
    """Return the ids that a query yields, (n,) int64."""
    return np.array(result.scalars().all(), np.int64)


def _stored_passages(db: sa.Connection, rows: Iterable[sa.Row[Any]]) -> Iterator[StoredPassage]:
    """Yield the passages of rows, article by article. Each text is read once: SQLite would read it for each slice."""
    by_article: defaultdict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        by_article[row.article_id].append(row)
    texts = db.execute(select(articles.c.id, articles.c.text).where(articles.c.id.in_(by_article)))
    for article_id, text in texts:
        yield from (_stored_passage(row, text) for row in by_article[article_id])


def _stored_passage(row: sa.Row[Any], text: str) -> StoredPassage:
    introductions = parse_introductions(row.introductions)
    passage = Passage(row.id, row.article_id, row.start, row.end, row.heading, introductions)
    introduction = "\n".join(span.of(text) for span in introductions)
    return StoredPassage(passage, row.title, text[row.start : row.end], row.digest, introduction, row.language)
