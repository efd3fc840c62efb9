"""Reads of the catalogue: articles, sources, passages and vectors."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy import exists, func, select

from index.catalog import change_log
from index.catalog.article_sources import ArticleSources
from index.catalog.article_tags import ArticleTags
from index.catalog.basis import Basis
from index.catalog.columns import (
    digest_number,
    parse_introductions,
    parse_links,
    parse_pages,
    text_digest,
)
from index.catalog.history import History, Retention
from index.catalog.matching import given_title, match
from index.catalog.meta_values import meta_value
from index.catalog.schema import articles, near_duplicates, passages, sources, vectors
from index.models import Article, Draft, Passage, Section, StoredPassage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.catalog.change_log import Changes
    from index.catalog.position import CatalogPosition

_BATCH = 500  # bound values per statement, below the limit of every SQLite
_STREAMED = 20_000  # rows in memory at a time, where all are read
_FLOAT = 4  # bytes of a number of a vector


class ArticleRow(NamedTuple):
    """One line of the list of articles; `characters` counts code points. What the source does not state is None."""

    id: int
    title: str
    source: str
    characters: int
    passages: int
    author: str | None = None
    published: str | None = None
    language: str | None = None


class StoredVectors(NamedTuple):
    """Vectors of passages: (n,) int64 ids of passages, and their (n, d) float32 unit rows."""

    ids: np.ndarray
    vectors: np.ndarray


class CatalogReader:
    """Reads one library's catalogue file."""

    def __init__(self, engine: sa.Engine, keep: Retention) -> None:
        self._engine = engine
        self._keep = keep

    def meta(self, key: str) -> str | None:
        """Return a value of the table `meta`, or None."""
        with self._engine.connect() as db:
            return meta_value(db, key)

    @property
    def generation(self) -> int:
        """The number of changes so far, those of other processes included."""
        return self.position().generation

    def position(self) -> CatalogPosition:
        """Return the present state, by which a cache can later ask for `changes_since`."""
        with self._engine.connect() as db:
            return change_log.position(db)

    def changes_since(self, position: CatalogPosition) -> Changes | None:
        """Return what has changed since a state; None if the log does not reach it, or if it is of another history."""
        with self._engine.connect() as db:
            return change_log.changes_since(db, position)

    def match(self, draft: Draft) -> tuple[int, bool] | None:
        """Return (id, same) of the article with the draft's text, or None.

        `same` is true if it came from the draft's own source and nothing of the draft would be stored: title, date and
        other columns but `links` are as before, or the article has them from another source, its first one.
        """
        with self._engine.connect() as db:
            return match(db, draft)

    def with_given_title(self, draft: Draft) -> Draft:
        """Return the draft with the title that somebody gave to its article, if any."""
        with self._engine.connect() as db:
            title = given_title(db, draft.key)
        return draft if title is None else replace(draft, title=title)

    def articles(self) -> list[ArticleRow]:
        """Return a line for every article, by id; the sources of an article are joined with commas."""
        count = select(func.count()).where(passages.c.article_id == articles.c.id).scalar_subquery()
        details = (articles.c.author, articles.c.published, articles.c.language)
        query = select(articles.c.id, articles.c.title, func.length(articles.c.text), count, *details)
        with self._engine.connect() as db:
            shown = _display_names(db)
            rows = db.execute(query.order_by(articles.c.id))
            return [ArticleRow(key, title, shown[key], *rest) for key, title, *rest in rows]

    def author(self, article_id: int) -> str | None:
        """Return the author of an article, or None."""
        with self._engine.connect() as db:
            return db.execute(select(articles.c.author).where(articles.c.id == article_id)).scalar()

    def size(self) -> tuple[int, int]:
        """Return the number of articles and their total length in code points."""
        with self._engine.connect() as db:
            found = change_log.totals(db)
        return found.articles, found.characters

    def counts(self) -> tuple[int, int]:
        """Return the number of articles and that of passages."""
        with self._engine.connect() as db:
            found = change_log.totals(db)
        return found.articles, found.passages

    def ids_of_texts(self, digests: Iterable[bytes]) -> frozenset[int]:
        """Return the ids of the articles whose texts have these digests (`text_digest`)."""
        with self._engine.connect() as db:
            return frozenset(db.execute(select(articles.c.id).where(articles.c.text_digest.in_(digests))).scalars())

    def has_articles(self) -> bool:
        """Whether there is any article, without counting them."""
        with self._engine.connect() as db:
            return db.execute(select(articles.c.id).limit(1)).first() is not None

    def titles(self, ids: Sequence[int] | None = None) -> list[tuple[int, str]]:
        """Return id and title of every article, newest first; with `ids` only of these, without unknown ones."""
        query = select(articles.c.id, articles.c.title)
        if ids is None:
            with self._engine.connect() as db:
                return [(key, title) for key, title in db.execute(query.order_by(articles.c.id.desc()))]
        found = list[tuple[int, str]]()
        with self._engine.connect() as db:
            for start in range(0, len(ids), _BATCH):
                some = query.where(articles.c.id.in_(ids[start : start + _BATCH]))
                found += [(key, title) for key, title in db.execute(some)]
        return sorted(found, reverse=True)

    def article(self, article_id: int) -> Article | None:
        """Return an article, or None."""
        with self._engine.connect() as db:
            row = db.execute(select(articles).where(articles.c.id == article_id)).one_or_none()
            shown = _display_names(db, article_id)
        if row is None:
            return None
        sections = tuple(Section(*item) for item in json.loads(row.sections))
        pages, times = parse_pages(row.pages)
        own = (row.id, shown[row.id], row.title, row.text, row.published, sections, pages, times, row.language)
        return Article(*own, parse_links(row.links))

    def near_duplicates(self, article_id: int) -> list[int]:
        """Return the ids of an article's near duplicates, oldest first."""
        both = (
            (near_duplicates.c.article_id, near_duplicates.c.other_id),
            (near_duplicates.c.other_id, near_duplicates.c.article_id),
        )
        query = sa.union(*(select(other).where(one == article_id) for one, other in both))
        with self._engine.connect() as db:
            return sorted(db.execute(query).scalars())

    def passages_of_source(self, key: str) -> Iterator[StoredPassage]:
        """Yield the passages of a source's article."""
        with self._engine.connect() as db:
            own = select(passages.c.id).join(sources, sources.c.article_id == passages.c.article_id)
            ids = _ids(db.execute(own.where(sources.c.key == key)))
        return self.passages(ids)

    @property
    def sources(self) -> ArticleSources:
        """The sources of the articles."""
        return ArticleSources(self._engine)

    @property
    def tags(self) -> ArticleTags:
        """The collections that the articles are in."""
        return ArticleTags(self._engine)

    def text_is_intact(self, article: Article) -> bool:
        """Whether an article's text still matches the digest stored with it."""
        with self._engine.connect() as db:
            stored = db.execute(select(articles.c.text_digest).where(articles.c.id == article.id)).scalar()
        return stored == text_digest(article.text)

    def article_ids(self) -> list[int]:
        """Return the ids of all articles, oldest first."""
        with self._engine.connect() as db:
            return list(db.execute(select(articles.c.id).order_by(articles.c.id)).scalars())

    def basis(self, key: str) -> Basis:
        """Return what a change of a source's article is prepared from."""
        with self._engine.connect() as db:
            known = select(sources.c.article_id).where(sources.c.key == key)
            return Basis(meta_value(db, "epoch"), db.execute(known).scalar())

    def count_passages(self, article_id: int) -> int:
        """Return the number of passages of an article."""
        with self._engine.connect() as db:
            own = select(func.count()).select_from(passages).where(passages.c.article_id == article_id)
            return db.execute(own).scalar_one()

    def outdated_articles(self, index_version: str) -> list[int]:
        """Return the ids of the articles whose passages are of another index version, oldest first."""
        other = articles.c.index_version.is_distinct_from(index_version)
        has_passages = exists().where(passages.c.article_id == articles.c.id)
        query = select(articles.c.id).where(other, has_passages)  # with an order, SQLite would read all texts as well
        with self._engine.connect() as db:
            return sorted(db.execute(query).scalars())

    def index_version_of_source(self, key: str) -> str | None:
        """Return the index version of the passages of a source's article, or None."""
        query = select(articles.c.index_version).join(sources).where(sources.c.key == key)
        with self._engine.connect() as db:
            return db.execute(query).scalar()

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
            for start in range(0, len(wanted), _BATCH):
                batch = wanted[start : start + _BATCH]
                found += db.execute(select(passages.c.id).where(passages.c.article_id.in_(batch))).scalars()
        return found

    def index_versions(self) -> list[str | None]:
        """Return the index versions of the articles; None stands for one from before they were recorded."""
        with self._engine.connect() as db:
            return list(db.execute(select(articles.c.index_version).distinct()).scalars())

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
        wanted = None if ids is None else sorted(int(key) for key in ids)
        batches = [query]
        if wanted is not None:
            starts = range(0, len(wanted), _BATCH)
            batches = [query.where(passages.c.id.in_(wanted[start : start + _BATCH])) for start in starts]
        found, digests = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
        with self._engine.connect() as db:
            for batch in batches:
                for rows in db.execute(batch).partitions(_STREAMED):
                    found.append(np.array([key for key, _ in rows], np.int64))
                    digests.append(np.array([digest_number(digest) for _, digest in rows], np.uint64))
        return np.concatenate(found), np.concatenate(digests)

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield the passages with these ids, in that order; unknown ids are left out."""
        wanted = [int(key) for key in ids]
        query = select(passages, articles.c.title, articles.c.language).join_from(passages, articles)
        with self._engine.connect() as db:
            for at in range(0, len(wanted), _BATCH):
                batch = wanted[at : at + _BATCH]
                rows = db.execute(query.where(passages.c.id.in_(batch))).all()
                found = {stored.passage.id: stored for stored in _stored_passages(db, rows)}
                yield from (found[key] for key in batch if key in found)

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
            for at in range(0, len(wanted), _BATCH):
                rows = db.execute(query.where(vectors.c.passage_id.in_(wanted[at : at + _BATCH])))
                yield from ((key, vector) for key, vector in rows)

    def integrity_errors(self) -> list[str]:
        """Run SQLite's integrity checks on the file; return what they report, nothing if all is well."""
        with self._engine.connect() as db:
            found = [str(row[0]) for row in db.exec_driver_sql("PRAGMA integrity_check(20)")]
            found += [f"a broken reference in {row[0]}" for row in db.exec_driver_sql("PRAGMA foreign_key_check")]
            sourceless = select(articles.c.id).where(articles.c.id.not_in(select(sources.c.article_id)))
            found += [f"article {key} has no source" for key in db.execute(sourceless).scalars()]
        return [line for line in found if line != "ok"]

    @property
    def history(self) -> History:
        """The history of the articles."""
        return History(self._engine, self._keep)


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


def _display_names(db: sa.Connection, article_id: int | None = None) -> dict[int, str]:
    query = select(sources.c.article_id, sources.c.shown).order_by(sources.c.id)
    if article_id is not None:
        query = query.where(sources.c.article_id == article_id)
    names: defaultdict[int, list[str]] = defaultdict(list)
    for key, shown in db.execute(query):
        names[key].append(shown)
    return defaultdict(str, {key: ", ".join(dict.fromkeys(shown)) for key, shown in names.items()})
