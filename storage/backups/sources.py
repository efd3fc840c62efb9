"""What a backup is made of: the files of a data folder, or copies of a PostgreSQL database in the same form."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import sqlalchemy as sa

from index.catalog.migrations import migrate as make_catalog
from index.catalog.snapshots import brief_copy, connect_immutable
from index.durable_files import UNFINISHED
from index.libraries.library_scan import names_in
from storage.accepted_questions import delete_waiting
from storage.backups.archive import DISCORD_DB
from storage.backups.soundness import find_loss
from storage.migrations import migrate as make_memory
from storage.moving.copier import Writer, synchronise
from storage.moving.next_ids import last_ids, raise_ids
from storage.moving.tables import CATALOG_TABLES, MEMORY_TABLES
from storage.postgres import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from storage.stores import Stores

_SCRATCH: Final = ("synchronous = OFF", "journal_mode = OFF", "foreign_keys = ON")

Copy = tuple[sqlite3.Connection, "BinaryIO"]


class Source(Protocol):
    """Where a backup comes from; members are named by their paths in a data folder."""

    @property
    def data_dir(self) -> Path:
        """The folder with the small files."""

    @property
    def shown(self) -> str:
        """Where it is, in words."""

    def databases(self) -> list[str]:
        """Return the databases, that of the bot first."""

    def find_loss(self, name: str) -> str | None:
        """Return why a database was lost; None if it was not."""

    def copy(self, name: str, folder: Path, on_step: Callable[[], object]) -> AbstractContextManager[Copy]:
        """Yield a connection to a copy of a database as it is at one moment, and the bytes of its file."""


class FolderSource:
    """A data folder with SQLite files."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.shown = f"The data folder {data_dir}"

    def databases(self) -> list[str]:
        """Return the paths of the files, with those that were lost."""
        catalogues = [f"libraries/{name}/catalog.db" for name in names_in(self.data_dir / "libraries")]
        there = (self.data_dir / DISCORD_DB).is_file() or find_loss(self.data_dir, DISCORD_DB)
        return [*([DISCORD_DB] if there else []), *catalogues]

    def find_loss(self, name: str) -> str | None:
        """Look at a file, and at what stands beside it."""
        return find_loss(self.data_dir, name)

    def copy(self, name: str, folder: Path, on_step: Callable[[], object]) -> AbstractContextManager[Copy]:
        """Copy a file, without questions that wait for an answer for some minutes."""
        change = delete_waiting if name == DISCORD_DB else _keep_all
        return brief_copy(self.data_dir / name, folder, on_step, change)


class DatabaseSource:
    """The schemas of a PostgreSQL database."""

    def __init__(self, stores: Stores) -> None:
        if stores.engine is None:
            raise ValueError("the stores have no database")
        self.data_dir = stores.data_dir
        self.shown = "The database"
        self._catalogs = stores.catalogs()
        self._memory = stores.engine.execution_options(schema=SCHEMA)

    def databases(self) -> list[str]:
        """Return the memory, and a catalogue for each library."""
        return [DISCORD_DB, *(f"libraries/{name}/catalog.db" for name in self._catalogs.names())]

    def find_loss(self, name: str) -> str | None:
        """Return None: a library is there, or it is not."""
        del name
        return None

    @contextmanager
    def copy(self, name: str, folder: Path, on_step: Callable[[], object]) -> Iterator[Copy]:
        """Write one state of a library, or of the memory, to an SQLite file of the same tables."""
        path = folder / f".{os.getpid()}-{secrets.token_hex(8)}{UNFINISHED}"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            if name == DISCORD_DB:
                _write_file(self._memory, path, MEMORY_TABLES, make_memory, on_step)
            else:
                with closing(self._catalogs.open(name.split("/")[1], read_only=True)) as catalog:
                    _write_file(catalog.engine, path, CATALOG_TABLES, make_catalog, on_step)
            with closing(connect_immutable(path)) as copy, path.open("rb") as stream:
                yield copy, stream
        finally:
            path.unlink(missing_ok=True)


def source_of(stores: Stores | Path) -> Source:
    """Return what is backed up of some stores, or of a data folder."""
    if isinstance(stores, Path):
        return FolderSource(stores)
    return FolderSource(stores.data_dir) if stores.engine is None else DatabaseSource(stores)


def _keep_all(_: object) -> None:
    """Change nothing."""


def _write_file(
    source: sa.Engine,
    path: Path,
    tables: Sequence[sa.Table],
    make: Callable[[sa.Connection], None],
    on_step: Callable[[], object],
) -> None:
    """Write tables to an empty file, which need not survive a crash."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_scratch)
    try:
        with engine.begin() as db:
            make(db)
        with source.connect() as db, Writer(engine, on_step) as writer:
            synchronise(db, writer, tables)
            raise_ids(writer.db, tables, last_ids(db, tables))
    finally:
        engine.dispose()


def _prepare_scratch(connection: sqlite3.Connection, _: Any) -> None:
    for pragma in _SCRATCH:
        connection.execute(f"PRAGMA {pragma}")
