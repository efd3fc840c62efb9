"""The two indexes of a library as caches of its catalogue."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from index.indexes.background_saving import SAVER
from index.indexes.following import CatalogFollower
from index.indexes.lexical import ChangedElsewhereError
from index.indexes.passage_articles import PassageArticles
from index.indexes.stores import EMBEDDED
from index.sqlite_errors import SearchUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Hashable
    from pathlib import Path

    from index.catalog.position import CatalogPosition
    from index.catalog.store import Catalog
    from index.indexes.index_version import IndexVersion
    from index.indexes.lexical import LexicalIndex
    from index.indexes.stores import IndexStores
    from index.indexes.vectors import VectorStore

_log = logging.getLogger(__name__)

_TRIES = 5  # to follow the catalogue while other processes do
_VIEWS = 4  # of parts of a library that were searched last


@dataclass(slots=True)
class OpenIndexes:
    """The two indexes, in sync with the catalogue at `position`; each holds `passages` passages."""

    folder: Path
    dense: VectorStore
    lexical: LexicalIndex
    index_version: IndexVersion
    passages: int = 0
    _is_syncing: bool = False
    articles: PassageArticles = field(default_factory=PassageArticles)  # of the passages, once they are needed
    views: dict[Hashable, tuple[CatalogPosition | None, OpenIndexes]] = field(default_factory=dict)

    @classmethod
    def open(
        cls, folder: Path, index_version: IndexVersion, catalog: Catalog, stores: IndexStores = EMBEDDED
    ) -> OpenIndexes:
        """Open the indexes of a library; those of another index version are emptied. Call `sync` before use.

        `catalog` fills the lexical index again if it turns out to be damaged while it is used.
        """
        dense, lexical = stores.open(folder, index_version, catalog)
        follower = CatalogFollower(catalog, index_version)
        lexical.refill = lambda: follower.compare_lexical(lexical, follower.content())
        return cls(folder, dense, lexical, index_version, len(lexical))

    @property
    def memory(self) -> int:
        """The bytes that the indexes hold in memory."""
        return self.dense.memory + self.lexical.memory + self.articles.memory

    @staticmethod
    def exist(folder: Path) -> bool:
        """Whether a folder has files of indexes."""
        return EMBEDDED.exist(folder)

    def sync(self, catalog: Catalog) -> None:
        """Bring both indexes up to date if the catalogue has changed and `sync_in_steps` is not at work.

        They follow the change log of the catalogue, each from its position. Where the log does not reach, all passages
        are compared. If another process is doing that, the indexes stay as they are.
        """
        if self._is_syncing:
            return
        if self.position != catalog.position():
            follower = CatalogFollower(catalog, self.index_version)
            for _ in range(_TRIES):  # the next `sync` tries again
                with suppress(ChangedElsewhereError):
                    follower.bring_up_to_date(self.dense, self.lexical)
                    break
        self.passages = len(self.lexical)

    def sync_in_steps(self, catalog: Catalog) -> Generator[None, None, None]:
        """Follow the change log of the catalogue in steps, after a change.

        Questions may be asked between the steps: ids are never reused, so a stale entry is missing, never wrong. If
        the log does not reach, if another process follows it too, if a server of the indexes is out of reach, or if
        the generator is closed, the next `sync` does the rest.
        """
        if self._is_syncing:
            return
        self._is_syncing = True
        try:
            with suppress(ChangedElsewhereError):
                yield from self._follow_in_steps(CatalogFollower(catalog, self.index_version))
        except SearchUnreachableError as error:  # what was changed is in the catalogue
            _log.warning("The indexes follow a change later: %s", error)
        finally:
            self._is_syncing = False

    def _follow_in_steps(self, follower: CatalogFollower) -> Generator[None, None, None]:
        if self.lexical.begin_changes() != self.dense.position:
            return
        changes = follower.changes_since(self.dense.position)
        if changes is not None:
            yield from follower.follow_in_steps(self.dense, self.lexical, changes)
            self.passages = len(self.lexical)

    @property
    def position(self) -> CatalogPosition | None:
        """The state of the catalogue that both indexes are in sync with; None if they differ, or if it is unknown."""
        position = self.dense.position
        return position if position == self.lexical.position else None

    def without(self, hidden: Collection[int]) -> OpenIndexes:
        """Return a view whose searches skip these passages and find others instead; not to be changed or kept."""
        skipped = frozenset(hidden)
        return replace(self, dense=self.dense.without(skipped), lexical=self.lexical.without(skipped))

    def only(self, shown: Collection[int]) -> OpenIndexes:
        """Return a view of these passages alone, also for counting; not to be changed."""
        kept = np.unique(shown if isinstance(shown, np.ndarray) else np.fromiter(shown, np.int64, len(shown)))
        return replace(self, dense=self.dense.only(kept), lexical=self.lexical.only(kept), passages=len(kept), views={})

    def view(self, key: Hashable, make: Callable[[], OpenIndexes]) -> OpenIndexes:
        """Return the view that `make` returned for a key; a few are kept as long as the catalogue does not change."""
        known, position = self.views.pop(key, None), self.position
        if known is None or position is None or known[0] != position:
            known = position, make()
        self.views[key] = known
        while len(self.views) > _VIEWS:
            del self.views[next(iter(self.views))]
        return known[1]

    def close(self) -> None:
        """Close both indexes; what has changed is saved on another thread (`SAVER`), for nothing here waits for it."""
        self.dense.close()
        if self.dense.is_saved and self.lexical.is_saved:
            self.lexical.save()
        else:
            SAVER.submit(self.folder, self._save)

    def _save(self) -> None:
        try:
            self.dense.save()
        finally:
            self.lexical.save()
