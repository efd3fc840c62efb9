"""The part of a library that may be quoted to an audience: the library without some of its articles, or some alone."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    import numpy as np

    from index.catalog.position import CatalogPosition
    from index.indexes.open_indexes import OpenIndexes
    from index.models import Article, StoredPassage


@dataclass(frozen=True, slots=True)
class AllBut:
    """Every article of a library but those that are `shown`: what is hidden where only a collection may be quoted.

    Like a set it answers `in`, `|` and `&`, with sets of ids and with its like.
    """

    shown: frozenset[int]

    def __contains__(self, article_id: int) -> bool:
        """Whether an article is hidden."""
        return article_id not in self.shown

    def __or__(self, other: HiddenIds) -> AllBut:
        """Return what one of them hides."""
        return AllBut(self.shown & other.shown if isinstance(other, AllBut) else self.shown - other)

    def __and__(self, other: HiddenIds) -> HiddenIds:
        """Return what both of them hide."""
        return AllBut(self.shown | other.shown) if isinstance(other, AllBut) else frozenset(other - self.shown)

    __ror__ = __or__
    __rand__ = __and__


HiddenIds = AbstractSet[int] | AllBut
"""Ids of the articles of a library that are hidden."""


class SearchedLibrary(Protocol):
    """What answering a question reads of a library: `Library`, or the visible part of one."""

    @property
    def name(self) -> str:
        """The library's name."""
        ...

    def indexes(self) -> OpenIndexes | None:
        """Return both indexes, or None if nothing was ever stored."""
        ...

    def article(self, article_id: int) -> Article | None:
        """Return an article, or None."""
        ...

    def article_of_source(self, key: str) -> Article | None:
        """Return the article of a source, or None."""
        ...

    def passage_ids(self, article_id: int) -> list[int]:
        """Return the ids of an article's passages; none if it does not exist."""
        ...

    def passage_ids_of(self, article_ids: Collection[int]) -> np.ndarray:
        """Return the (n,) ids of the passages of these articles, ascending."""
        ...

    def near_duplicates(self, article_id: int) -> list[int]:
        """Return the ids of an article's near duplicates, oldest first."""
        ...

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield the passages with these ids, in that order; unknown ids are left out."""
        ...

    def vectors(self, ids: Iterable[int]) -> dict[int, np.ndarray]:
        """Return the (d,) unit vectors of the passages with these ids; unknown ids are left out."""
        ...


class SearchedLibraries(Protocol):
    """Libraries by name: `Libraries`, or the visible parts of them."""

    def open(self, name: str) -> SearchedLibrary:
        """Return a library."""
        ...

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        ...

    def article_of_source(self, library: str, key: str) -> Article | None:
        """Return the article of a source, or None."""
        ...


class VisiblePart:
    """A library as if its `hidden` articles were not stored: they are neither found, read nor compared.

    Searches skip their passages and return as many others instead. Frequencies of terms still count them, unless all
    articles but some, with not too many passages, are hidden: then they are those of the articles that are shown.
    """

    def __init__(self, library: SearchedLibrary, hidden: HiddenIds) -> None:
        self._library = library
        self._hidden = hidden
        # The indexes, their position, and the view.
        self._view: tuple[OpenIndexes, CatalogPosition | None, OpenIndexes | None] | None = None

    @property
    def name(self) -> str:
        """The library's name."""
        return self._library.name

    def indexes(self) -> OpenIndexes | None:
        """Return both indexes, whose searches skip the passages of hidden articles; None if all are hidden."""
        found = self._library.indexes()
        if found is None:
            return None
        hidden = self._hidden
        if isinstance(hidden, AllBut):
            shown = hidden.shown
            return found.view(hidden, lambda: found.only(self._library.passage_ids_of(shown)))
        if self._view is None or self._view[0] is not found or self._view[1] != found.position:
            passages = self._library.passage_ids_of(hidden)
            view = found.without(passages) if len(passages) < found.passages else None
            self._view = found, found.position, view
        return self._view[2]

    def article(self, article_id: int) -> Article | None:
        """Return an article, or None."""
        return None if article_id in self._hidden else self._library.article(article_id)

    def article_of_source(self, key: str) -> Article | None:
        """Return the article of a source, or None."""
        found = self._library.article_of_source(key)
        return None if found is None or found.id in self._hidden else found

    def passage_ids(self, article_id: int) -> list[int]:
        """Return the ids of an article's passages; none if it does not exist."""
        return [] if article_id in self._hidden else self._library.passage_ids(article_id)

    def passage_ids_of(self, article_ids: Collection[int]) -> np.ndarray:
        """Return the (n,) ids of the passages of these articles, ascending."""
        return self._library.passage_ids_of([one for one in article_ids if one not in self._hidden])

    def near_duplicates(self, article_id: int) -> list[int]:
        """Return the ids of an article's near duplicates, oldest first."""
        if article_id in self._hidden:
            return []
        return [other for other in self._library.near_duplicates(article_id) if other not in self._hidden]

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield the passages with these ids, in that order; unknown ids are left out."""
        return (one for one in self._library.passages(ids) if one.passage.article_id not in self._hidden)

    def vectors(self, ids: Iterable[int]) -> dict[int, np.ndarray]:
        """Return the (d,) unit vectors of the passages with these ids, which `passages` has yielded."""
        return self._library.vectors(ids)


class VisibleParts:
    """Libraries without hidden articles; `hidden` are their ids by library name. For one question, not to be kept."""

    def __init__(self, libraries: SearchedLibraries, hidden: Mapping[str, HiddenIds]) -> None:
        self._libraries = libraries
        self._hidden = hidden
        self._open: dict[str, SearchedLibrary] = {}

    def open(self, name: str) -> SearchedLibrary:
        """Return the visible part of a library, or the library itself if nothing of it is hidden."""
        hidden = self._hidden.get(name)
        if not hidden:
            return self._libraries.open(name)
        if name not in self._open:
            self._open[name] = VisiblePart(self._libraries.open(name), hidden)
        return self._open[name]

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        return self.open(library).article(article_id)

    def article_of_source(self, library: str, key: str) -> Article | None:
        """Return the article of a source, or None."""
        return self.open(library).article_of_source(key)
