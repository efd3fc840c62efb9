"""The open files of a library: its catalogue and its indexes, opened on first use and closed when others need room."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final, Self

from index.indexes.index_version import IndexVersion, require_version
from index.indexes.open_indexes import OpenIndexes
from index.indexes.stores import EMBEDDED
from index.libraries.library_reader import LibraryReader
from index.models import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator
    from pathlib import Path

    import numpy as np

    from index.catalog.catalogs import Catalogs
    from index.catalog.history import Retention
    from index.catalog.store import Catalog
    from index.indexes.stores import IndexStores
    from index.passages.embedder import Embedder
    from index.trusted_clock import ClockReading

_FEW_ARTICLES: Final = 1000  # whose passages are read from the catalogue each time

EMPTY_LIBRARY: Final = "The library {name!r} holds no articles. Add some with `python bot.py add SOURCE...`."


class LibraryFiles(LibraryReader):
    """Opens the catalogue of a library, and its indexes, which are brought up to date whenever it has changed.

    `folder` is for the indexes, which `stores` opens. `embedder` is called when a model is needed. `on_open` is called
    whenever the catalogue has been opened.
    """

    def __init__(  # noqa: PLR0913 - what `Libraries` gives to each library
        self,
        folder: Path,
        name: str,
        embedder: Callable[[], Embedder],
        keep: Retention,
        catalogs: Catalogs,
        on_open: Callable[[Self], None] = lambda _: None,
        *,
        stores: IndexStores = EMBEDDED,
    ) -> None:
        self.name = name
        self._keep = keep
        self._catalogs = catalogs
        self._folder = folder
        self._embedder = embedder
        self._on_open = on_open
        self._stores = stores
        self._users = 0
        self._opened: Catalog | None = None
        self._indexes: OpenIndexes | None = None
        self._changed = False

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the library open, for work in steps, between which others may open other libraries."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1

    @property
    def memory(self) -> int:
        """The bytes of the vectors and words that are in memory while the library is open."""
        return self._indexes.memory if self._indexes else 0

    @property
    def is_in_use(self) -> bool:
        """Whether work in steps is under way, so that the library must not be closed."""
        return self._users > 0

    def read_clock(self) -> ClockReading:
        """Return the time by which ages are judged."""
        return self._keep.clock()

    def indexes(self) -> OpenIndexes | None:
        """Return both indexes, up to date with the catalogue, or None if nothing was ever stored.

        Raises UserError if the library was built with another model.
        """
        catalog = self._open_if_present()
        epoch = catalog.meta("epoch") if catalog else None
        if catalog is None or epoch is None:
            return None
        require_version(catalog, epoch, IndexVersion.of(self._embedder()), self.name)
        return self._synced_indexes(catalog, epoch)

    def finish_indexing(self) -> None:
        """Wait until the vectors of a large library are found that are read in the background, as after an update.

        Raises UserError as `indexes` does.
        """
        if (indexes := self.indexes()) is not None:
            indexes.dense.finish_building()

    def passage_ids_of(self, article_ids: Collection[int]) -> np.ndarray:
        """Return the (n,) ids of the passages of these articles, ascending; of many, from what is kept in memory."""
        catalog = self._open_if_present()
        if catalog is None or self._indexes is None or len(article_ids) <= _FEW_ARTICLES:
            return super().passage_ids_of(article_ids)
        return self._indexes.articles.passages_of(article_ids, catalog)

    def close(self, *, sync: bool = True) -> None:
        """Close the files, and save the indexes; with `sync` they are brought up to date before.

        Everything is closed even if an error is raised. The library is opened again when it is used again.
        """
        with ExitStack() as closing:
            if self._opened:
                closing.callback(self._opened.close)
            closing.callback(self._close_indexes)
            opened, self._opened = self._opened, None
            if sync and opened and (self._changed or self._indexes) and (epoch := opened.meta("epoch")):
                self._synced_indexes(opened, epoch)
            self._changed = False

    def _open_if_present(self) -> Catalog | None:
        if self._opened is None and self._catalogs.exists(self.name):
            self._open()
        return self._opened

    def _open_or_create(self) -> Catalog:
        return self._opened or self._open()

    def _open(self: Self) -> Catalog:
        self._opened = self._catalogs.open(self.name, self._keep)
        self._on_open(self)
        return self._opened

    def _require_catalog(self) -> Catalog:
        catalog = self._open_if_present()
        if catalog is None:
            raise UserError(EMPTY_LIBRARY.format(name=self.name))
        return catalog

    def _checked_embedder(self) -> Embedder:
        """Return the embedder. Raises UserError if the library was built with another."""
        embedder = self._embedder()
        catalog = self._open_or_create()
        require_version(catalog, catalog.meta("epoch"), IndexVersion.of(embedder), self.name)
        return embedder

    def _synced_indexes(self, catalog: Catalog, epoch: str) -> OpenIndexes:
        """Return the indexes, opened if necessary, and brought up to date; `epoch` is the catalogue's index version."""
        index_version = IndexVersion.read(epoch)
        if self._indexes is None or self._indexes.index_version != index_version:
            self._close_indexes()
            self._indexes = OpenIndexes.open(self._folder, index_version, catalog, self._stores)
        self._indexes.sync(catalog)
        return self._indexes

    def _sync_open_indexes(self) -> Generator[None, None, None]:
        """Let the indexes follow a change, if they are open, in steps."""
        catalog = self._open_or_create()
        if self._indexes is not None and str(self._indexes.index_version) == catalog.meta("epoch"):
            yield from self._indexes.sync_in_steps(catalog)

    def _close_indexes(self) -> None:
        if self._indexes:
            self._indexes.close()
        self._indexes = None
