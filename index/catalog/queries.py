"""Reads of the catalogue: articles, sources, passages and vectors."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exists, func, select

from index.catalog import change_log
from index.catalog.article_sources import ArticleSources
from index.catalog.article_tags import ArticleTags
from index.catalog.basis import Basis
from index.catalog.columns import parse_links, parse_pages
from index.catalog.history import History, Retention
from index.catalog.matching import given_title, match
from index.catalog.meta_values import meta_value
from index.catalog.passage_queries import BATCH, PassageReader
from index.catalog.schema import articles, near_duplicates, passages, sources
from index.models import Article, Draft, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.catalog.change_log import Changes
    from index.catalog.position import CatalogPosition


_BATCH: Final = 500  # ids in one statement


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


class CatalogReader(PassageReader):
    """Reads one library's catalogue."""

    def __init__(self, engine: sa.Engine, keep: Retention) -> None:
        super().__init__(engine)
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
            for start in range(0, len(ids), BATCH):
                some = query.where(articles.c.id.in_(ids[start : start + BATCH]))
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

    @property
    def sources(self) -> ArticleSources:
        """The sources of the articles."""
        return ArticleSources(self._engine)

    @property
    def tags(self) -> ArticleTags:
        """The collections that the articles are in."""
        return ArticleTags(self._engine)

    def article_ids(self) -> list[int]:
        """Return the ids of all articles, oldest first."""
        with self._engine.connect() as db:
            return list(db.execute(select(articles.c.id).order_by(articles.c.id)).scalars())

    def basis(self, key: str) -> Basis:
        """Return what a change of a source's article is prepared from."""
        with self._engine.connect() as db:
            known = select(sources.c.article_id).where(sources.c.key == key)
            return Basis(meta_value(db, "epoch"), db.execute(known).scalar())

    def outdated_articles(self, index_version: str) -> list[int]:
        """Return the ids of the articles whose passages are of another index version, oldest first."""
        own = articles.c.index_version
        other = sa.or_(own < index_version, own > index_version, own.is_(None))  # of which each uses the index
        has_passages = exists().where(passages.c.article_id == articles.c.id)
        query = select(articles.c.id).where(other, has_passages)  # with an order, SQLite would read all texts as well
        with self._engine.connect() as db:
            return sorted(db.execute(query).scalars())

    def index_version_of_source(self, key: str) -> str | None:
        """Return the index version of the passages of a source's article, or None."""
        query = select(articles.c.index_version).join(sources).where(sources.c.key == key)
        with self._engine.connect() as db:
            return db.execute(query).scalar()

    @property
    def history(self) -> History:
        """The history of the articles."""
        return History(self._engine, self._keep)


def _display_names(db: sa.Connection, article_id: int | None = None) -> dict[int, str]:
    query = select(sources.c.article_id, sources.c.shown).order_by(sources.c.id)
    if article_id is not None:
        query = query.where(sources.c.article_id == article_id)
    names: defaultdict[int, list[str]] = defaultdict(list)
    for key, shown in db.execute(query):
        names[key].append(shown)
    return defaultdict(str, {key: ", ".join(dict.fromkeys(shown)) for key, shown in names.items()})
