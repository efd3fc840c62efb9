"""What has happened to a library's articles, and the versions of them that can be brought back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import sqlalchemy as sa
from rapidfuzz.distance import Indel
from sqlalchemy import select

from index.catalog.schema import articles, events, versions, writing

if TYPE_CHECKING:
    from collections.abc import Mapping

TERMINAL: Final = "terminal"
REFRESH: Final = "refresh"
_EVENT_DAYS: Final = 365  # entries without texts; no entry goes before the version that it brings back
_COMPARED: Final = 50_000  # characters: two texts that differ in more are compared by lines

What = Literal["added", "joined", "replaced", "renamed", "removed", "restored", "erased"]


@dataclass(frozen=True, slots=True)
class Retention:
    """How many earlier versions of an article are kept at most, and for how many days; 0 of either keeps none."""

    versions: int = 5
    days: float = 30.0


@dataclass(frozen=True, slots=True)
class ChangeDetails:
    """What a change's entry tells besides what happened: who did it, and how many passages are new.

    `what` and `chain` are set where an earlier version comes back.
    """

    who: str = ""
    what: What | None = None
    chain: int | None = None
    passages: int | None = None


NOBODY: Final = ChangeDetails()


class HistoryEntry(NamedTuple):
    """One thing that happened. `kept` says that what the article was before can be brought back by this number.

    `at` is ISO 8601 in UTC, `by` as the caller of the change named them, empty where nobody knows. `was` is the title
    before. `characters` came or went, `passages` are new; None where that is not counted.
    """

    number: int
    at: str
    by: str
    what: What
    article_id: int
    title: str
    was: str | None
    characters: int | None
    passages: int | None
    kept: bool


class History:
    """Reads the history of one catalogue, and deletes from it."""

    def __init__(self, engine: sa.Engine, keep: Retention) -> None:
        self._engine = engine
        self._keep = keep

    def entries(self, article_id: int | None = None, limit: int = 100) -> list[HistoryEntry]:
        """Return what has happened, newest first: to all, or to one article and those that it has replaced."""
        told = (events.c[name] for name in HistoryEntry._fields[1:-1])
        kept = versions.c.event_id.is_not(None) & (events.c.at >= _oldest(self._keep))
        query = select(events.c.id, *told, kept).join_from(events, versions, isouter=True)
        with self._engine.connect() as db:
            if article_id is not None:
                query = query.where(events.c.chain == chain_of(db, article_id))
            rows = db.execute(query.order_by(events.c.id.desc()).limit(limit))
            return [HistoryEntry(*map(row.__getitem__, range(len(HistoryEntry._fields)))) for row in rows]

    def version(self, number: int) -> sa.Row[tuple[Any, ...]] | None:
        """Return what an article was before the entry of this number, None where it is not kept."""
        query = select(versions, events.c.chain).join_from(versions, events)
        with self._engine.connect() as db:
            found = query.where(versions.c.event_id == number, events.c.at >= _oldest(self._keep))
            return db.execute(found).one_or_none()

    def expire(self) -> None:
        """Delete what has been kept for long enough."""
        with writing(self._engine) as db:
            expire(db, self._keep)

    def forget(self, by: str) -> None:
        """Delete who did what, for those that this names."""
        with writing(self._engine) as db:
            db.execute(events.update().where(events.c.by == by).values(by=""))


def chain_of(db: sa.Connection, article_id: int) -> int:
    """Return what an article has in common with those that it replaced: the id of the first of them."""
    newest = select(events.c.chain).where(events.c.article_id == article_id).order_by(events.c.id.desc())
    return int(db.execute(newest.limit(1)).scalar() or article_id)


def record(db: sa.Connection, what: What, article_id: int, title: str, by: str, **told: Any) -> int:
    """Write an entry, as a part of its caller's transaction; return its number."""
    chain = told.pop("chain", None) or chain_of(db, article_id)
    values = {"at": now(), "by": by, "what": what, "chain": chain, "article_id": article_id, "title": title} | told
    return int(db.execute(events.insert().values(**values).returning(events.c.id)).scalar_one())


def keep_version(db: sa.Connection, number: int, version: Mapping[str, Any], keep: Retention) -> None:
    """Keep what an article was before an entry, and no more than is to be kept."""
    if keep.versions and keep.days:
        columns = {column.name for column in versions.columns} - {"event_id"}
        db.execute(versions.insert().values(event_id=number, **{name: version[name] for name in columns}))
    chain = select(events.c.chain).where(events.c.id == number).scalar_subquery()
    own = select(versions.c.event_id).join_from(versions, events).where(events.c.chain == chain)
    beyond = db.execute(own.order_by(events.c.id.desc()).offset(keep.versions)).scalars().all()
    db.execute(versions.delete().where(versions.c.event_id.in_(beyond)))
    expire(db, keep)


def expire(db: sa.Connection, keep: Retention) -> None:
    """Delete versions and entries that are older than they may be."""
    old = select(events.c.id).where(events.c.at < _oldest(keep))
    db.execute(versions.delete().where(versions.c.event_id.in_(old)))
    db.execute(events.delete().where(events.c.at < _ago(max(_EVENT_DAYS, keep.days))))


def erase(db: sa.Connection, article_id: int, by: str) -> bool:
    """Delete all that is kept of an article that is gone, and of those that it replaced; tell whether there was any."""
    chain = chain_of(db, article_id)
    if db.execute(select(articles.c.id).where(articles.c.id == article_id)).first():
        return False
    found = db.execute(events.delete().where(events.c.chain == chain, events.c.what != "erased")).rowcount > 0
    if found:
        record(db, "erased", article_id, "", by, chain=chain)
    return found


def difference(old: str, new: str) -> int:
    """Return how many characters came or went between two texts; in lines, where much is different."""
    before, after = Counter(old.split("\n")), Counter(new.split("\n"))
    lost, came = ("\n".join((one - other).elements()) for one, other in ((before, after), (after, before)))
    return Indel.distance(lost, came) if max(len(lost), len(came)) <= _COMPARED else len(lost) + len(came)


def now() -> str:
    """Return this moment as it is stored, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


def _oldest(keep: Retention) -> str:
    return _ago(keep.days)
