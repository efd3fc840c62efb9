"""What can be read of a library without its indexes and without a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from index.catalog.article_sources import FailedSource
    from index.catalog.history import HistoryEntry
    from index.catalog.queries import ArticleRow
    from index.catalog.store import Catalog
    from index.models import Article, StoredPassage


class LibraryReader(ABC):
    """Reads the catalogue of a library, which may not exist yet."""

    @abstractmethod
    def _open_if_present(self) -> Catalog | None:
        """Return the catalogue, opened if necessary, or None if nothing was ever stored."""

    @property
    def catalog(self) -> Catalog | None:
        """The catalogue, or None if nothing was ever stored."""
        return self._open_if_present()

    def source_version(self, key: str) -> str | None:
        """Return the version mark with which a source was last read, None if it is unknown."""
        catalog = self._open_if_present()
        source = catalog.sources.get(key) if catalog else None
        return source.version if source else None

    def failed_sources(self) -> list[FailedSource]:
        """Return the sources that could not be read at the last check, newest first."""
        catalog = self._open_if_present()
        return catalog.sources.failures() if catalog else []

    def articles(self) -> list[ArticleRow]:
        """Return a line for every article, by id."""
        catalog = self._open_if_present()
        return catalog.articles() if catalog else []

    def count_articles(self) -> int:
        """Return the number of articles, which takes no longer for many."""
        catalog = self._open_if_present()
        return catalog.counts()[0] if catalog else 0

    def article(self, article_id: int) -> Article | None:
        """Return an article, or None."""
        catalog = self._open_if_present()
        return catalog.article(article_id) if catalog else None

    def article_of_source(self, key: str) -> Article | None:
        """Return the article of a source, or None."""
        catalog = self._open_if_present()
        source = catalog.sources.get(key) if catalog else None
        return catalog.article(source.article_id) if catalog and source else None

    def history(self, article_id: int | None = None, limit: int = 100) -> list[HistoryEntry]:
        """Return at most `limit` history entries, newest first: of all articles, or of one and those it replaced."""
        catalog = self._open_if_present()
        return catalog.history.entries(article_id, limit) if catalog else []

    def was_ever_used(self) -> bool:
        """Whether an article was ever stored here, even if it was removed."""
        catalog = self._open_if_present()
        return catalog is not None and catalog.generation > 0

    def passage_ids(self, article_id: int) -> list[int]:
        """Return the ids of an article's passages; none if it does not exist."""
        catalog = self._open_if_present()
        return [int(key) for key in catalog.passage_ids(article_id)] if catalog else []

    def passage_ids_of(self, article_ids: Collection[int]) -> np.ndarray:
        """Return the (n,) ids of the passages of these articles, ascending."""
        catalog = self._open_if_present()
        return np.array(sorted(catalog.passage_ids_of(article_ids)) if catalog else [], np.int64)

    def near_duplicates(self, article_id: int) -> list[int]:
        """Return the ids of an article's near duplicates, oldest first."""
        catalog = self._open_if_present()
        return catalog.near_duplicates(article_id) if catalog else []

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield the passages with these ids, in that order; unknown ids are left out."""
        catalog = self._open_if_present()
        return catalog.passages(ids) if catalog else iter(())

    def vectors(self, ids: Iterable[int]) -> dict[int, np.ndarray]:
        """Return the (d,) unit vectors of the passages with these ids; unknown ids are left out."""
        catalog = self._open_if_present()
        return catalog.vectors_by_id(ids) if catalog else {}
