"""Whole sites that are being added: which pages there are, what became of each, and where that is shown."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.schema import writing
from storage.schema import load_pages, loads, read_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_KEPT_DAYS: Final = 7  # how long a load is remembered
_NAMED: Final = 3  # failures that are told with their reasons


class ImportStage(StrEnum):
    """How far a load has come; the values are stored."""

    OFFERED = "offered"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SiteImport:
    """A site that a member wants added, at most `most` pages of it; ids are never reused.

    `inside` is where links are followed, None where all pages are known; `more` says that there are more pages.
    Progress is shown in the message `message_id`, which can be edited with the `token` of `token_at` (seconds since
    1970, UTC). `reason` says why the load has ended early, `language` is the member's.
    """

    guild_id: int
    channel_id: int
    member_id: int
    origin: str
    inside: str | None
    most: int
    more: bool
    plain: bool
    begun_at: float
    state: str = ImportStage.OFFERED
    reason: str = ""
    message_id: int | None = None
    token: str | None = None
    token_at: float | None = None
    language: str = "en"
    id: int = 0


@dataclass(frozen=True, slots=True)
class ImportTally:
    """How many pages there are by what became of them (`waiting`, `failed`, `twin`, a receipt's status)."""

    counts: Mapping[str, int]
    failures: tuple[tuple[str, str], ...]

    @property
    def total(self) -> int:
        """How many pages are known."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many have been read."""
        return self.total - self.counts.get("waiting", 0)

    @property
    def stored(self) -> int:
        """How many are in the library now; a `twin` is another address of a page that was read already."""
        return self.done - self.counts.get("failed", 0) - self.counts.get("twin", 0)


class SiteImportStore:
    """The loads in the bot's memory; every change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def offer(self, load: SiteImport, keys: Iterable[str]) -> int:
        """Remember a load with the pages that are known, in their order; return its id. Old loads are forgotten."""
        row = {name: value for name, value in asdict(load).items() if name != "id"}
        old = (loads.c.begun_at < time.time() - _KEPT_DAYS * 86400) & (loads.c.state != ImportStage.RUNNING)
        with writing(self._engine) as db:
            db.execute(loads.delete().where(old))
            load_id = int(db.execute(loads.insert().values(row).returning(loads.c.id)).scalar_one())
            _insert(db, load_id, keys)
        return load_id

    def get(self, load_id: int) -> SiteImport | None:
        """Return a load, or None where it is forgotten."""
        return next(iter(self._found(loads.c.id == load_id)), None)

    def running(self) -> list[SiteImport]:
        """Return the loads that are to go on."""
        return self._found(loads.c.state == ImportStage.RUNNING)

    def newest(self, guild_id: int) -> SiteImport | None:
        """Return the newest load of a server that was begun, or None."""
        found = self._found(loads.c.guild_id == guild_id, loads.c.state != ImportStage.OFFERED)
        return found[-1] if found else None

    def advance(self, load_id: int, before: ImportStage, after: ImportStage, **values: object) -> bool:
        """Put a load into another state; tell whether it was in `before`, so that one of two callers wins."""
        wanted = (loads.c.id == load_id) & (loads.c.state == before)
        with writing(self._engine) as db:
            return db.execute(loads.update().where(wanted).values(state=after, **values)).rowcount > 0

    def drop(self, load_id: int) -> None:
        """Forget a load that was not begun."""
        with writing(self._engine) as db:
            db.execute(loads.delete().where(loads.c.id == load_id, loads.c.state == ImportStage.OFFERED))

    def shown_in(self, load_id: int, message_id: int | None, token: str | None) -> None:
        """Note where progress is shown from now on."""
        values = {"message_id": message_id, "token": token, "token_at": time.time()}
        with writing(self._engine) as db:
            db.execute(loads.update().where(loads.c.id == load_id).values(values))

    def next(self, load_id: int) -> str | None:
        """Return the page that is to be read next; None at the end, or where the load does not run."""
        own = load_pages.c.load_id == load_id
        query = select(load_pages.c.key).join(loads).where(own, load_pages.c.state == "waiting")
        with self._engine.connect() as db:
            found = query.where(loads.c.state == ImportStage.RUNNING).order_by(load_pages.c.id).limit(1)
            return db.execute(found).scalar()

    def is_shown(self, load_id: int, shown: str) -> bool:
        """Tell whether a page of this load was at this address in the end."""
        own = (load_pages.c.load_id == load_id) & (load_pages.c.shown == shown)
        with self._engine.connect() as db:
            return db.execute(select(load_pages.c.id).where(own)).first() is not None

    def note(
        self,
        load: SiteImport,
        key: str,
        state: str,
        *,
        reason: str | None = None,
        shown: str = "",
        links: Sequence[str] = (),
    ) -> None:
        """Note what became of a page, and the new pages to which it leads."""
        own = (load_pages.c.load_id == load.id) & (load_pages.c.key == key)
        with writing(self._engine) as db:
            db.execute(load_pages.update().where(own).values(state=state, reason=reason, shown=shown or None))
            if links:
                known = set(db.execute(select(load_pages.c.key).where(load_pages.c.load_id == load.id)).scalars())
                new = [link for link in dict.fromkeys(links) if link not in known]
                _insert(db, load.id, new[: max(0, load.most - len(known))])
                if len(known) + len(new) > load.most:
                    db.execute(loads.update().where(loads.c.id == load.id).values(more=True))

    def tally(self, load_id: int) -> ImportTally:
        """Return what became of the pages."""
        own = load_pages.c.load_id == load_id
        failed = select(load_pages.c.key, load_pages.c.reason).where(own, load_pages.c.state == "failed")
        with self._engine.connect() as db:
            rows = db.execute(select(load_pages.c.state, func.count()).where(own).group_by(load_pages.c.state))
            counts = {str(state): int(count) for state, count in rows}
            named = db.execute(failed.order_by(load_pages.c.id).limit(_NAMED))
            return ImportTally(counts, tuple((key, reason) for key, reason in named))

    def failed(self, load_id: int) -> list[tuple[str, str]]:
        """Return the pages that could not be read, each with the reason."""
        own = (load_pages.c.load_id == load_id) & (load_pages.c.state == "failed")
        with self._engine.connect() as db:
            rows = db.execute(select(load_pages.c.key, load_pages.c.reason).where(own).order_by(load_pages.c.id))
            return [(key, reason or "") for key, reason in rows]

    def read_today(self, guild_id: int) -> int:
        """Return how much a server has had read in today (UTC)."""
        own = (read_days.c.guild_id == guild_id) & (read_days.c.day == _today())
        with self._engine.connect() as db:
            return int(db.execute(select(read_days.c.count).where(own)).scalar() or 0)

    def count_read(self, guild_id: int) -> None:
        """Count that something was read in; earlier days are forgotten."""
        own, today = read_days.c.guild_id == guild_id, _today()
        with writing(self._engine) as db:
            more = read_days.update().where(own, read_days.c.day == today).values(count=read_days.c.count + 1)
            if not db.execute(more).rowcount:
                db.execute(read_days.delete().where(own))
                db.execute(read_days.insert().values(guild_id=guild_id, day=today, count=1))

    def forget_member(self, member_id: int) -> None:
        """Forget the loads that a member has asked for, but for those that still run."""
        with writing(self._engine) as db:
            db.execute(loads.delete().where(loads.c.member_id == member_id, loads.c.state != ImportStage.RUNNING))

    def forget_server(self, guild_id: int) -> None:
        """Forget everything about a server."""
        with writing(self._engine) as db:
            db.execute(loads.delete().where(loads.c.guild_id == guild_id))
            db.execute(read_days.delete().where(read_days.c.guild_id == guild_id))

    def _found(self, *conditions: sa.ColumnElement[bool]) -> list[SiteImport]:
        with self._engine.connect() as db:
            rows = db.execute(select(loads).where(*conditions).order_by(loads.c.id))
            return [SiteImport(**{one.name: getattr(row, one.name) for one in fields(SiteImport)}) for row in rows]


def _insert(db: sa.Connection, load_id: int, keys: Iterable[str]) -> None:
    rows = [{"load_id": load_id, "key": key, "state": "waiting"} for key in dict.fromkeys(keys)]
    if rows:
        db.execute(load_pages.insert(), rows)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
