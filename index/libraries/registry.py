"""The libraries of a data folder, opened by name. A `Library` never reads the articles of another one."""

from __future__ import annotations

import logging
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from index.catalog.history import Retention
from index.indexes.background_saving import SAVER
from index.indexes.index_version import IndexVersion
from index.indexes.stores import EMBEDDED
from index.libraries.file_catalogs import FileCatalogs
from index.libraries.library import Library
from index.libraries.library_names import SHARED
from index.libraries.library_scan import NAME
from index.models import SettingsError
from index.sqlite_errors import UnreachableError
from index.trusted_clock import TrustedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from index.catalog.catalogs import Catalogs
    from index.indexes.stores import IndexStores
    from index.models import Article
    from index.passages.embedder import Embedder

_log = logging.getLogger(__name__)

# Beyond these the least recently used libraries are closed. An open one takes six file descriptors, of which a process
# may often have 1,024, and about 0.4 MB, vectors and words aside.
_KEPT_OPEN = 64
_KEPT_BYTES = 1024 * 1024 * 1024  # of vectors and words


class Libraries:
    """Opens the libraries of `catalogs`, by default those under `data_dir/libraries`. Owned by one thread.

    The indexes of all are under `data_dir/libraries`, where each process has its own if the catalogues are elsewhere,
    or where `open_indexes` keeps them.
    """

    def __init__(
        self,
        data_dir: Path,
        embedder: Callable[[], Embedder],
        keep: Retention = Retention(),  # noqa: B008 - frozen
        kept_bytes: int = _KEPT_BYTES,
        catalogs: Catalogs | None = None,
        *,
        open_indexes: IndexStores = EMBEDDED,
    ) -> None:
        """Keep libraries open that were used last, of at most `kept_bytes` bytes and those in use."""
        self._stores = open_indexes
        self._kept_bytes = kept_bytes
        self._root = data_dir / "libraries"
        self._catalogs = catalogs or FileCatalogs(self._root)
        self._embedder = embedder
        self._keep = replace(keep, clock=TrustedClock(data_dir).read)
        self._open: OrderedDict[str, Library] = OrderedDict()  # the least recently used first
        self._sizes: dict[str, int] = {}  # of the open libraries, in bytes, as measured last
        self.memory = (0, 0)  # libraries open, and bytes of their vectors and words; may be read on any thread
        self._closed: WeakValueDictionary[str, Library] = WeakValueDictionary()  # those that somebody may still hold

    def open(self, name: str = SHARED) -> Library:
        """Return a library; its files are created with its first article. Raises SettingsError for an invalid name."""
        if not NAME.fullmatch(name):
            message = (
                f"{name!r} cannot name a library. Use up to 64 lower-case letters, digits, hyphens and underscores."
            )
            raise SettingsError(message)
        library = self._open.get(name) or self._closed.get(name)
        if library is None:
            library = self._library(name, self._note_use)
        self._note_use(library)
        return library

    def _library(self, name: str, on_open: Callable[[Library], None]) -> Library:
        return Library(
            self._root / name, name, self._embedder, self._keep, self._catalogs, on_open, stores=self._stores
        )

    def _note_use(self, library: Library) -> None:
        """Make a library the most recently used one, and close others beyond the limit."""
        before = next(reversed(self._open.values()), library)
        # Only these can have grown. A question opens libraries a dozen times; measuring all of 64 each time took long.
        used = (before, library) if library.name in self._open else (*self._open.values(), library)
        self._sizes.update((one.name, one.memory) for one in used)
        self._open[library.name] = library
        self._open.move_to_end(library.name)
        if self._exceeds_limits():
            self._close_idle(library)
        self.memory = len(self._open), sum(self._sizes.values())

    def _exceeds_limits(self) -> bool:
        return len(self._open) > _KEPT_OPEN or sum(self._sizes.values()) > self._kept_bytes

    def _close_idle(self, needed: Library) -> None:
        """Close libraries that are not in use, the least recently used first, until the others fit."""
        for one in [one for one in self._open.values() if not one.is_in_use and one is not needed]:
            if not self._exceeds_limits():
                return
            del self._open[one.name], self._sizes[one.name]
            self._closed[one.name] = one
            try:
                one.close(sync=False)
            except Exception:  # noqa: BLE001 - it concerns another library than the one that is needed now
                _log.exception("The library %r could not be closed", one.name)

    def exists(self, name: str) -> bool:
        """Whether anything was ever stored in this library."""
        return self.open(name).was_ever_used()

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        return self.open(library).article(article_id)

    def article_of_source(self, library: str, key: str) -> Article | None:
        """Return the article of a source, or None."""
        return self.open(library).article_of_source(key)

    def current_index_version(self) -> str:
        """Return the index version of passages stored now, which needs the model."""
        return str(IndexVersion.of(self._embedder()))

    def names(self) -> list[str]:
        """Return the names of the existing libraries, sorted."""
        return self._catalogs.names()

    def expire_history(self, name: str) -> None:
        """Delete what is past its retention from the history of a library."""
        with self._for_a_moment(name) as library:
            if library.catalog is not None:
                library.catalog.history.expire()

    def anonymize(self, who: str, name: str) -> None:
        """Remove a person's name from the history of a library."""
        with self._for_a_moment(name) as library:
            if library.catalog is not None:
                library.catalog.history.anonymize(who)

    @contextmanager
    def _for_a_moment(self, name: str) -> Iterator[Library]:
        """Yield a library; one that was not open is closed again: upkeep of many must not close those in use."""
        opened = self._open.get(name) or self._closed.get(name)
        library = opened or self._library(name, lambda _: None)
        try:
            yield library
        finally:
            if opened is None:
                library.close(sync=False)

    def close(self) -> None:
        """Close every library, even if one fails, and wait until their indexes are saved.

        If a server of the data cannot be reached, the indexes are brought up to date when they are opened again: that
        is logged. Raises the error if one library failed otherwise, and an ExceptionGroup of all errors if several did.
        """
        failures: list[Exception] = []
        self._sizes.clear()
        sync = True
        while self._open:
            try:
                self._open.popitem()[1].close(sync=sync)
            except UnreachableError as error:
                sync = False  # for the others, each of which would wait for the server
                _log.warning("Indexes are brought up to date at the next start: %s", error)
            except Exception as error:  # noqa: BLE001 - raised below
                failures.append(error)
        SAVER.wait()
        if len(failures) > 1:
            raise ExceptionGroup("several libraries could not be closed", failures)
        if failures:
            raise failures[0]
