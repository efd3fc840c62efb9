"""The statements that changes of the catalogue are made of; each runs in its caller's transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.article_tags import add_source_tags, tags_of_sources
from index.catalog.basis import Basis, ChangedMeanwhileError, SourceChangedError
from index.catalog.change_log import ChangeRecorder
from index.catalog.columns import article_columns, introductions_column, now, passage_digest, text_digest
from index.catalog.matching import given_title, match
from index.catalog.meta_values import meta_value, set_meta
from index.catalog.passage_queries import passage_ids
from index.catalog.schema import articles, bands, dismissed, failures, near_duplicates, passages, sources, vectors
from index.messages.library import SOURCE_CHANGED
from index.passages.near_duplicates import RESEMBLANCE, resemblance, shingles
from index.passages.near_duplicates import minhash_bands as bands_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.models import Chunk, Draft

_MAX_COMPARED = 20  # articles that share the most bands with a new one
_MAX_COMPARED_CHARACTERS = 200_000  # of their texts: comparing more would delay answers
VERSIONED_SOURCE_COLUMNS = ("key", "shown", "origin", "version", "titled")  # kept with an earlier version


def snapshot(db: sa.Connection, article_id: int) -> dict[str, Any]:
    """Return the columns of an article and, as JSON, its sources: what is kept as an earlier version."""
    row = db.execute(select(articles).where(articles.c.id == article_id)).one()
    columns = [sources.c[name] for name in VERSIONED_SOURCE_COLUMNS]
    own = select(*columns).where(sources.c.article_id == article_id).order_by(sources.c.id)
    tags = tags_of_sources(db, article_id)
    kept = [dict(source._mapping) | {"tags": tags.get(source.key, [])} for source in db.execute(own)]  # noqa: SLF001 - public
    return dict(row._mapping) | {"sources": json.dumps(kept)}  # noqa: SLF001 - public


def require_basis(db: sa.Connection, basis: Basis, draft: Draft, *, titled: bool = False) -> None:
    """Raise ChangedMeanwhileError or SourceChangedError unless a draft can be stored as it was prepared.

    With `titled` its title has to be the one that somebody has given to its article.
    """
    require_source(db, basis, draft.key)
    require_epoch(db, basis)
    if match(db, draft) is not None or (titled and given_title(db, draft.key) not in {None, draft.title}):
        raise ChangedMeanwhileError


def require_epoch(db: sa.Connection, basis: Basis) -> None:
    """Raise ChangedMeanwhileError if the catalogue has passages of another index version by now."""
    if meta_value(db, "epoch") != basis.epoch:
        raise ChangedMeanwhileError


def require_source(db: sa.Connection, basis: Basis, key: str) -> None:
    """Raise SourceChangedError if a source has changed, and the basis says that the change is given up then."""
    if basis.unless_changed and (article_id_of(db, key) != basis.article_id or is_dismissed(db, key)):
        raise SourceChangedError(SOURCE_CHANGED)


def is_dismissed(db: sa.Connection, key: str) -> bool:
    """Whether somebody removed the article of a source, so that a refresh must not add it again."""
    return db.execute(select(dismissed.c.key).where(dismissed.c.key == key)).first() is not None


def missing_since(db: sa.Connection, key: str) -> str | None:
    """Return since when a source has been missing, None if it is not."""
    return db.execute(select(sources.c.missing).where(sources.c.key == key)).scalar()


def delete_article(db: sa.Connection, article: Mapping[str, Any], changed: ChangeRecorder) -> np.ndarray:
    """Delete an article with its sources, their failures and its passages; return the passages' ids.

    `article` has its columns `id` and `text`.
    """
    article_id = article["id"]
    gone = passage_ids(db, article_id)
    changed.article_removed(article_id, article["text"], gone)
    own = select(sources.c.key).where(sources.c.article_id == article_id)
    db.execute(failures.delete().where(failures.c.key.in_(own)))
    db.execute(articles.delete().where(articles.c.id == article_id))
    return gone


def delete_source(db: sa.Connection, key: str) -> None:
    """Delete a source and its failure."""
    db.execute(sources.delete().where(sources.c.key == key))
    db.execute(failures.delete().where(failures.c.key == key))


def has_source(db: sa.Connection, article_id: int) -> bool:
    """Whether an article has a source."""
    return db.execute(select(sources.c.id).where(sources.c.article_id == article_id)).first() is not None


def article_id_of(db: sa.Connection, key: str) -> int | None:
    """Return the id of a source's article, or None for an unknown source."""
    return db.execute(select(sources.c.article_id).where(sources.c.key == key)).scalar()


def insert_article(db: sa.Connection, draft: Draft, index_version: str | None = None) -> int:
    """Insert an article, with the index version of its passages if that is known already, and return its id."""
    values = {"text": draft.text, "text_digest": text_digest(draft.text), "index_version": index_version}
    statement = articles.insert().values(**values, **article_columns(draft))
    return int(db.execute(statement.returning(articles.c.id)).scalar_one())


def upsert_source(db: sa.Connection, draft: Draft, article_id: int) -> None:
    """Make the draft's source one of an article; it is no longer dismissed or failed."""
    known = sources.update().where(sources.c.key == draft.key)
    if not db.execute(known.values(article_id=article_id, **_source_columns(draft))).rowcount:
        insert_sources(db, [(draft, article_id)])
    add_source_tags(db, draft.key, draft.tags)
    db.execute(dismissed.delete().where(dismissed.c.key == draft.key))
    db.execute(failures.delete().where(failures.c.key == draft.key))


