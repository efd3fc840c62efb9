"""A PostgreSQL database as one side of a move, with indexes in Milvus or in no place that is moved."""

from __future__ import annotations

import hashlib
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from index.catalog.engine import write_transaction
from index.catalog.postgres.engine import Timeouts
from index.catalog.postgres.migrations import NotPreparedError
from index.catalog.postgres.tables import libraries
from index.libraries.integrity import find_problems
from index.models import UserError
from storage.moving.sides import no_model
from storage.postgres import SCHEMA
from storage.store_urls import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from storage.stores import Stores

_HOURS: Final = 24 * 3600.0
PATIENT: Final = Timeouts(statement=_HOURS, idle=_HOURS)
"""For stores of a move: a copy reads one state of a library for as long as it takes to write it elsewhere."""

_LOCK: Final = 0x56455243  # advisory lock of a move ("VERC")
_PREPARE: Final = (
    "The database {shown} is not prepared. Run `python bot.py prepare-database` once with it as DATABASE_URL, and then "
    "move."
)


class PostgresSide:
    """The database of some stores, which have `PATIENT` timeouts. Its role is the bot's."""

    def __init__(self, stores: Stores) -> None:
        if stores.engine is None or stores.database_url is None:
            raise ValueError("the stores have no database")
        self.shown = shown(stores.database_url)
        self._stores = stores
        self._catalogs = stores.catalogs()
        self._memory = stores.engine.execution_options(schema=SCHEMA)
        try:
            stores.require_ready()
        except NotPreparedError as error:
            raise UserError(_PREPARE.format(shown=self.shown)) from error

    @property
    def identity(self) -> str:
        """A digest of the database's address, whatever the role."""
        place = self.shown.rpartition("@")[2]
        return hashlib.sha256(f"postgresql:{place}".encode(errors="surrogateescape")).hexdigest()

    def names(self) -> list[str]:
        """Return the names of the libraries."""
        return self._catalogs.names()

    def lost(self) -> list[str]:
        """Return nothing: a library is there, or it is not."""
        return []

    def size(self) -> int:
        """Return the size of the database."""
        with self._memory.connect() as db:
            return int(db.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one())

    def require_room(self, size: int) -> None:
        """Do nothing: the bot's role is not told how much room the server has; it says so when there is none left."""

    def stamps(self) -> dict[str, str]:
        """Return for each library which one it is, and how many transactions have changed it."""
        return {name: "{}-{}".format(*stamp) for name, stamp in self._catalogs.stamps()}

    @contextmanager
    def catalog(self, library: str, *, writing: bool = False) -> Iterator[sa.Engine]:
        """Open a view of the database for one library."""
        with closing(self._catalogs.open(library, read_only=not writing)) as catalog:
            yield catalog.engine

    def memory(self) -> AbstractContextManager[sa.Engine | None]:
        """Return a view of the database for the bot's memory."""
        return nullcontext(self._memory)

    def own_memory(self) -> AbstractContextManager[sa.Engine]:
        """Return the same view."""
        return nullcontext(self._memory)

    def delete(self, library: str) -> None:
        """Delete a library with all its rows, and what Milvus has of it."""
        with closing(self._catalogs.open(library)) as catalog:
            if self._stores.vector_url is not None:
                self._stores.index_stores.delete(self._stores.data_dir, catalog)
            with write_transaction(catalog.engine) as db:
                db.execute(libraries.delete().where(libraries.c.name == library))

    def check(self, library: str) -> list[str]:
        """Check the library, and fill its indexes if they are in Milvus.

        Indexes in files are those of each process, which fills them when it starts: a bot may be using them now.
        """
        if self._stores.vector_url is None:
            with closing(self._catalogs.open(library, read_only=True)) as catalog:
                return [problem.text for problem in find_problems(catalog, None)]
        with closing(self._stores.libraries(no_model)) as opened:
            return opened.open(library).check()

    def running(self) -> str | None:
        """Return how many processes of a bot have renewed their lease."""
        with self._memory.connect() as db:
            return _living(db)

    used_by = running

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Hold a lock for which a process that starts has to wait, some seconds."""
        with self._memory.execution_options(write=True, idle=_HOURS).begin() as db:
            if db.execute(sa.text("SELECT to_regclass('cluster')")).scalar() is not None:
                db.execute(sa.text("LOCK TABLE cluster IN EXCLUSIVE MODE"))
            found = _living(db)
            if found is not None:
                raise UserError(f"A bot is running with the database {self.shown}: {found}. Stop it first.")
            yield

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold an advisory lock of the database, which ends with the connection."""
        connection = self._memory.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
            if not cursor.fetchone()[0]:  # type: ignore[index]
                raise UserError(f"Another move to {self.shown} is at work. Wait until it has ended.")
            yield
        finally:
            connection.invalidate()


def _living(db: sa.Connection) -> str | None:
    """Return how many processes of a bot are alive, by the database's clock, None if none is."""
    if db.execute(sa.text("SELECT to_regclass('cluster_processes')")).scalar() is None:
        return None
    query = "SELECT count(*) FROM cluster_processes WHERE expires_at > extract(epoch FROM clock_timestamp())"
    count = int(db.execute(sa.text(query)).scalar_one())
    if not count:
        return None
    return "1 process has been active in the last seconds" if count == 1 else f"{count} processes are active"
