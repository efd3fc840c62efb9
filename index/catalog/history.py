"""The history of a library's articles, and the earlier versions that can be restored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import sqlalchemy as sa
from rapidfuzz.distance import Indel
from sqlalchemy import select

from index.catalog.columns import iso_time, now, text_digest
from index.catalog.engine import write_transaction
from index.catalog.schema import articles, events, versions
from index.messages.library import TEXT_ELSEWHERE
from index.models import UserError
from index.trusted_clock import ClockReading, system_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

TERMINAL: Final = "terminal"
REFRESH: Final = "refresh"
_DAY: Final = 86_400.0  # seconds
_EXPIRED_AT_ONCE: Final = 20  # versions
_EVENT_DAYS: Final = 365  # how long entries are kept, at least; an entry outlives its version
_MAX_DIFF_CHARACTERS: Final = 50_000  # characters; larger differences are counted by whole lines

ChangeKind = Literal["added", "joined", "replaced", "renamed", "removed", "restored", "erased"]


@dataclass(frozen=True, slots=True)
class Retention:
    """How many earlier versions of an article are kept, and for how many days; 0 for either keeps none.

    Their ages are judged by `clock`.
    """

    versions: int = 5
    days: float = 30.0
    clock: Callable[[], ClockReading] = system_clock


@dataclass(frozen=True, slots=True)
class ChangeDetails:
    """Details of a change for its history entry: who made it, and how many passages were embedded anew.

    `what`, `chain`, `number` and `titled` are set when an earlier version is restored: `number` is that of the entry
    before which it was, `titled` is true if its title was given by hand.
    """

    who: str = ""
    what: ChangeKind | None = None
    chain: int | None = None
    passages: int | None = None
    number: int | None = None
    titled: bool = False


NO_DETAILS: Final = ChangeDetails()


class HistoryEntry(NamedTuple):
    """One change of an article. `kept` is true if the version before it can be restored by this number.

    `at` is ISO 8601 in UTC; `by` is who made the change, as the caller named them, empty if unknown. `was` is the title
    before. `characters` counts those added or removed, `passages` those embedded anew; None if not counted.
    """

    number: int
    at: str
    by: str
    what: ChangeKind
    article_id: int
    title: str
    was: str | None
    characters: int | None
    passages: int | None
    kept: bool


class History:
    """Reads and prunes the history of one catalogue."""

    def __init__(self, engine: sa.Engine, keep: Retention) -> None:
        self._engine = engine
        self._keep = keep

    def entries(self, article_id: int | None = None, limit: int = 100) -> list[HistoryEntry]:
        """Return at most `limit` entries, newest first: of all articles, or of one and those that it replaced."""
        columns = (events.c[name] for name in HistoryEntry._fields[1:-1])
        kept = versions.c.event_id.is_not(None) & (events.c.at >= _retention_cutoff(self._keep))
        query = select(events.c.id, *columns, kept).join_from(events, versions, isouter=True)
        with self._engine.connect() as db:
            if article_id is not None:
                query = query.where(events.c.chain == chain_of(db, article_id))
            rows = db.execute(query.order_by(events.c.id.desc()).limit(limit))
            return [HistoryEntry(*map(row.__getitem__, range(len(HistoryEntry._fields)))) for row in rows]

    def version(self, number: int) -> sa.Row[tuple[Any, ...]] | None:
        """Return the version of an article before an entry, or None if it is not kept."""
        query = select(versions, events.c.chain).join_from(versions, events)
        with self._engine.connect() as db:
            found = query.where(versions.c.event_id == number, events.c.at >= _retention_cutoff(self._keep))
            return db.execute(found).one_or_none()

    def chains(self, article_ids: Collection[int]) -> dict[int, int]:
        """Return the id that each of these articles shares with those that it replaced, and that have replaced it."""
        query = select(events.c.article_id, events.c.chain).where(events.c.article_id.in_(article_ids)).distinct()
        with self._engine.connect() as db:
            return {row.article_id: row.chain for row in db.execute(query)}

    def living(self, chains: Collection[int]) -> set[int]:
        """Return those of these chains whose last article exists."""
        query = select(events.c.chain).join_from(events, articles, articles.c.id == events.c.article_id)
        with self._engine.connect() as db:
            return set(db.execute(query.where(events.c.chain.in_(chains))).scalars())

    def expire(self) -> None:
        """Delete versions and entries that are past their retention."""
        with write_transaction(self._engine) as db:
            expire(db, self._keep, thorough=True)

    def contributors(self) -> list[str]:
        """Return who is named as the author of a change, each once."""
        with self._engine.connect() as db:
            return list(db.execute(select(events.c.by).where(events.c.by != "").distinct()).scalars())

    def oldest(self) -> tuple[str | None, str | None]:
        """Return the times of the oldest version that is kept, and of the oldest entry (ISO 8601); None without one."""
        first = select(sa.func.min(versions.c.event_id)), select(sa.func.min(events.c.id))
        with self._engine.connect() as db:
            version, entry = (
                db.execute(select(events.c.at).where(events.c.id == one.scalar_subquery())).scalar() for one in first
            )
        return version, entry

    def anonymize(self, by: str) -> None:
        """Remove a person's name from every entry of theirs."""
        with write_transaction(self._engine) as db:
            db.execute(events.update().where(events.c.by == by).values(by=""))


def chain_of(db: sa.Connection, article_id: int) -> int:
    """Return the id shared by an article and those that it replaced: that of the first of them."""
    newest = select(events.c.chain).where(events.c.article_id == article_id).order_by(events.c.id.desc())
    return int(db.execute(newest.limit(1)).scalar() or article_id)


