"""Which article each passage of a large library belongs to, in memory: for views of many articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from index.catalog.passage_queries import PassageReader
    from index.catalog.position import CatalogPosition
    from index.catalog.store import Catalog


class PassageArticles:
    """The ids of all passages and of their articles, 16 bytes each, which follow the change log of the catalogue."""

    def __init__(self) -> None:
        self._position: CatalogPosition | None = None
        self._passages = np.empty(0, np.int64)  # ascending
        self._articles = np.empty(0, np.int64)

    @property
    def memory(self) -> int:
        """The bytes of both columns."""
        return self._passages.nbytes + self._articles.nbytes

    def passages_of(self, article_ids: Collection[int], catalog: Catalog) -> np.ndarray:
        """Return the (n,) ids of the passages of these articles, ascending."""
        self._follow(catalog)
        wanted = np.fromiter(article_ids, np.int64, len(article_ids))
        found: np.ndarray = self._passages[np.isin(self._articles, wanted)]
        return found

    def _follow(self, catalog: Catalog) -> None:
        changes = catalog.changes_since(self._position) if self._position else None
        if changes is None:
            self._position = catalog.position()  # first, so that it is never newer than what is read
            self._passages, self._articles = _read(catalog)
        elif changes.position != self._position:
            self._position = changes.position
            new, articles = _read(catalog, changes.added)
            kept = ~np.isin(self._passages, np.concatenate([changes.removed, new]))
            self._passages = np.concatenate([self._passages[kept], new])  # new ids are greater than all before
            self._articles = np.concatenate([self._articles[kept], articles])


def _read(catalog: PassageReader, ids: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    passages, articles = catalog.articles_of_passages(ids)
    order = np.argsort(passages)
    return passages[order], articles[order]
