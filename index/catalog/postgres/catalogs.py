"""The catalogues of all libraries in one PostgreSQL database."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from index.catalog.engine import write_transaction
from index.catalog.history import Retention
from index.catalog.postgres.engine import SCHEMA
from index.catalog.postgres.tables import libraries
from index.catalog.store import Catalog
from index.sqlite_errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from index.catalog.catalogs import Stamp

_TOKEN_BITS: Final = 62
_GONE: Final = "The library {name!r} was deleted by another process."


class PostgresCatalogs:
    """The libraries of a database: `Catalogs` with the schema `catalog`. May be used on any thread.

    `engine` comes from `open_postgres`, and its role is the bot's. Other processes may use the same libraries.
    """

    erases_at_once = False

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine.execution_options(schema=SCHEMA)

    def exists(self, name: str) -> bool:
        """Whether a library was ever opened for writing."""
        return self._id(name) is not None

    def names(self) -> list[str]:
        """Return the names of the existing libraries, sorted."""
        with self._engine.connect() as db:
            return list(db.execute(select(libraries.c.name).order_by(libraries.c.name)).scalars())

    def stamp(self, name: str) -> Stamp:
        """Return the stamp of a library, zeros if it does not exist."""
        query = select(libraries.c.token, libraries.c.writes).where(libraries.c.name == name)
        with self._engine.connect() as db:
            row = db.execute(query).one_or_none()
        return (row.token, row.writes) if row else (0, 0)

    def stamps(self) -> Iterator[tuple[str, Stamp]]:
        """Yield name and stamp of each library, by name, from one query."""
        query = select(libraries.c.name, libraries.c.token, libraries.c.writes).order_by(libraries.c.name)
        with self._engine.connect() as db:
            rows = db.execute(query).all()
        return ((name, (token, writes)) for name, token, writes in rows)

    def open(self, name: str, keep: Retention = Retention(), *, read_only: bool = False) -> Catalog:  # noqa: B008 - frozen
        """Open the catalogue of a library, which is created if it is missing. Raises StorageError if `read_only`."""
        found = self._id(name)
        if found is None and read_only:
            raise StorageError(_GONE.format(name=name))
        return Catalog(_Rows(self._engine, found or self._create(name), read_only=read_only), keep)

    def delete_copies(self, name: str) -> None:
        """Do nothing: the program makes no copies of a database."""

    def library_id(self, name: str) -> int:
        """Return the id of a library, which is created if it is missing. It never changes, and is never used again."""
        return self._id(name) or self._create(name)

    def _id(self, name: str) -> int | None:
        with self._engine.connect() as db:
            return db.execute(select(libraries.c.id).where(libraries.c.name == name)).scalar()

    def _create(self, name: str) -> int:
        new = insert(libraries).values(name=name, token=secrets.randbits(_TOKEN_BITS))
        with write_transaction(self._engine) as db:
            db.execute(new.on_conflict_do_nothing(index_elements=[libraries.c.name]))
            return int(db.execute(select(libraries.c.id).where(libraries.c.name == name)).scalar_one())


class _Rows:
    """The rows of one library: a `CatalogStorage`."""

    def __init__(self, engine: sa.Engine, library_id: int, *, read_only: bool) -> None:
        self.library_id = library_id
        self._engine = engine.execution_options(library=library_id, read_only=read_only)

    @property
    def engine(self) -> sa.Engine:
        """A view of the engine of the process, for this library."""
        return self._engine

    def integrity_errors(self) -> list[str]:
        """Return nothing: PostgreSQL has no check that the bot's role may run, and always enforces references."""
        return []

    def forget_deleted(self) -> None:
        """Do nothing: the server vacuums deleted rows later, and only their owner may ask for it."""

    def close(self) -> None:
        """Do nothing: the connections are those of the process."""
