"""Where a library's articles came from: what a refresh needs to know of each source."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, true

from index.tables import dismissed, origins, sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from index.values import Draft


class Source(NamedTuple):
    """One source of an article. `key`, `origin` and `version` are as in `Draft`; `missing` is an ISO date-time.

    `titled` is the title that somebody gave its article.
    """

    key: str
    shown: str
    article_id: int
    origin: str | None
    version: str | None
    missing: str | None
    titled: str | None = None


class Sources:
    """The sources of one catalogue. None of these changes touches an article or a passage."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[Source]:
        """Return every source, in the order in which they came."""
        return self._where(true())

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

    def origins(self) -> dict[str, int | None]:
        """Return the folders and sites that were added, and how many pages of each may be."""
        with self._engine.connect() as db:
            return {row.key: row.pages for row in db.execute(select(origins).order_by(origins.c.key))}

    def dismissed(self) -> set[str]:
        """Return the keys that a refresh must leave alone, because somebody removed their articles."""
        with self._engine.connect() as db:
            return set(db.execute(select(dismissed.c.key)).scalars())

    def remember_origin(self, key: str, pages: int | None = None) -> None:
        """Note that a folder or site was added."""
        with self._engine.execution_options(write=True).begin() as db:
            if not db.execute(origins.update().where(origins.c.key == key).values(pages=pages)).rowcount:
                db.execute(origins.insert().values(key=key, pages=pages))

    def forget_origin(self, key: str) -> None:
        """Drop a folder or site from which nothing is left."""
        with self._engine.execution_options(write=True).begin() as db:
            db.execute(origins.delete().where(origins.c.key == key))

    def entitle(self, key: str, title: str) -> None:
        """Note that an article's title was given by hand, so that a new version of this source carries it too."""
        with self._engine.execution_options(write=True).begin() as db:
            db.execute(sources.update().where(sources.c.key == key).values(titled=title))

    def seen(self, draft: Draft) -> None:
        """Note that a source was read again and holds what it held."""
        values = {"shown": draft.source, "missing": None} | ({"version": draft.version} if draft.version else {})
        with self._engine.execution_options(write=True).begin() as db:
            db.execute(sources.update().where(sources.c.key == draft.key).values(**values))
            if draft.origin:
                db.execute(sources.update().where(sources.c.key == draft.key).values(origin=draft.origin))

    def mark(self, keys: Iterable[str], missing: str | None) -> None:
        """Note since when sources are gone; None where they are back."""
        with self._engine.execution_options(write=True).begin() as db:
            for key in keys:
                db.execute(sources.update().where(sources.c.key == key).values(missing=missing))
