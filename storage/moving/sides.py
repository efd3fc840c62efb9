"""The stores that are moved from and to, as a move uses them: databases by name, whatever they are."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Never, Protocol

from filelock import FileLock, Timeout

from index.catalog.engine import open_engine
from index.catalog.history import Retention
from index.durable_files import make_folder
from index.libraries.catalog_file import CATALOG
from index.libraries.library_scan import names_in, stamp_of
from index.libraries.registry import Libraries
from index.models import UserError
from storage.engine import open_database
from storage.process_lock import running_process, sole_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import sqlalchemy as sa

DISCORD_DB: Final = "discord.db"
_MOVE_LOCK: Final = "move.lock"


class Side(Protocol):
    """The stores of one side of a move."""

    @property
    def identity(self) -> str:
        """A digest that is the same for the same stores."""

    @property
    def shown(self) -> str:
        """Where the stores are, in words, without a password."""

    def names(self) -> list[str]:
        """Return the names of the libraries, sorted."""

    def stamp(self, library: str) -> str:
        """Return a text that differs after every change of a library; it may differ without one, too."""

    def catalog(self, library: str, *, writing: bool) -> AbstractContextManager[sa.Engine]:
        """Open a catalogue, to be read, or created if it is missing. A connection that reads sees one state."""

    def memory(self, *, writing: bool) -> AbstractContextManager[sa.Engine | None]:
        """Open the bot's memory likewise; None if it does not exist."""

    def delete(self, library: str) -> None:
        """Delete a library."""

    def libraries(self) -> Libraries:
        """Return the libraries for their check, which needs no model; the caller closes them."""

    def running(self) -> str | None:
        """Return which bot uses the stores, in words, None if none does."""

    def reserved(self) -> AbstractContextManager[None]:
        """Keep bots from starting with the stores. Raises UserError if one is running."""

    def claimed(self) -> AbstractContextManager[None]:
        """Keep other moves from filling the stores. Raises UserError if one is at work."""


class SqliteSide:
    """A data folder with SQLite files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._root = self.folder / "libraries"

    @property
    def identity(self) -> str:
        """A digest of the folder's path."""
        return hashlib.sha256(f"sqlite:{self.folder}".encode(errors="surrogateescape")).hexdigest()

    @property
    def shown(self) -> str:
        """The folder's path."""
        return f"SQLite in {self.folder}"

    def names(self) -> list[str]:
        """Return the names of the libraries, with those whose catalogue was lost."""
        return names_in(self._root)

    def stamp(self, library: str) -> str:
        """Return the modification times of the library's files."""
        return "{}-{}".format(*stamp_of(self._root, library))

    @contextmanager
    def catalog(self, library: str, *, writing: bool) -> Iterator[sa.Engine]:
        """Open the file of a catalogue."""
        folder = self._root / library
        if writing:
            make_folder(folder)
        engine = open_engine(folder / CATALOG, read_only=not writing, may_be_new=writing)
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def memory(self, *, writing: bool) -> Iterator[sa.Engine | None]:
        """Open discord.db."""
        path = self.folder / DISCORD_DB
        if not writing and not path.exists():
            yield None
            return
        make_folder(self.folder)
        engine = open_database(path)
        try:
            yield engine
        finally:
            engine.dispose()

    def delete(self, library: str) -> None:
        """Delete the folder of a library."""
        shutil.rmtree(self._root / library)

    def libraries(self) -> Libraries:
        """Return the libraries of the folder."""
        return Libraries(self.folder, no_model, Retention())

    def running(self) -> str | None:
        """Return which process holds the lock of the folder."""
        return running_process(self.folder)

    def reserved(self) -> AbstractContextManager[None]:
        """Hold the lock of the folder."""
        return sole_process(self.folder)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold a lock of its own: that of the folder may be held by a bot that has its data elsewhere."""
        make_folder(self.folder)
        lock = FileLock(self.folder / _MOVE_LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UserError(f"Another move to {self.shown} is at work. Wait until it has ended.") from None
        try:
            yield
        finally:
            lock.release()


def no_model() -> Never:
    """Raise UserError, where no model may be needed."""
    raise UserError("a model is needed")
