"""The collections of a library, and which articles are in them: their tags.

A source has tags of its own, and those of the folder, site or channel through which it was found (its origin). An
article has the tags of all its sources. So a new version of a source is in the same collections, and a new page of a
site in those of the site.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.change_log import record_change
from index.catalog.engine import write_transaction
from index.catalog.schema import origin_tags, source_tags, sources, tags
from index.messages.tags import TOO_MANY_COLLECTIONS, TOO_MANY_TAGS
from index.models import UserError
from index.text.tag_names import MAX_COLLECTIONS, MAX_TAGS, distinct_tags, folded_tag, tag_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_own = select(sources.c.article_id, source_tags.c.tag_id).join_from(source_tags, sources)
_inherited = select(sources.c.article_id, origin_tags.c.tag_id).join_from(
    origin_tags, sources, sources.c.origin == origin_tags.c.origin
)
_all = sa.union(_own, _inherited).subquery()  # (article_id, tag_id), each once


class Collection(NamedTuple):
    """A collection by its displayed name, and the number of its articles."""

    name: str
    articles: int


class ArticleTags:
    """Reads and changes which articles of one catalogue are in which collections. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def collections(self) -> list[Collection]:
        """Return the collections that have articles, by name."""
        query = select(tags.c.name, func.count()).join_from(tags, _all, tags.c.id == _all.c.tag_id)
        with self._engine.connect() as db:
            return [
                Collection(*row)
                for row in db.execute(query.group_by(tags.c.id, tags.c.name, tags.c.folded).order_by(tags.c.folded))
            ]

    def of_article(self, article_id: int) -> tuple[str, ...]:
        """Return the names of an article's collections, in alphabetical order."""
        return self._names(_all.c.article_id == article_id).get(article_id, ())

    def by_article(self) -> dict[int, tuple[str, ...]]:
        """Return the names of the collections of each article that is in one, in alphabetical order."""
        return self._names(sa.true())

    def articles_by_collection(self) -> dict[str, tuple[str, frozenset[int]]]:
        """Return the displayed name and the ids of the articles of each collection, by its name as compared."""
        query = select(tags.c.folded, tags.c.name, _all.c.article_id).join_from(tags, _all, tags.c.id == _all.c.tag_id)
        found: dict[str, tuple[str, set[int]]] = {}
        with self._engine.connect() as db:
            for folded, name, article_id in db.execute(query.order_by(tags.c.folded)):
                found.setdefault(folded, (name, set()))[1].add(article_id)
        return {folded: (name, frozenset(ids)) for folded, (name, ids) in found.items()}

    def by_origin(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the collections of each folder, site and channel by its key."""
        return self._by_key(select(origin_tags.c.origin, tags.c.name).join_from(origin_tags, tags))

    def by_source(self) -> dict[str, tuple[str, ...]]:
        """Return the names of each source's own collections by its key, without those of its origin."""
        return self._by_key(select(sources.c.key, tags.c.name).join_from(source_tags, sources).join(tags))

    def articles_in(self, names: Iterable[str]) -> frozenset[int]:
        """Return the ids of the articles that are in any of these collections; names that differ in case are equal."""
        folded = {folded_tag(name) for name in names}
        query = select(_all.c.article_id).join_from(_all, tags, tags.c.id == _all.c.tag_id)
        with self._engine.connect() as db:
            return frozenset(db.execute(query.where(tags.c.folded.in_(folded))).scalars())

    def set_of_article(self, article_id: int, names: Iterable[str]) -> bool:
        """Put all sources of an article into these collections, and take them out of others; return if it exists.

        It stays in the collections of its origins. Raises UserError for a name that cannot be, or too many of them.
        """
        with write_transaction(self._engine) as db:
            own = select(sources.c.id).where(sources.c.article_id == article_id)
            ids = db.execute(own).scalars().all()
            wanted = _tag_ids(db, names)
            db.execute(source_tags.delete().where(source_tags.c.source_id.in_(own)))
            rows = [{"source_id": source, "tag_id": tag} for source in ids for tag in wanted]
            if rows:
                db.execute(source_tags.insert(), rows)
            _require_limits(db, _all.c.article_id == article_id)
            record_change(db, [article_id])
        return bool(ids)

    def set_of_origin(self, origin: str, names: Iterable[str], *, keep: bool = False) -> None:
        """Put a folder, site or channel with all its articles, those added later included, into these collections.

        Unless `keep`, they are taken out of others. Raises UserError as `set_of_article` does.
        """
        found_there = sources.c.origin == origin
        with write_transaction(self._engine) as db:
            wanted = set(_tag_ids(db, names))
            own = origin_tags.c.origin == origin
            if keep:
                wanted |= set(db.execute(select(origin_tags.c.tag_id).where(own)).scalars())
            else:
                each = select(sources.c.id).where(found_there)
                db.execute(source_tags.delete().where(source_tags.c.source_id.in_(each)))
            db.execute(origin_tags.delete().where(own))
            if wanted:
                db.execute(origin_tags.insert(), [{"origin": origin, "tag_id": tag} for tag in sorted(wanted)])
            _require_limits(db, _all.c.article_id.in_(select(sources.c.article_id).where(found_there)))
            record_change(db, retagged=True)

    def _by_key(self, query: sa.Select[Any]) -> dict[str, tuple[str, ...]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        with self._engine.connect() as db:
            for key, name in db.execute(query.order_by(tags.c.folded)):
                found[key].append(name)
        return {key: tuple(names) for key, names in found.items()}

    def _names(self, which: sa.ColumnElement[bool]) -> dict[int, tuple[str, ...]]:
        query = select(_all.c.article_id, tags.c.name).join_from(_all, tags, tags.c.id == _all.c.tag_id)
        found: defaultdict[int, list[str]] = defaultdict(list)
        with self._engine.connect() as db:
            for article_id, name in db.execute(query.where(which).order_by(tags.c.folded)):
                found[article_id].append(name)
        return {article_id: tuple(names) for article_id, names in found.items()}


def add_source_tags(db: sa.Connection, key: str, names: Sequence[str]) -> bool:
    """Put a source into collections, in the caller's transaction; return whether it was not in one of them.

    Raises UserError for a name that cannot be, or too many of them.
    """
    if not names:
        return False
    source = select(sources.c.id, sources.c.article_id).where(sources.c.key == key)
    source_id, article_id = db.execute(source).one()
    known = set(db.execute(select(source_tags.c.tag_id).where(source_tags.c.source_id == source_id)).scalars())
    new = [tag for tag in _tag_ids(db, names) if tag not in known]
    if new:
        db.execute(source_tags.insert(), [{"source_id": source_id, "tag_id": tag} for tag in new])
        _require_limits(db, _all.c.article_id == article_id)
    return bool(new)


def tags_of_sources(db: sa.Connection, article_id: int) -> dict[str, list[str]]:
    """Return the names of the own collections of an article's sources by key, in the caller's transaction."""
    query = select(sources.c.key, tags.c.name).join_from(source_tags, sources).join(tags)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, name in db.execute(query.where(sources.c.article_id == article_id).order_by(tags.c.folded)):
        found[key].append(name)
    return found


def prune_tags(db: sa.Connection) -> None:
    """Delete the names of collections that nothing is in, in the caller's transaction."""
    used = sa.union(select(source_tags.c.tag_id), select(origin_tags.c.tag_id))
    db.execute(tags.delete().where(tags.c.id.not_in(used)))


def _tag_ids(db: sa.Connection, names: Iterable[str]) -> list[int]:
    """Return the ids of collections, which are created unless there are any of these names."""
    found = []
    for name in distinct_tags(map(tag_name, names)):
        known = db.execute(select(tags.c.id).where(tags.c.folded == folded_tag(name))).scalar()
        if known is None:
            new = tags.insert().values(name=name, folded=folded_tag(name)).returning(tags.c.id)
            known = db.execute(new).scalar_one()
        found.append(int(known))
    return found


def _require_limits(db: sa.Connection, changed: sa.ColumnElement[bool]) -> None:
    """Raise UserError if one of these articles is in too many collections, or if there are too many of them."""
    prune_tags(db)
    crowded = select(_all.c.article_id).where(changed).group_by(_all.c.article_id).having(func.count() > MAX_TAGS)
    if db.execute(crowded.limit(1)).first():
        raise UserError(TOO_MANY_TAGS, limit=MAX_TAGS)
    if db.execute(select(func.count()).select_from(tags)).scalar_one() > MAX_COLLECTIONS:
        raise UserError(TOO_MANY_COLLECTIONS, limit=MAX_COLLECTIONS)
