"""What a catalogue holds: articles, their sources, passages and vectors, as they are read."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog import mutations
from index.catalog.article_sources import ArticleSources
from index.catalog.history import History, Retention
from index.catalog.schema import articles, meta, near_duplicates, passages, sources
from index.models import Article, Draft, Passage, Section, StoredPassage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BATCH = 500  # bound values in one statement that every SQLite allows
_SLICE = func.substr(articles.c.text, passages.c.start + 1, passages.c.end - passages.c.start)


class ArticleRow(NamedTuple):
    """One line of the list of articles; `characters` are code points. What a source does not tell is None."""

    id: int
    title: str
    source: str
    characters: int
    passages: int
    author: str | None = None
    published: str | None = None
    language: str | None = None


class CatalogReader:
    """Reads one library's catalogue file."""

    def __init__(self, engine: sa.Engine, keep: Retention) -> None:
        self._engine = engine
        self._keep = keep

    def meta(self, key: str) -> str | None:
        """Return a remembered value, or None."""
        with self._engine.connect() as db:
            return db.execute(select(meta.c.value).where(meta.c.key == key)).scalar()

    @property
    def generation(self) -> int:
        """How many changes this library has seen, those of other processes included."""
        return int(self.meta("generation") or 0)

    def match(self, draft: Draft) -> tuple[int, bool] | None:
        """Find the article that holds the draft's text: its id, and whether this very source brought it as it is."""
        draft = self.named(draft)
        same_text = articles.c.text_digest == mutations.text_digest(draft.text)
        with self._engine.connect() as db:
            own = select(articles).join(sources).where(sources.c.key == draft.key, same_text)
            row = db.execute(own).first()
            if row and {name: row._mapping[name] for name in mutations.DESCRIBED} == mutations.described(draft):  # noqa: SLF001 - public
                return row.id, True
            others = select(articles.c.id).join(sources).where(sources.c.key != draft.key, same_text)
            found = db.execute(others.order_by(articles.c.id)).scalar()
        return (found, False) if found else None

    def named(self, draft: Draft) -> Draft:
        """Return a draft under the title that somebody has given its article, where that was done."""
        with self._engine.connect() as db:
            title = db.execute(select(sources.c.titled).where(sources.c.key == draft.key)).scalar()
        return draft if title is None else replace(draft, title=title)

    def articles(self) -> list[ArticleRow]:
        """Return a line for every article, by id; an article of several sources names them all."""
        count = select(func.count()).where(passages.c.article_id == articles.c.id).scalar_subquery()
        told = (articles.c.author, articles.c.published, articles.c.language)
        query = select(articles.c.id, articles.c.title, func.length(articles.c.text), count, *told)
        with self._engine.connect() as db:
            shown = _shown(db)
            rows = db.execute(query.order_by(articles.c.id))
            return [ArticleRow(key, title, shown[key], *rest) for key, title, *rest in rows]

    def size(self) -> tuple[int, int]:
        """Return how many articles there are, and how many code points they have together."""
        with self._engine.connect() as db:
            row = db.execute(select(func.count(), func.coalesce(func.sum(func.length(articles.c.text)), 0))).one()
        return int(row[0]), int(row[1])

    def titles(self) -> list[tuple[int, str]]:
        """Return id and title of every article, newest first."""
        with self._engine.connect() as db:
            rows = db.execute(select(articles.c.id, articles.c.title).order_by(articles.c.id.desc()))
            return [(key, title) for key, title in rows]

    def article(self, article_id: int) -> Article | None:
        """Return a stored article, or None."""
        with self._engine.connect() as db:
            row = db.execute(select(articles).where(articles.c.id == article_id)).one_or_none()
            shown = _shown(db, article_id)
        if row is None:
            return None
        sections = tuple(Section(*item) for item in json.loads(row.sections))
        pages, times = mutations.places(row.pages)
        return Article(row.id, shown[row.id], row.title, row.text, row.published, sections, pages, times)

    def near_duplicates(self, article_id: int) -> list[int]:
        """Return the ids of the articles that are near duplicates of one, oldest first."""
        both = (
            (near_duplicates.c.article_id, near_duplicates.c.other_id),
            (near_duplicates.c.other_id, near_duplicates.c.article_id),
        )
        query = sa.union(*(select(other).where(one == article_id) for one, other in both))
        with self._engine.connect() as db:
            return sorted(db.execute(query).scalars())

    def vectors(self, key: str) -> Iterator[StoredPassage]:
        """Yield the passages of the article that a source has brought."""
        with self._engine.connect() as db:
            own = select(passages.c.id).join(sources, sources.c.article_id == passages.c.article_id)
            ids = mutations.ids_of(db.execute(own.where(sources.c.key == key)))
        return self.passages(ids)

    @property
    def sources(self) -> ArticleSources:
        """Where the articles came from."""
        return ArticleSources(self._engine)

    def text_is_sound(self, article: Article) -> bool:
        """Whether an article's text is the one that was stored."""
        with self._engine.connect() as db:
            stored = db.execute(select(articles.c.text_digest).where(articles.c.id == article.id)).scalar()
        return stored == mutations.text_digest(article.text)

    def count_passages(self, article_id: int) -> int:
        """Return how many passages an article has."""
        with self._engine.connect() as db:
            return len(mutations.passage_ids(db, article_id))

    def has_passages(self) -> bool:
        """Whether there is any passage."""
        with self._engine.connect() as db:
            return db.execute(select(passages.c.id).limit(1)).first() is not None

    def passage_ids(self, article_id: int | None = None) -> np.ndarray:
        """Return the id of every passage in order, (n,) int64; of one article, where it is named."""
        with self._engine.connect() as db:
            if article_id is not None:
                return mutations.passage_ids(db, article_id)
            return mutations.ids_of(db.execute(select(passages.c.id).order_by(passages.c.id)))

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield the passages with these ids, in that order; ids that are gone are left out."""
        wanted = [int(key) for key in ids]
        query = select(passages, articles.c.title, _SLICE.label("slice")).join_from(passages, articles)
        with self._engine.connect() as db:
            for at in range(0, len(wanted), _BATCH):
                batch = wanted[at : at + _BATCH]
                rows = {row.id: row for row in db.execute(query.where(passages.c.id.in_(batch)))}
                yield from (_stored(rows[key]) for key in batch if key in rows)

    def integrity(self) -> list[str]:
        """Let SQLite examine its file; return what it finds wrong."""
        with self._engine.connect() as db:
            found = [str(row[0]) for row in db.exec_driver_sql("PRAGMA integrity_check(20)")]
            found += [f"a broken reference in {row[0]}" for row in db.exec_driver_sql("PRAGMA foreign_key_check")]
            sourceless = select(articles.c.id).where(articles.c.id.not_in(select(sources.c.article_id)))
            found += [f"article {key} has no source" for key in db.execute(sourceless).scalars()]
        return [line for line in found if line != "ok"]

    @property
    def history(self) -> History:
        """What has happened to the articles."""
        return History(self._engine, self._keep)


def _stored(row: sa.Row[tuple[object, ...]]) -> StoredPassage:
    passage = Passage(row.id, row.article_id, row.start, row.end, row.heading)
    whole = len(row.vector) - len(row.vector) % 4  # a damaged vector must reach `sound`, not raise here
    return StoredPassage(passage, row.title, row.slice, np.frombuffer(row.vector[:whole], "<f4"), row.digest)


def _shown(db: sa.Connection, article_id: int | None = None) -> dict[int, str]:
    query = select(sources.c.article_id, sources.c.shown).order_by(sources.c.id)
    if article_id is not None:
        query = query.where(sources.c.article_id == article_id)
    names: defaultdict[int, list[str]] = defaultdict(list)
    for key, shown in db.execute(query):
        names[key].append(shown)
    return defaultdict(str, {key: ", ".join(dict.fromkeys(shown)) for key, shown in names.items()})
