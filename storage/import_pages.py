"""The pages of site imports, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import func, select

from index.catalog.engine import write_transaction
from index.messages.sentence import from_stored, to_stored
from storage.batches import BATCH
from storage.concurrency import insert_missing, one_transaction_each
from storage.import_models import ImportStage, ImportTally, SiteImport
from storage.schema import load_pages, loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST_KEY: Final = 2000  # bytes of an address; an index of PostgreSQL does not take many more
_LISTED: Final = 3  # failures, and pages with remarks, in an ImportTally


@one_transaction_each
class ImportPages:
    """Pages of site imports in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

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
                insert_pages(db, site_import.id, new[: max(0, site_import.most - count)])
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


def insert_pages(db: sa.Connection, import_id: int, keys: Iterable[str]) -> None:
    """Add pages to an import, in order, but for those that it has and those whose addresses are too long."""
    known = dict.fromkeys(key for key in keys if len(key.encode(errors="replace")) <= _LONGEST_KEY)
    insert_missing(db, load_pages, [{"load_id": import_id, "key": key, "state": "waiting"} for key in known])
