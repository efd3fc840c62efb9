"""The sources of a library's articles: what a refresh needs to know about each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import or_, select, true

from index.catalog.article_tags import add_source_tags
from index.catalog.change_log import record_change
from index.catalog.columns import now
from index.catalog.engine import write_transaction
from index.catalog.meta_values import delete_meta, meta_value, set_meta
from index.catalog.schema import dismissed, failures, origin_tags, origins, sources
from index.messages.sentence import from_stored, to_stored
from index.sources.http.addresses import is_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from index.models import Draft
    from index.sources.discovery import Failure


_FRAME: Final = "frame:"  # with the key of a site: the key in `meta` of what repeats on its pages


class Source(NamedTuple):
    """One source of an article: a row of the table `sources`. `key`, `origin` and `version` are as in `Draft`.

    `shown` is the name that members see, `missing` when a refresh first found the source gone, `titled` the title that
    somebody gave to its article, `every` its interval in hours between two checks (None: the setting's), `looked` the
    time of the last check. Times are ISO 8601 in UTC.
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
    """A folder, site or channel that was added: a row of the table `origins`.

    `pages` is the most pages of a site, `depth` the most links from its first page, None for no limit of its own;
    `every` and `looked` are as in `Source`.
    """

    key: str
    pages: int | None
    depth: int | None
    every: float | None
    looked: str | None


class FailedSource(NamedTuple):
    """A source that could not be read at the last check, and why; `article_id` is the article it holds, if any."""

    key: str
    shown: str
    reason: str
    at: str
    origin: str | None
    article_id: int | None


@dataclass(frozen=True, slots=True)
class KnownSources:
    """A snapshot of everything stored about a library's sources; `dismissed` are the keys of `dismissed()`."""

    sources: tuple[Source, ...]
    origins: tuple[Origin, ...]
    dismissed: frozenset[str]


class ArticleSources:
    """Reads and updates the sources of one catalogue; never touches articles or passages."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[Source]:
        """Return every source, in the order of adding."""
        return self._select(true())

    def known(self) -> KnownSources:
        """Return a snapshot of sources, origins and dismissed keys."""
        return KnownSources(tuple(self.all()), tuple(self.origins()), frozenset(self.dismissed()))

    def get(self, key: str) -> Source | None:
        """Return the source with this key, or None."""
        return next(iter(self._select(sources.c.key == key)), None)

    def with_name(self, name: str) -> list[Source]:
        """Return the sources whose displayed name is `name`."""
        return self._select(sources.c.shown == name)

    def beginning_with(self, beginnings: Iterable[str]) -> list[tuple[str, int]]:
        """Return key and article id of the sources whose keys begin with one of these texts."""
        # As ranges, for which SQLite uses the index of the keys.
        either = or_(*((sources.c.key >= text) & (sources.c.key < _after_all(text)) for text in beginnings))
        with self._engine.connect() as db:
            return [
                (key, article) for key, article in db.execute(select(sources.c.key, sources.c.article_id).where(either))
            ]

    def _select(self, condition: sa.ColumnElement[bool]) -> list[Source]:
        query = select(*(sources.c[name] for name in Source._fields)).where(condition).order_by(sources.c.id)
        with self._engine.connect() as db:
            return [Source(*row) for row in db.execute(query)]

    def keys_of_article(self, article_id: int) -> list[str]:
        """Return the keys of an article's sources, in the order of adding."""
        query = select(sources.c.key).where(sources.c.article_id == article_id).order_by(sources.c.id)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def keys_of_origin(self, origin: str) -> list[str]:
        """Return the keys of the sources found in a folder, site or channel."""
        with self._engine.connect() as db:
            return list(db.execute(select(sources.c.key).where(sources.c.origin == origin)).scalars())

    def origins(self) -> list[Origin]:
        """Return the folders, sites and channels that were added, by key."""
        with self._engine.connect() as db:
            return [Origin(*row) for row in db.execute(select(origins).order_by(origins.c.key))]

    def dismissed(self) -> set[str]:
        """Return the keys that a refresh must not add again, because somebody removed their articles."""
        with self._engine.connect() as db:
            return set(db.execute(select(dismissed.c.key)).scalars())

    def remember_origin(self, key: str, pages: int | None = None, depth: int | None = None) -> None:
        """Record that a folder or site was added, or added again with other limits."""
        values = {"pages": pages, "depth": depth, "looked": now()}
        with write_transaction(self._engine) as db:
            if not db.execute(origins.update().where(origins.c.key == key).values(**values)).rowcount:
                db.execute(origins.insert().values(key=key, **values))

    def frame(self, origin: str) -> frozenset[str]:
        """Return the digests of the lines that repeat on the pages of a site (`index.cleaning.site_frame`)."""
        with self._engine.connect() as db:
            return frozenset((meta_value(db, _FRAME + origin) or "").split())

    def set_frame(self, origin: str, frame: Iterable[str]) -> None:
        """Store the digests of the lines that repeat on the pages of a site."""
        with write_transaction(self._engine) as db:
            set_meta(db, _FRAME + origin, " ".join(sorted(frame)))

    def forget_origin(self, key: str) -> None:
        """Delete a folder or site, with the failures recorded for it."""
        with write_transaction(self._engine) as db:
            db.execute(origins.delete().where(origins.c.key == key))
            db.execute(failures.delete().where(failures.c.origin == key))
            if db.execute(origin_tags.delete().where(origin_tags.c.origin == key)).rowcount:
                record_change(db, retagged=True)
            delete_meta(db, _FRAME + key)

    def set_title(self, key: str, title: str) -> None:
        """Store a title given by hand, which new versions of this source keep."""
        with write_transaction(self._engine) as db:
            db.execute(sources.update().where(sources.c.key == key).values(titled=title))

    def mark_unchanged(self, draft: Draft) -> bool:
        """Record that a source was read again and its content is the same; name, version and origin may be new.

        Return False if there is no such source any more.
        """
        values = {"shown": draft.source, "missing": None} | ({"version": draft.version} if draft.version else {})
        with write_transaction(self._engine) as db:
            found = db.execute(sources.update().where(sources.c.key == draft.key).values(**values)).rowcount
            if draft.origin:
                db.execute(sources.update().where(sources.c.key == draft.key).values(origin=draft.origin))
            if add_source_tags(db, draft.key, draft.tags):
                record_change(db, db.execute(select(sources.c.article_id).where(sources.c.key == draft.key)).scalars())
            db.execute(failures.delete().where(failures.c.key == draft.key))
        return bool(found)

    def mark_present(self, key: str) -> None:
        """Record that a source is present and unchanged, so that it is neither missing nor failed."""
        with write_transaction(self._engine) as db:
            db.execute(sources.update().where(sources.c.key == key).values(missing=None))
            db.execute(failures.delete().where(failures.c.key == key))

    def set_missing(self, keys: Iterable[str], missing: str | None) -> None:
        """Store since when sources have been missing (ISO 8601); None if they are back."""
        with write_transaction(self._engine) as db:
            for key in keys:
                db.execute(sources.update().where(sources.c.key == key).values(missing=missing))

    def record_check(self, keys: Iterable[str], origin: str | None, failed: Iterable[Failure]) -> None:
        """Record a check, just now, of these sources and of `origin` if given; `failed` replaces their old failures."""
        with write_transaction(self._engine) as db:
            for key in keys:
                db.execute(sources.update().where(sources.c.key == key).values(looked=now()))
                db.execute(failures.delete().where(failures.c.key == key))
            if origin is not None:
                db.execute(origins.update().where(origins.c.key == origin).values(looked=now()))
                ours = (failures.c.origin == origin) | (failures.c.key == origin)
                db.execute(failures.delete().where(ours))
            for one in failed:
                values = {"key": one.key, "shown": one.source, "reason": to_stored(one.reason), "at": now()}
                db.execute(failures.delete().where(failures.c.key == one.key))
                db.execute(failures.insert().values(**values, origin=one.origin or origin))

    def failures(self) -> list[FailedSource]:
        """Return the sources that could not be read at the last check, newest first."""
        query = select(*failures.c, sources.c.article_id)
        query = query.join_from(failures, sources, failures.c.key == sources.c.key, isouter=True)
        with self._engine.connect() as db:
            found = [
                FailedSource(*tuple(row)) for row in db.execute(query.order_by(failures.c.at.desc(), failures.c.key))
            ]
        return [one._replace(reason=from_stored(one.reason)) for one in found]

    def set_interval(self, key: str, every: float | None) -> bool:
        """Set the hours between two checks of a source or origin (0: never, None: default); return if it exists."""
        with write_transaction(self._engine) as db:
            found = [
                db.execute(t.update().where(t.c.key == key).values(every=every)).rowcount for t in (sources, origins)
            ]
        return any(found)


def _after_all(beginning: str) -> str:
    """Return the first text that is greater than all with this beginning."""
    return f"{beginning[:-1]}{chr(ord(beginning[-1]) + 1)}"


def can_be_refreshed(key: str) -> bool:
    """Whether a source can be read again: an address or a file, but not text that was pasted or sent."""
    return is_address(key) or Path(key).is_absolute()