def insert_sources(db: sa.Connection, new: Sequence[tuple[Draft, int]]) -> None:
    """Insert the sources of drafts, none of which is known yet, each as one of the article with that id."""
    db.execute(sources.insert(), [{"key": draft.key, "article_id": to, **_source_columns(draft)} for draft, to in new])


def _source_columns(draft: Draft) -> dict[str, str | None]:
    return {"shown": draft.source, "origin": draft.origin, "version": draft.version, "missing": None, "looked": now()}


def move_sources(db: sa.Connection, article_id: int, new_id: int) -> None:
    """Make all sources of one article those of another."""
    db.execute(sources.update().where(sources.c.article_id == article_id).values(article_id=new_id))


def dismiss_sources(db: sa.Connection, article_id: int) -> None:
    """Record the sources of an article that a refresh of their origin must not add again."""
    own = select(sources.c.key).where(sources.c.article_id == article_id, sources.c.origin.is_not(None))
    known = select(dismissed.c.key)
    db.execute(dismissed.insert().from_select(["key"], own.where(sources.c.key.not_in(known))))


class NewPassages(NamedTuple):
    """An article's n passages, with their (n, d) vectors `rows`."""

    article_id: int
    text: str
    chunks: Sequence[Chunk]
    rows: np.ndarray


def insert_passages(
    db: sa.Connection, article_id: int, text: str, chunks: Sequence[Chunk], rows: np.ndarray, index_version: str
) -> np.ndarray:
    """Insert an article's n passages with their (n, d) vectors `rows`; return their ids.

    The index version that they belong to is recorded with the article, and as that of the newest passages.
    """
    (ids,) = insert_all_passages(db, [NewPassages(article_id, text, chunks, rows)])
    db.execute(articles.update().where(articles.c.id == article_id).values(index_version=index_version))
    set_meta(db, "epoch", index_version)
    return ids


def insert_all_passages(db: sa.Connection, new: Sequence[NewPassages]) -> list[np.ndarray]:
    """Insert the passages of several articles with their vectors; return the (n,) ids of each article's."""
    described = [
        {"article_id": of.article_id, "start": one.span.start, "end": one.span.end, "heading": one.heading}
        | {"introductions": introductions_column(one.introductions)}
        | {"digest": passage_digest(one.span.of(of.text), vector)}
        for of in new
        for one, vector in zip(of.chunks, of.rows, strict=True)
    ]
    ids: list[int] = []
    if described:
        statement = passages.insert().returning(passages.c.id, sort_by_parameter_order=True)
        ids += db.execute(statement, described).scalars()
        rows = zip(ids, (row for of in new for row in of.rows), strict=True)
        db.execute(vectors.insert(), [{"passage_id": key, "vector": row.astype("<f4").tobytes()} for key, row in rows])
    ends = np.cumsum([len(of.chunks) for of in new])
    return np.split(np.array(ids, np.int64), ends[:-1])


def replace_passages(
    db: sa.Connection, article_id: int, text: str, chunks: Sequence[Chunk], rows: np.ndarray, index_version: str
) -> np.ndarray:
    """Give an article other passages, and write this change to the log; return the ids of the old ones."""
    gone = passage_ids(db, article_id)
    db.execute(passages.delete().where(passages.c.article_id == article_id))
    changed = ChangeRecorder()
    changed.replaced(article_id, gone, insert_passages(db, article_id, text, chunks, rows, index_version))
    changed.write(db)
    return gone


def forget_near_duplicates(db: sa.Connection, article_id: int) -> None:
    """Delete an article's bands, and its pairs with older articles."""
    db.execute(bands.delete().where(bands.c.article_id == article_id))
    db.execute(near_duplicates.delete().where(near_duplicates.c.article_id == article_id))


def record_near_duplicates(db: sa.Connection, article_id: int, text: str, *, only_older: bool = False) -> list[int]:
    """Store the bands of an article's sketch; find its near duplicates among the articles that share one, return them.

    With `only_older` it is compared with those that were stored before it; later ones are compared with it.
    """
    own = shingles(text)
    found = bands_of(own)
    if not found:
        return []
    alike = select(bands.c.article_id).where(bands.c.band.in_(found), bands.c.article_id != article_id)
    if only_older:
        alike = alike.where(bands.c.article_id < article_id)
    alike = alike.group_by(bands.c.article_id).order_by(sa.func.count().desc(), bands.c.article_id).limit(_MAX_COMPARED)
    near, available = [], _MAX_COMPARED_CHARACTERS
    for other in db.execute(alike).scalars().all():
        read = db.execute(select(articles.c.text).where(articles.c.id == other)).scalar_one()
        if resemblance(own, shingles(read)) >= RESEMBLANCE:
            near.append(other)
        available -= len(read)
        if available < 0:
            break
    db.execute(bands.insert(), [{"band": band, "article_id": article_id} for band in set(found)])
    if near:
        db.execute(near_duplicates.insert(), [{"article_id": article_id, "other_id": other} for other in near])
    return sorted(near)
