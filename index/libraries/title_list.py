"""The titles of a library in memory, which follow its change log: a change costs what has changed, not all articles."""

from __future__ import annotations

import sys
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz import utils

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.catalog.position import CatalogPosition
    from index.catalog.store import Catalog

_ENTRY_BYTES: Final = 200  # of a title's tuple, its number, and its places in the list and the set


class ArticleTitle(NamedTuple):
    """An article in a list to choose from; `compared` is its title as `compared_form` returns it."""

    library: str
    article_id: int
    title: str
    compared: str

    @classmethod
    def of(cls, library: str, article_id: int, title: str) -> ArticleTitle:
        """Return the entry of an article."""
        return cls(library, article_id, title, compared_form(title))


def compared_form(text: str) -> str:
    """Return a title, or what is typed for one, as they are compared: lower-case letters and digits, and spaces."""
    return utils.default_process(text)


class TitleList:
    """The articles of a library, newest first, and their ids; both change with `follow`."""

    def __init__(self, library: str) -> None:
        self._library = library
        self._position: CatalogPosition | None = None
        self.titles: list[ArticleTitle] = []
        self.ids: set[int] = set()
        self.bytes = 0

    def follow(self, catalog: Catalog) -> None:
        """Bring the list up to date with the catalogue of the library."""
        position = catalog.position()
        if position == self._position:
            return
        changes = catalog.changes_since(self._position) if self._position else None
        if changes is None:
            self.titles = [ArticleTitle.of(self._library, *row) for row in catalog.titles()]
            self.ids = {one.article_id for one in self.titles}
            self.bytes = sum(map(_size, self.titles))
            # From before reading: what was added meanwhile is read once more.
            self._position = position
        else:
            gone = changes.articles.tolist()
            self._forget(gone)
            self._add(catalog.titles(gone))  # those that still exist
            self._position = changes.position

    def _forget(self, ids: Iterable[int]) -> None:
        for article_id in self.ids.intersection(ids):
            self.bytes -= _size(self.titles.pop(self._place(article_id)))
            self.ids.remove(article_id)

    def _add(self, found: Iterable[tuple[int, str]]) -> None:
        """Add the titles of articles that are not in the list."""
        for article_id, title in found:
            entry = ArticleTitle.of(self._library, article_id, title)
            self.titles.insert(self._place(article_id), entry)
            self.ids.add(article_id)
            self.bytes += _size(entry)

    def _place(self, article_id: int) -> int:
        """Return where in the list an article is, or belongs."""
        return bisect_left(self.titles, -article_id, key=lambda one: -one.article_id)


def _size(entry: ArticleTitle) -> int:
    return _ENTRY_BYTES + sys.getsizeof(entry.title) + sys.getsizeof(entry.compared)
