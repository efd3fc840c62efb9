"""Imports of whole sites."""

from __future__ import annotations

import time
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.engine import write_transaction
from index.trusted_clock import ClockReading, system_clock
from storage.batches import BATCH, delete_in_steps
from storage.concurrency import one_transaction_each, serialised
from storage.import_models import ImportStage, SiteImport
from storage.import_pages import ImportPages, insert_pages
from storage.schema import load_pages, loads

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

_RETENTION_DAYS: Final = 7  # of imports that are not running


@one_transaction_each
class SiteImportStore:
    """Site imports in discord.db; `pages` are their pages. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.pages = ImportPages(engine)

    def offer_in_steps(self, site_import: SiteImport, keys: Iterable[str]) -> Generator[None, None, int]:
        """Store an import with its known pages, in order and in steps that are short, and return its id."""
        row = {name: value for name, value in asdict(site_import).items() if name != "id"}
        with write_transaction(self._engine) as db:
            import_id = int(db.execute(loads.insert().values(row).returning(loads.c.id)).scalar_one())
        pages = list(dict.fromkeys(keys))
        for first in range(0, len(pages), BATCH):
            yield
            with write_transaction(self._engine) as db:
                insert_pages(db, import_id, pages[first : first + BATCH])
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
