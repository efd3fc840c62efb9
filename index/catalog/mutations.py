"""The steps of which a change of the catalogue consists; each is part of its caller's transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.history import now
from index.catalog.schema import articles, bands, dismissed, failures, meta, near_duplicates, passages, sources
from index.passages.near_duplicates import RESEMBLANCE, resemblance, runs
from index.passages.near_duplicates import bands as bands_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.models import Draft, Span

_COMPARED = 20  # articles that share the most with a new one
_COMPARED_CHARACTERS = 200_000  # of these: more would hold up answers for too long
DESCRIBED = ("title", "published", "sections", "author", "language", "pages")
KEPT = ("key", "shown", "origin", "version", "titled")  # of a source, with a version that can be brought back


def digest(text: str, vector: np.ndarray) -> bytes:
    """Return what proves that a passage's text and vector belong together."""
    return hashlib.blake2b(text.encode() + vector.astype("<f4").tobytes(), digest_size=8).digest()


def text_digest(text: str) -> bytes:
    """Return what finds an article by its text."""
    return hashlib.sha256(text.encode()).digest()


def described(draft: Draft) -> dict[str, str | None]:
    """Return the columns that describe an article's text."""
    sections = json.dumps([astuple(section) for section in draft.sections])
    places = list(zip(draft.pages, draft.times, strict=True)) if draft.times else draft.pages
    pages = json.dumps(places) if places else None
    values = (draft.title, draft.published, sections, draft.author, draft.language, pages)
    return dict(zip(DESCRIBED, values, strict=True))


def places(stored: str | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the offsets of pages, and the seconds of those that are cues, from what was stored of them."""
    found = json.loads(stored or "[]")
    if found and isinstance(found[0], list):
        return tuple(offset for offset, _ in found), tuple(second for _, second in found)
    return tuple(found), ()


def ids_of(result: sa.CursorResult[tuple[int]]) -> np.ndarray:
    """Return the ids that a query yields, (n,) int64."""
    return np.array(result.scalars().all(), np.int64)


def passage_ids(db: sa.Connection, article_id: int) -> np.ndarray:
    """Return the ids of an article's passages, (n,) int64."""
    return ids_of(db.execute(select(passages.c.id).where(passages.c.article_id == article_id)))


def snapshot(db: sa.Connection, article_id: int) -> dict[str, Any]:
    """Return an article with its sources, as it is kept for being brought back."""
    row = db.execute(select(articles).where(articles.c.id == article_id)).one()
    own = select(*(sources.c[name] for name in KEPT)).where(sources.c.article_id == article_id).order_by(sources.c.id)
    return dict(row._mapping) | {"sources": json.dumps([dict(source._mapping) for source in db.execute(own)])}  # noqa: SLF001 - public


def delete_article(db: sa.Connection, article_id: int) -> np.ndarray:
    """Delete an article with its sources and passages, and what is told of these; return the passages' ids."""
    gone = passage_ids(db, article_id)
    own = select(sources.c.key).where(sources.c.article_id == article_id)
    db.execute(failures.delete().where(failures.c.key.in_(own)))
    db.execute(articles.delete().where(articles.c.id == article_id))
    return gone


def part(db: sa.Connection, key: str) -> None:
    """Delete a source, and what is told of it."""
    db.execute(sources.delete().where(sources.c.key == key))
    db.execute(failures.delete().where(failures.c.key == key))


def has_source(db: sa.Connection, article_id: int) -> bool:
    """Whether any source names an article."""
    return db.execute(select(sources.c.id).where(sources.c.article_id == article_id)).first() is not None


def article_of(db: sa.Connection, key: str) -> int | None:
    """Return the id of the article that a source names."""
    return db.execute(select(sources.c.article_id).where(sources.c.key == key)).scalar()


def insert_article(db: sa.Connection, draft: Draft) -> int:
    """Insert an article and return its id."""
    statement = articles.insert().values(text=draft.text, text_digest=text_digest(draft.text), **described(draft))
    return int(db.execute(statement.returning(articles.c.id)).scalar_one())


def attach(db: sa.Connection, draft: Draft, article_id: int) -> None:
    """Let a draft's source name an article; what was dismissed before is wanted again."""
    told = {"shown": draft.source, "origin": draft.origin, "version": draft.version, "missing": None, "looked": now()}
    known = sources.update().where(sources.c.key == draft.key)
    if not db.execute(known.values(article_id=article_id, **told)).rowcount:
        db.execute(sources.insert().values(key=draft.key, article_id=article_id, **told))
    db.execute(dismissed.delete().where(dismissed.c.key == draft.key))
    db.execute(failures.delete().where(failures.c.key == draft.key))


def dismiss(db: sa.Connection, article_id: int) -> None:
    """Note the sources of an article that a refresh of their origin must not bring back."""
    own = select(sources.c.key).where(sources.c.article_id == article_id, sources.c.origin.is_not(None))
    known = select(dismissed.c.key)
    db.execute(dismissed.insert().from_select(["key"], own.where(sources.c.key.not_in(known))))


def insert_passages(
    db: sa.Connection, article_id: int, text: str, spans: Sequence[tuple[Span, str]], vectors: np.ndarray
) -> None:
    """Insert an article's passages: spans with their headings, and (n, d) vectors."""
    rows = [
        {"article_id": article_id, "start": span.start, "end": span.end, "heading": heading}
        | {"vector": vector.astype("<f4").tobytes(), "digest": digest(span.of(text), vector)}
        for (span, heading), vector in zip(spans, vectors, strict=True)
    ]
    if rows:
        db.execute(passages.insert(), rows)


def note_near_duplicates(db: sa.Connection, article_id: int, text: str) -> None:
    """Note by what an article is found, and of which others it is a near duplicate."""
    own = runs(text)
    found = bands_of(own)
    if not found:
        return
    alike = select(bands.c.article_id).where(bands.c.band.in_(found), bands.c.article_id != article_id)
    alike = alike.group_by(bands.c.article_id).order_by(sa.func.count().desc()).limit(_COMPARED)
    near, room = [], _COMPARED_CHARACTERS
    for other in db.execute(alike).scalars().all():
        read = db.execute(select(articles.c.text).where(articles.c.id == other)).scalar_one()
        if resemblance(own, runs(read)) >= RESEMBLANCE:
            near.append(other)
        room -= len(read)
        if room < 0:
            break
    db.execute(bands.insert(), [{"band": band, "article_id": article_id} for band in set(found)])
    if near:
        db.execute(near_duplicates.insert(), [{"article_id": article_id, "other_id": other} for other in near])


def remember(db: sa.Connection, key: str = "", value: str = "") -> None:
    """Count a change, and remember a value with it."""
    count = db.execute(select(meta.c.value).where(meta.c.key == "generation")).scalar()
    for name, new in (("generation", str(int(count or 0) + 1)), (key, value)):
        if name and not db.execute(meta.update().where(meta.c.key == name).values(value=new)).rowcount:
            db.execute(meta.insert().values(key=name, value=new))
