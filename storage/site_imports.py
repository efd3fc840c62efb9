"""Imports of whole sites, and the state of their pages."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.engine import write_transaction
from index.messages.sentence import from_stored, to_stored
from index.trusted_clock import ClockReading, system_clock
from storage.batches import BATCH, delete_in_steps
from storage.concurrency import insert_missing, one_transaction_each, serialised
from storage.schema import load_pages, loads

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

_RETENTION_DAYS: Final = 7  # of imports that are not running
_LONGEST_KEY: Final = 2000  # bytes of an address; an index of PostgreSQL does not take many more
_LISTED: Final = 3  # failures, and pages with remarks, in an ImportTally


class ImportStage(StrEnum):
    """The state of an import. The values are stored."""

    OFFERED = "offered"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SiteImport:
    """An import of at most `most` pages of a site, requested by a member. Ids are never reused.

    `inside` is the address below which links are followed, None if all pages are known. `more` says that the site has
    more than `most` pages. The message `message_id` shows progress and is edited with the interaction `token`, issued
    at `token_at` (Unix time). `reason` says why the import ended early. `language` is that of the member,
    `tags` the names of the collections that the site is put into, with commas between them. `holder` is the process
    that runs it.
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
    tags: str = ""
    id: int = 0
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class ImportTally:
    """Pages by state (`waiting`, `failed`, `twin` or the status of a receipt) and the first failures: (key, reason).

    `incomplete` is the number of stored pages that may not be whole, `remarks` the first of them: (key, remark).
    """

    counts: Mapping[str, int]
    failures: tuple[tuple[str, str], ...]
    incomplete: int = 0
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """The number of known pages."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """The number of pages read."""
        return self.total - self.counts.get("waiting", 0)

    @property
    def stored(self) -> int:
        """The number of pages in the library; a `twin` is another address of a page already read."""
        return self.done - self.counts.get("failed", 0) - self.counts.get("twin", 0)


@one_transaction_each
class SiteImportStore:
    """Site imports in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def offer_in_steps(self, site_import: SiteImport, keys: Iterable[str]) -> Generator[None, None, int]:
        """Store an import with its known pages, in order and in steps that are short, and return its id."""
        row = {name: value for name, value in asdict(site_import).items() if name != "id"}
        with write_transaction(self._engine) as db:
            import_id = int(db.execute(loads.insert().values(row).returning(loads.c.id)).scalar_one())
        pages = list(dict.fromkeys(keys))
        for first in range(0, len(pages), BATCH):
            yield
            with write_transaction(self._engine) as db:
                _insert(db, import_id, pages[first : first + BATCH])
        return import_id

    def expire_in_steps(self, clock: ClockReading | None = None) -> Generator[None, None, None]:
        """Delete the imports that began more than a week ago and are not running, in steps that are short.

        Their age is judged by `clock`, by default the system's.
        """
        old = loads.c.begun_at < (clock or system_clock()).trusted - _RETENTION_DAYS * 86400
        yield from self._delete_in_steps(select(loads.c.id).where(old, loads.c.state != ImportStage.RUNNING))

    def get(self, import_id: int) -> SiteImport | None:
        """Return an import, or None if it is not stored any more."""
        return next(iter(self._select(loads.c.id == import_id)), None)

    def start(self, site_import: SiteImport, holder: str) -> bool | None:
        """Let a process run an import that was offered; None if its server has another one running.

        Return whether it was offered: of two callers, only the first gets True.
        """
        of_server = (loads.c.guild_id == site_import.guild_id) & (loads.c.state == ImportStage.RUNNING)
        offered = (loads.c.id == site_import.id) & (loads.c.state == ImportStage.OFFERED)
        with write_transaction(self._engine) as db:
            serialised(db, "imports of server", site_import.guild_id)
            if db.execute(select(loads.c.id).where(of_server)).first() is not None:
                return None
            change = loads.update().where(offered).values(state=ImportStage.RUNNING, holder=holder)
            return db.execute(change).rowcount > 0

    def take_over(self, holder: str, holds: Callable[[int], bool]) -> list[SiteImport]:
        """Return the running imports that other processes had, in the servers for which `holds` is true.

        From now on they are those of `holder`. To be called only when no other process can be running them.
        """
        others = (loads.c.state == ImportStage.RUNNING) & (func.coalesce(loads.c.holder, "") != holder)
        found = [one for one in self._select(others) if holds(one.guild_id)]
        with write_transaction(self._engine) as db:
            for one in found:
                db.execute(loads.update().where(loads.c.id == one.id, others).values(holder=holder))
        return [one for one in found if self.is_run_by(one.id, holder)]

    def is_run_by(self, import_id: int, holder: str) -> bool:
        """Whether an import is running, in this process."""
        own = (loads.c.id == import_id) & (loads.c.state == ImportStage.RUNNING) & (loads.c.holder == holder)
        with self._engine.connect() as db:
            return db.execute(select(loads.c.id).where(own)).first() is not None

    def newest(self, guild_id: int) -> SiteImport | None:
        """Return the newest import of a server that was started, or None."""
        found = self._select(loads.c.guild_id == guild_id, loads.c.state != ImportStage.OFFERED)
        return found[-1] if found else None

    def advance(self, import_id: int, before: ImportStage, after: ImportStage, **values: object) -> bool:
        """Move an import from state `before` to `after`; return whether it was in `before`.

        Of two callers, only the first gets True.
        """
        in_state = (loads.c.id == import_id) & (loads.c.state == before)
        with write_transaction(self._engine) as db:
            return db.execute(loads.update().where(in_state).values(state=after, **values)).rowcount > 0

    def drop(self, import_id: int) -> None:
        """Delete an import that was not started."""
        with write_transaction(self._engine) as db:
            db.execute(loads.delete().where(loads.c.id == import_id, loads.c.state == ImportStage.OFFERED))

    def set_progress_message(self, import_id: int, message_id: int | None, token: str | None) -> None:
        """Store the message that shows progress, and the interaction token to edit it with."""
        values = {"message_id": message_id, "token": token, "token_at": time.time()}
        with write_transaction(self._engine) as db:
            db.execute(loads.update().where(loads.c.id == import_id).values(values))

    def next_page(self, import_id: int, holder: str | None = None) -> str | None:
        """Return the key of the next page to read; None if none is left or the import is not running, in `holder`."""
        own = load_pages.c.load_id == import_id
        query = select(load_pages.c.key).join(loads).where(own, load_pages.c.state == "waiting")
        with self._engine.connect() as db:
            if holder is not None:
                query = query.where(loads.c.holder == holder)
            found = query.where(loads.c.state == ImportStage.RUNNING).order_by(load_pages.c.id).limit(1)
            return db.execute(found).scalar()

    def has_address(self, import_id: int, shown: str) -> bool:
        """Whether a page of this import had this address after redirects."""
        own = (load_pages.c.load_id == import_id) & (load_pages.c.shown == shown)
        with self._engine.connect() as db:
            return db.execute(select(load_pages.c.id).where(own)).first() is not None

    def record_page(
        self,
        site_import: SiteImport,
        key: str,
        state: str,
        *,
        reason: str | None = None,
        shown: str = "",
        links: Sequence[str] = (),
    ) -> None:
        """Store the state of a page and add the new pages it links to, up to `site_import.most` pages in all.

        `reason` says why the page failed; of a stored page, what may be missing.
        """
        of_import = load_pages.c.load_id == site_import.id
        page = of_import & (load_pages.c.key == key)
        with write_transaction(self._engine) as db:
            db.execute(select(loads.c.id).where(loads.c.id == site_import.id).with_for_update())  # pages are counted
            db.execute(
                load_pages.update()
                .where(page)
                .values(state=state, reason=reason and to_stored(reason), shown=shown or None)
            )
            if links:
                listed = list(dict.fromkeys(links))
                known = _known(db, site_import.id, listed)
                new = [link for link in listed if link not in known]
                count = int(db.execute(select(func.count()).select_from(load_pages).where(of_import)).scalar_one())
                _insert(db, site_import.id, new[: max(0, site_import.most - count)])
                if count + len(new) > site_import.most:
                    db.execute(loads.update().where(loads.c.id == site_import.id).values(more=True))

    def tally(self, import_id: int) -> ImportTally:
        """Return the number of pages in each state, with the first failures and the first remarks."""
        own, failed = load_pages.c.load_id == import_id, load_pages.c.state == "failed"
        incomplete = own & ~failed & load_pages.c.reason.is_not(None)
        with self._engine.connect() as db:
            rows = db.execute(select(load_pages.c.state, func.count()).where(own).group_by(load_pages.c.state))
            counts = {str(state): int(count) for state, count in rows}
            remarked = db.execute(select(func.count()).select_from(load_pages).where(incomplete)).scalar_one()
            return ImportTally(counts, _first(db, own & failed), int(remarked), _first(db, incomplete))

    def failed(self, import_id: int) -> list[tuple[str, str]]:
        """Return the failed pages as (key, reason)."""
        own = (load_pages.c.load_id == import_id) & (load_pages.c.state == "failed")
        with self._engine.connect() as db:
            rows = db.execute(select(load_pages.c.key, load_pages.c.reason).where(own).order_by(load_pages.c.id))
            return [(key, from_stored(reason or "")) for key, reason in rows]

    def forget_member_in_steps(self, member_id: int) -> Generator[None, None, None]:
        """Delete the imports that a member requested, except running ones, in steps that are short."""
        own = loads.c.member_id == member_id
        yield from self._delete_in_steps(select(loads.c.id).where(own, loads.c.state != ImportStage.RUNNING))

    def forget_server_in_steps(self, guild_id: int) -> Generator[None, None, None]:
        """Delete the imports of a server, in steps that are short."""
        own = select(loads.c.id).where(loads.c.guild_id == guild_id)
        yield from self._delete_in_steps(own)

    def _delete_in_steps(self, imports: sa.Select[tuple[int]]) -> Generator[None, None, None]:
        """Delete imports, with their pages first: an import may have 100,000."""
        yield from delete_in_steps(self._engine, load_pages, load_pages.c.load_id.in_(imports))
        yield from delete_in_steps(self._engine, loads, loads.c.id.in_(imports))

    def _select(self, *conditions: sa.ColumnElement[bool]) -> list[SiteImport]:
        with self._engine.connect() as db:
            rows = db.execute(select(loads).where(*conditions).order_by(loads.c.id))
            return [SiteImport(**{one.name: getattr(row, one.name) for one in fields(SiteImport)}) for row in rows]


def _first(db: sa.Connection, condition: sa.ColumnElement[bool]) -> tuple[tuple[str, str], ...]:
    """Return the first pages that meet a condition, as (key, reason)."""
    pages = select(load_pages.c.key, load_pages.c.reason).where(condition).order_by(load_pages.c.id).limit(_LISTED)
    return tuple((key, from_stored(reason or "")) for key, reason in db.execute(pages))


def _known(db: sa.Connection, import_id: int, keys: Sequence[str]) -> set[str]:
    """Return those of some keys that an import has as pages."""
    found: set[str] = set()
    for first in range(0, len(keys), BATCH):
        some = load_pages.c.key.in_(keys[first : first + BATCH])
        found.update(db.execute(select(load_pages.c.key).where(load_pages.c.load_id == import_id, some)).scalars())
    return found


def _insert(db: sa.Connection, import_id: int, keys: Iterable[str]) -> None:
    known = dict.fromkeys(key for key in keys if len(key.encode(errors="replace")) <= _LONGEST_KEY)
    insert_missing(db, load_pages, [{"load_id": import_id, "key": key, "state": "waiting"} for key in known])
