"""The stores that are moved from and to, as a move uses them: databases by name, whatever they are."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, Never, Protocol

from filelock import FileLock, Timeout

from index.catalog.engine import open_engine
from index.durable_files import make_folder, write_durably
from index.libraries.catalog_file import CATALOG
from index.libraries.library_scan import names_in, stamp_of
from index.models import UserError
from storage.backups.archive import DISCORD_DB, SMALL_FILES
from storage.engine import open_memory
from storage.process_lock import running_process, sole_process
from storage.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import BinaryIO

    import sqlalchemy as sa

_MOVE_LOCK: Final = "move.lock"


class Side(Protocol):
    """The stores of one side of a move. Every method raises UserError if they cannot be used."""

    @property
    def identity(self) -> str:
        """A digest that is the same for the same stores."""

    @property
    def shown(self) -> str:
        """Where the stores are, in words, without a password."""

    def names(self) -> list[str]:
        """Return the names of the libraries, sorted."""

    def lost(self) -> list[str]:
        """Return the names of libraries whose articles were lost."""

    def size(self) -> int:
        """Return the bytes of what would be moved, indexes aside."""

    def require_room(self, size: int) -> None:
        """Raise UserError if it is known that there is no room for so many bytes."""

    def stamps(self) -> dict[str, str]:
        """Return for each library a text that differs after every change; it may differ without one, too."""

    def catalog(self, library: str, *, writing: bool = False) -> AbstractContextManager[sa.Engine]:
        """Open a catalogue, to be read, or created if it is missing. A connection that reads sees one state."""

    def memory(self) -> AbstractContextManager[sa.Engine | None]:
        """Open the bot's memory to be read likewise; None if it does not exist."""

    def own_memory(self) -> AbstractContextManager[sa.Engine]:
        """Open the bot's memory, which is created if it is missing."""

    def delete(self, library: str) -> None:
        """Delete a library."""

    def check(self, library: str) -> list[str]:
        """Fill the indexes of a library, if they are to be kept, and return a sentence for each problem."""

    def running(self) -> str | None:
        """Return which bot uses the stores, in words, None if none does."""

    def used_by(self) -> str | None:
        """Return which bot surely uses the databases, in words, None if none does or nobody knows."""

    def reserved(self) -> AbstractContextManager[None]:
        """Keep bots from starting with the stores. Raises UserError if one is running."""

    def claimed(self) -> AbstractContextManager[None]:
        """Keep other moves from filling the stores. Raises UserError if one is at work."""


class SqliteSide:
    """A data folder with SQLite files."""

    def __init__(self, folder: Path, identity: str | None = None) -> None:
        """`identity` stands for what is in the folder, where that, and not its path, says what it is."""
        self.folder = folder.resolve()
        self._identity = identity
        self._root = self.folder / "libraries"

    @property
    def identity(self) -> str:
        """A digest of the folder's path."""
        return self._identity or hashlib.sha256(f"sqlite:{self.folder}".encode(errors="surrogateescape")).hexdigest()

    @property
    def shown(self) -> str:
        """The folder's path."""
        return f"SQLite in {self.folder}"

    def names(self) -> list[str]:
        """Return the names of the libraries that have a catalogue: a folder may have nothing but old indexes."""
        return [name for name in names_in(self._root) if self._path(name).exists()]

    def lost(self) -> list[str]:
        """Return the names of those that have nothing but indexes."""
        return [name for name in names_in(self._root) if not self._path(name).exists()]

    def size(self) -> int:
        """Return the sizes of all databases."""
        paths = [self.folder / DISCORD_DB, *map(self._path, self.names())]
        return sum(path.stat().st_size for path in paths if path.exists())

    def require_room(self, size: int) -> None:
        """Compare with the free space of the disk, half of which indexes may take."""
        existing = next(one for one in (self.folder, *self.folder.parents) if one.exists())
        free = shutil.disk_usage(existing).free
        if free < 2 * size:
            raise UserError(
                f"There is no room in {self.folder}: some {2 * size / 1e6:,.0f} MB are needed for articles and "
                f"indexes, but {free / 1e6:,.0f} MB are free. Nothing was moved."
            )

    def stamps(self) -> dict[str, str]:
        """Return the modification times of the files of each library."""
        return {name: "{}-{}".format(*stamp_of(self._root, name)) for name in self.names()}

    @contextmanager
    def catalog(self, library: str, *, writing: bool = False) -> Iterator[sa.Engine]:
        """Open the file of a catalogue."""
        path = self._path(library)
        if writing:
            make_folder(path.parent)
        engine = open_engine(path, read_only=not writing, may_be_new=writing)
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def memory(self) -> Iterator[sa.Engine | None]:
        """Open discord.db if there is one."""
        if not (self.folder / DISCORD_DB).exists():
            yield None
            return
        with self.own_memory() as engine:
            yield engine

    @contextmanager
    def own_memory(self) -> Iterator[sa.Engine]:
        """Open discord.db."""
        engine = open_memory(self.folder / DISCORD_DB)
        try:
            yield engine
        finally:
            engine.dispose()

    def delete(self, library: str) -> None:
        """Delete the folder of a library."""
        shutil.rmtree(self._root / library)

    def check(self, library: str) -> list[str]:
        """Fill the indexes in the folder, and check the library."""
        with closing(Stores(self.folder).libraries(no_model)) as libraries:
            return libraries.open(library).check()

    def running(self) -> str | None:
        """Return which process holds the lock of the folder."""
        return running_process(self.folder)

    def used_by(self) -> str | None:
        """Return None: a bot that holds the lock of the folder may have its data elsewhere, as before the way back."""
        return None

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

    def take_files(self, data_dir: Path) -> None:
        """Copy from another data folder what no database has and this one lacks, such as the fit of confidence."""
        for name in SMALL_FILES:
            if (data_dir / name).is_file() and not (self.folder / name).exists():
                content = (data_dir / name).read_bytes()
                write_durably(self.folder / name, partial(_write, content))

    def _path(self, library: str) -> Path:
        return self._root / library / CATALOG


def no_model() -> Never:
    """Raise UserError, where no model may be needed."""
    raise UserError("a model is needed")


def _write(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)