def record(db: sa.Connection, what: ChangeKind, article_id: int, title: str, by: str, **columns: Any) -> int:
    """Insert an entry, in the caller's transaction, and return its number; `columns` are others of `events`."""
    chain = columns.pop("chain", None) or chain_of(db, article_id)
    values = {"at": now(), "by": by, "what": what, "chain": chain, "article_id": article_id, "title": title} | columns
    return int(db.execute(events.insert().values(**values).returning(events.c.id)).scalar_one())


def record_added(db: sa.Connection, titles: Mapping[int, str], by: str) -> None:
    """Insert an entry for each of these new articles, given as titles by id, in the caller's transaction."""
    common = {"at": now(), "by": by, "what": "added"}
    db.execute(
        events.insert(), [common | {"chain": key, "article_id": key, "title": title} for key, title in titles.items()]
    )


def keep_version(db: sa.Connection, number: int, version: Mapping[str, Any], keep: Retention) -> None:
    """Store the version before an entry, then delete those beyond the retention."""
    if keep.versions and keep.days:
        columns = {column.name for column in versions.columns} - {"event_id"}
        db.execute(versions.insert().values(event_id=number, **{name: version[name] for name in columns}))
    chain = select(events.c.chain).where(events.c.id == number).scalar_subquery()
    own = select(versions.c.event_id).join_from(versions, events).where(events.c.chain == chain)
    beyond = db.execute(own.order_by(events.c.id.desc()).offset(keep.versions)).scalars().all()
    db.execute(versions.delete().where(versions.c.event_id.in_(beyond)))
    expire(db, keep)


def expire(db: sa.Connection, keep: Retention, *, thorough: bool = False) -> None:
    """Delete versions and entries that are past their retention, in the caller's transaction.

    Entries of the future, which were written while the clock was ahead, become those of now. Unless `thorough`, a
    version whose number is later than that of one that is kept stays until the next thorough time: to look at all
    would delay each change of a library with a long history.
    """
    clock = keep.clock()
    if clock.future is not None:
        db.execute(events.update().where(events.c.at > iso_time(clock.future)).values(at=iso_time(clock.trusted)))
    cutoff = _days_before(clock.trusted, keep.days)
    if thorough:
        old = select(events.c.id).where(events.c.at < cutoff)
        db.execute(versions.delete().where(versions.c.event_id.in_(old)))
    else:
        _expire_oldest(db, cutoff)
    db.execute(events.delete().where(events.c.at < _days_before(clock.trusted, max(_EVENT_DAYS, keep.days))))


def _expire_oldest(db: sa.Connection, cutoff: str) -> None:
    """Delete the versions from before a time, up to the first that is not."""
    query = select(versions.c.event_id, events.c.at).join_from(versions, events).order_by(versions.c.event_id)
    while found := db.execute(query.limit(_EXPIRED_AT_ONCE)).all():
        old = [key for key, _ in takewhile(lambda row: row.at < cutoff, found)]
        db.execute(versions.delete().where(versions.c.event_id.in_(old)))
        if len(old) < len(found):
            return


def is_kept(db: sa.Connection, number: int) -> bool:
    """Whether the version before an entry is still kept, in the caller's transaction."""
    return db.execute(select(versions.c.event_id).where(versions.c.event_id == number)).first() is not None


def purge(db: sa.Connection, article_id: int, by: str, *, removed_before: bool) -> bool:
    """Delete the versions and entries of a removed article and those it replaced; return whether there were any.

    The entries of an article that has replaced it, and still exists, are kept. Raises UserError if the article was
    `removed_before` and one of the texts is in an article that exists, as after restoring it or adding it again:
    purging would not delete that one, though it seems to be the same.
    """
    chain = chain_of(db, article_id)
    if db.execute(select(articles.c.id).where(articles.c.id == article_id)).first():
        return False
    own = select(events.c.id).where(events.c.chain == chain)
    texts = db.execute(select(versions.c.text).where(versions.c.event_id.in_(own))).scalars() if removed_before else ()
    digests = [text_digest(text) for text in texts]
    if living := db.execute(select(articles.c.id).where(articles.c.text_digest.in_(digests))).scalars().first():
        raise UserError(TEXT_ELSEWHERE, article=article_id, other=living)
    exists = events.c.article_id.in_(select(articles.c.id))
    db.execute(versions.delete().where(versions.c.event_id.in_(own)))
    found = db.execute(events.delete().where(events.c.chain == chain, events.c.what != "erased", ~exists)).rowcount > 0
    replacing = events.c.what.in_(("replaced", "restored"))  # their former titles are those of purged articles
    db.execute(events.update().where(events.c.chain == chain, exists, replacing).values(was=None))
    if found:
        record(db, "erased", article_id, "", by, chain=chain)
    return found


def changed_characters(old: str, new: str) -> int:
    """Return how many characters were added or removed between two texts, by whole lines if they differ a lot."""
    before, after = Counter(old.split("\n")), Counter(new.split("\n"))
    removed, added = ("\n".join((one - other).elements()) for one, other in ((before, after), (after, before)))
    small = max(len(removed), len(added)) <= _MAX_DIFF_CHARACTERS
    return Indel.distance(removed, added) if small else len(removed) + len(added)


def _days_before(time: float, days: float) -> str:
    return iso_time(max(0.0, time - days * _DAY))


def _retention_cutoff(keep: Retention) -> str:
    return _days_before(keep.clock().trusted, keep.days)
