"""Where a library's articles came from: what a refresh needs to know of each source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, true

from index.catalog.history import now
from index.catalog.schema import dismissed, failures, origins, sources, writing
from index.sources.http.addresses import is_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from index.models import Draft
    from index.sources.discovery import Failure


class Source(NamedTuple):
    """One source of an article. `key`, `origin` and `version` are as in `Draft`; `missing` is an ISO date-time.

    `titled` is the title that somebody gave its article, `every` the hours between two looks at it, None where the
    setting says it, `looked` when the last was.
    """

    key: str
    shown: str
    article_id: int
    origin: str | None
    version: str | None
    missing: str | None
    titled: str | None = None
    every: float | None = None
    looked: str | None = None


class Origin(NamedTuple):
    """A folder, site or channel that was added.

    `pages` is how many pages of a site may be, `depth` how many links away from its first, None where nothing is said;
    `every` and `looked` are as in `Source`.
    """

    key: str
    pages: int | None
    depth: int | None
    every: float | None
    looked: str | None


class FailedSource(NamedTuple):
    """What could not be read at the last look, and why. `article_id` is what it has brought before, if anything."""

    key: str
    shown: str
    reason: str
    at: str
    origin: str | None
    article_id: int | None


@dataclass(frozen=True, slots=True)
class KnownSources:
    """What a library knows of its sources at one moment."""

    sources: tuple[Source, ...]
    origins: tuple[Origin, ...]
    dismissed: frozenset[str]


class ArticleSources:
    """The sources of one catalogue. None of these changes touches an article or a passage."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[Source]:
        """Return every source, in the order in which they came."""
        return self._where(true())

    def known(self) -> KnownSources:
        """Return all that the library knows of its sources now."""
        return KnownSources(tuple(self.all()), tuple(self.origins()), frozenset(self.dismissed()))

    def get(self, key: str) -> Source | None:
        """Return a source, or None."""
        return next(iter(self._where(sources.c.key == key)), None)

    def shown_as(self, name: str) -> list[Source]:
        """Return the sources that members see under a name."""
        return self._where(sources.c.shown == name)

    def _where(self, condition: sa.ColumnElement[bool]) -> list[Source]:
        query = select(*(sources.c[name] for name in Source._fields)).where(condition).order_by(sources.c.id)
        with self._engine.connect() as db:
            return [Source(*row) for row in db.execute(query)]

    def of(self, article_id: int) -> list[str]:
        """Return the keys of an article's sources, in the order in which they came."""
        query = select(sources.c.key).where(sources.c.article_id == article_id).order_by(sources.c.id)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def of_origin(self, origin: str) -> list[str]:
        """Return the keys of the sources that a folder, site or channel led to."""
        with self._engine.connect() as db:
            return list(db.execute(select(sources.c.key).where(sources.c.origin == origin)).scalars())

    def origins(self) -> list[Origin]:
        """Return the folders and sites that were added."""
        with self._engine.connect() as db:
            return [Origin(*row) for row in db.execute(select(origins).order_by(origins.c.key))]

    def dismissed(self) -> set[str]:
        """Return the keys that a refresh must leave alone, because somebody removed their articles."""
        with self._engine.connect() as db:
            return set(db.execute(select(dismissed.c.key)).scalars())

    def remember_origin(self, key: str, pages: int | None = None, depth: int | None = None) -> None:
        """Note that a folder or site was added."""
        values = {"pages": pages, "depth": depth, "looked": now()}
        with writing(self._engine) as db:
            if not db.execute(origins.update().where(origins.c.key == key).values(**values)).rowcount:
                db.execute(origins.insert().values(key=key, **values))

    def forget_origin(self, key: str) -> None:
        """Drop a folder or site from which nothing is left."""
        with writing(self._engine) as db:
            db.execute(origins.delete().where(origins.c.key == key))
            db.execute(failures.delete().where(failures.c.origin == key))

    def entitle(self, key: str, title: str) -> None:
        """Note that an article's title was given by hand, so that a new version of this source carries it too."""
        with writing(self._engine) as db:
            db.execute(sources.update().where(sources.c.key == key).values(titled=title))

    def seen(self, draft: Draft) -> None:
        """Note that a source was read again and holds what it held."""
        values = {"shown": draft.source, "missing": None} | ({"version": draft.version} if draft.version else {})
        with writing(self._engine) as db:
            db.execute(sources.update().where(sources.c.key == draft.key).values(**values))
            if draft.origin:
                db.execute(sources.update().where(sources.c.key == draft.key).values(origin=draft.origin))
            db.execute(failures.delete().where(failures.c.key == draft.key))

    def back(self, key: str) -> None:
        """Note that a source is there, and as it was."""
        with writing(self._engine) as db:
            db.execute(sources.update().where(sources.c.key == key).values(missing=None))
            db.execute(failures.delete().where(failures.c.key == key))

    def mark(self, keys: Iterable[str], missing: str | None) -> None:
        """Note since when sources are gone; None where they are back."""
        with writing(self._engine) as db:
            for key in keys:
                db.execute(sources.update().where(sources.c.key == key).values(missing=missing))

    def looked(self, keys: Iterable[str], origin: str | None, failed: Iterable[Failure]) -> None:
        """Note that sources, or those of an origin, were looked at just now, and what of them could not be read."""
        with writing(self._engine) as db:
            for key in keys:
                db.execute(sources.update().where(sources.c.key == key).values(looked=now()))
                db.execute(failures.delete().where(failures.c.key == key))
            if origin is not None:
                db.execute(origins.update().where(origins.c.key == origin).values(looked=now()))
                ours = (failures.c.origin == origin) | (failures.c.key == origin)
                db.execute(failures.delete().where(ours))
            for one in failed:
                told: dict[str, str | None] = {"key": one.key, "shown": one.source, "reason": one.reason, "at": now()}
                told["origin"] = one.origin or origin
                db.execute(failures.delete().where(failures.c.key == one.key))
                db.execute(failures.insert().values(**told))

    def failed(self) -> list[FailedSource]:
        """Return what could not be read at the last look, the newest first."""
        query = select(*failures.c, sources.c.article_id)
        query = query.join_from(failures, sources, failures.c.key == sources.c.key, isouter=True)
        with self._engine.connect() as db:
            return [
                FailedSource(*tuple(row)) for row in db.execute(query.order_by(failures.c.at.desc(), failures.c.key))
            ]

    def schedule(self, key: str, every: float | None) -> bool:
        """Set the hours between two looks at a source or origin, 0 for never; tell whether it is known."""
        with writing(self._engine) as db:
            found = [
                db.execute(t.update().where(t.c.key == key).values(every=every)).rowcount for t in (sources, origins)
            ]
        return any(found)


def lasting(key: str) -> bool:
    """Tell whether a source can be looked at again: an address or a file, not what was pasted, sent or piped in."""
    return is_address(key) or Path(key).is_absolute()
