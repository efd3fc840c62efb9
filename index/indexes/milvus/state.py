"""How far the indexes of a library on Milvus have followed its catalogue, and which process is changing them."""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from index.catalog.engine import write_transaction
from index.catalog.postgres.engine import LIBRARY, SCHEMA
from index.indexes.lexical import ChangedElsewhereError
from index.indexes.position import CatalogPosition
from index.sqlite_errors import SearchUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEASE: Final = 30.0  # seconds for which a process that changes the indexes keeps others out, unless it says so again
_WAIT: Final = 0.4  # seconds that one waits for another
_WAIT_FOR_ALL: Final = 10.0  # the same if the indexes never had everything, so that they cannot be searched as they are
_POLL: Final = 0.1
_SETTLED: Final = 10.0  # seconds after which every reader of Milvus sees a change: by default it takes five at most
_IDLE: Final = 120.0  # seconds between two statements: those of Milvus, and of making lists, are in between
_BEHIND: Final = (
    "The search index of this library is being built by another process ({passages} passages so far). Ask again in a "
    "few minutes."
)

_READ: Final = sa.text(
    "SELECT generation, token, passages, words, places, changes, "
    "writer IS NULL AND changed < clock_timestamp() - :settled * interval '1 second' AS is_settled "
    "FROM index_state WHERE collection = :collection"
)
_TAKE: Final = sa.text(
    "INSERT INTO index_state (collection, passages, words, places, changes, writer, until) "
    "VALUES (:collection, 0, 0, 0, 0, :writer, clock_timestamp() + :lease * interval '1 second') "
    "ON CONFLICT (library_id, collection) DO UPDATE SET writer = excluded.writer, until = excluded.until "
    "WHERE index_state.writer IS NULL OR index_state.writer = excluded.writer OR index_state.until < clock_timestamp() "
    "RETURNING 1"
)
_RENEW: Final = sa.text(
    "UPDATE index_state SET until = clock_timestamp() + :lease * interval '1 second' "
    "WHERE collection = :collection AND writer = :writer RETURNING passages, words, places, changes"
)
_RELEASE: Final = sa.text("UPDATE index_state SET writer = NULL WHERE collection = :collection AND writer = :writer")
_COUNT: Final = sa.text(
    "UPDATE index_state SET passages = passages + :passages, words = words + :words, places = places + :places, "
    "changes = changes + 1, changed = clock_timestamp() WHERE collection = :collection"
)
_SET_POSITION: Final = sa.text(
    "UPDATE index_state SET generation = :generation, token = :token, changes = changes + 1, "
    "changed = clock_timestamp() WHERE collection = :collection"
)
_CLEAR: Final = ("passage_terms", "terms", "postings", "index_state")


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of passages, of their words, and of places given to passages; `changes` goes up with every change."""

    passages: int = 0
    words: int = 0
    places: int = 0
    changes: int = 0


class IndexState:
    """The row of one library in `index_state`. Changes need its lease, which one process has at a time."""

    def __init__(self, engine: sa.Engine, collection: str) -> None:
        """Take a view of the engine for one library, as `Catalog.engine` is."""
        self.library_id = int(engine.get_execution_options()["library"])
        self._engine = engine
        # A view without the library's option: changes of indexes are none of the catalogue, whose row others wait for.
        self._writing = engine.execution_options(library=None, idle=_IDLE)
        self.collection = collection
        self.is_settled = False  # whether nothing had changed for a while when the row was last read
        self._writer = secrets.token_hex(8)
        self._holds = False

    @contextmanager
    def reading(self) -> Iterator[tuple[sa.Connection, Totals]]:
        """Yield a connection that sees one state of the tables, and the totals of that state."""
        with self._engine.connect() as db:
            row = self._read(db)
            yield db, Totals(row.passages, row.words, row.places, row.changes) if row else Totals()

    def _read(self, db: sa.Connection) -> Any:
        row = db.execute(_READ, {"collection": self.collection, "settled": _SETTLED}).one_or_none()
        self.is_settled = row is not None and bool(row.is_settled)
        return row

    def position(self) -> CatalogPosition | None:
        """Return the state of the catalogue whose changes the indexes have."""
        with self._engine.connect() as db:
            row = self._read(db)
        return None if row is None or row.generation is None else CatalogPosition(row.generation, bytes(row.token))

    def set_position(self, position: CatalogPosition | None) -> None:
        """Store it. Raises ChangedElsewhereError if another process changes the indexes."""
        with self.changing() as (db, _):
            generation, token = (position.generation, position.token) if position else (None, None)
            db.execute(_SET_POSITION, {"collection": self.collection, "generation": generation, "token": token})

    def begin(self) -> None:
        """Keep other processes from changing the indexes, until `end` or for as long as this one goes on changing them.

        Raises ChangedElsewhereError if another process is changing them, and SearchUnreachableError if they never had
        everything before that.
        """
        started = time.monotonic()
        while not self._take():
            waited = time.monotonic() - started
            if waited > _WAIT and self.position() is not None:
                raise ChangedElsewhereError
            if waited > _WAIT_FOR_ALL:
                with self.reading() as (_, totals):
                    raise SearchUnreachableError(_BEHIND.format(passages=totals.passages))
            time.sleep(_POLL)
        self._holds = True

    def end(self) -> None:
        """Let others change the indexes."""
        if self._holds:
            self._holds = False
            with self._transaction() as db:
                db.execute(_RELEASE, self._own)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make changes that nobody else makes at the same time, also without `begin`."""
        if self._holds:
            self.renew()
            yield
            return
        self.begin()
        try:
            yield
        finally:
            self.end()

    def renew(self) -> None:
        """Say that this process goes on. Raises ChangedElsewhereError if another one has taken over."""
        with self.changing():
            pass

    @contextmanager
    def changing(self) -> Iterator[tuple[sa.Connection, Totals]]:
        """Yield a connection with one transaction, and the totals, which no other process changes until it ends."""
        with self._transaction() as db:
            row = db.execute(_RENEW, self._own).one_or_none()
            self.is_settled = False
            if row is None:
                self._holds = False
                raise ChangedElsewhereError
            yield db, Totals(*row)

    def count(self, db: sa.Connection, more: Totals) -> None:
        """Add to the totals, in the caller's transaction."""
        values = {"passages": more.passages, "words": more.words, "places": more.places}
        db.execute(_COUNT, {"collection": self.collection, **values})

    def clear(self) -> None:
        """Delete all that the tables have of the library, whatever the collection."""
        with self._transaction() as db:
            for table in _CLEAR:
                db.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - a constant; row-level security confines it

    def collections(self) -> list[str]:
        """Return the collections that have had entities of the library."""
        with self._engine.connect() as db:
            return list(db.exec_driver_sql("SELECT collection FROM index_state").scalars())

    @property
    def _own(self) -> dict[str, Any]:
        return {"collection": self.collection, "writer": self._writer, "lease": _LEASE}

    def _take(self) -> bool:
        with self._transaction() as db:
            return db.execute(_TAKE, self._own).first() is not None

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with write_transaction(self._writing) as db:
            db.exec_driver_sql(f"SET LOCAL {LIBRARY} = '{self.library_id}'")
            yield db


def home(engine: sa.Engine) -> str:
    """Return the random id of a database, which tells its collections from those of others on the same server."""
    with engine.connect() as db:
        return str(db.exec_driver_sql(f"SELECT id FROM {SCHEMA}.index_home").scalar_one())  # noqa: S608 - a constant


@contextmanager
def serialised(engine: sa.Engine, collection: str) -> Iterator[None]:
    """Keep other processes from the same block for a collection."""
    with write_transaction(engine.execution_options(library=None, idle=_IDLE)) as db:
        db.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": collection})
        yield
