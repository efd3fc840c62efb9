"""Read-only access to libraries on connections of its own, so that readers never wait for answers or imports."""

from __future__ import annotations

import logging
from collections import OrderedDict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from index.catalog.article_sources import KnownSources
from index.libraries.file_catalogs import FileCatalogs
from index.libraries.sample_texts import SAMPLE_TEXTS
from index.libraries.title_list import ArticleTitle, TitleList
from index.memory import SizedCache
from index.models import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from index.catalog.article_sources import FailedSource
    from index.catalog.catalogs import Catalogs, Stamp
    from index.catalog.position import CatalogPosition
    from index.catalog.store import Catalog
    from index.models import Article

_log = logging.getLogger(__name__)

_KEPT_OPEN = 32
_KEPT_BYTES = 64 * 1024 * 1024  # of titles


class LibrarySummary(NamedTuple):
    """What periodic work has to know of a library. Times are ISO 8601, None without a version or an entry."""

    generation: int
    articles: int
    passages: int
    index_versions: tuple[str | None, ...]
    oldest_version: str | None
    oldest_entry: str | None
    contributors: tuple[str, ...]


class CollectedArticles(NamedTuple):
    """A collection of a library: its displayed name, and the ids of its articles."""

    name: str
    ids: frozenset[int]


class _Collections(NamedTuple):
    """The collections of a library by their names as compared, at one state of its catalogue."""

    position: CatalogPosition
    by_name: dict[str, CollectedArticles]


class ReadOnlyLibraries:
    """Reads the libraries of `catalogs`, by default those under `data_dir/libraries`. Owned by one thread.

    Needs no model.
    """

    def __init__(self, data_dir: Path, kept_bytes: int = _KEPT_BYTES, catalogs: Catalogs | None = None) -> None:
        """Keep the titles of the libraries that were read last in at most `kept_bytes` bytes, and always of the last.

        So a library that is larger is not read again for each key that is pressed.
        """
        self._catalogs = catalogs or FileCatalogs(data_dir / "libraries")
        self._open: OrderedDict[str, Catalog] = OrderedDict()
        self._titles: OrderedDict[str, TitleList] = OrderedDict()  # the least recently used first
        self._kept_bytes = kept_bytes
        self._collections: SizedCache[str, _Collections] = SizedCache(kept_bytes)

    def titles(self, libraries: Iterable[str]) -> list[ArticleTitle]:
        """Return the articles of these libraries, newest first in each, without libraries that cannot be read.

        Those are logged. Raises OperatorError if the others have no articles.
        """
        found: list[list[ArticleTitle]] = []
        trouble: OperatorError | None = None
        for name in libraries:
            try:
                found.append(self._titles_of(name).titles)
            except OperatorError as error:
                trouble = error
                _log.error("The library %r cannot be listed: %s", name, error)
        if trouble and not any(found):
            raise trouble
        return list(chain.from_iterable(found))

    def ids(self, library: str) -> AbstractSet[int]:
        """Return the ids of a library's articles; they change with the library."""
        return self._titles_of(library).ids

    def collections(self, library: str) -> Mapping[str, CollectedArticles]:
        """Return a library's collections by their names as compared (`folded_tag`), in alphabetical order."""
        catalog = self._catalog(library)
        if catalog is None:
            return {}
        position = catalog.position()
        known = self._collections.get(library)
        if known is None or known.position != position:
            stored = catalog.tags.articles_by_collection()
            known = _Collections(position, {key: CollectedArticles(*one) for key, one in stored.items()})
            self._collections.put(library, known)
        return known.by_name

    def tags_of(self, library: str, article_id: int) -> tuple[str, ...]:
        """Return the names of an article's collections, in alphabetical order."""
        catalog = self._catalog(library)
        return catalog.tags.of_article(article_id) if catalog else ()

    def generation(self, library: str) -> int:
        """Return a library's generation (its number of changes), 0 if it does not exist."""
        catalog = self._catalog(library)
        return catalog.generation if catalog else 0

    def modification_stamp(self, library: str) -> Stamp:
        """Return a mark that differs after every change of a library; it may differ without one, too."""
        return self._catalogs.stamp(library)

    def stamps(self) -> Iterator[tuple[str, Stamp]]:
        """Yield the name and the modification stamp of each existing library, by name; none is opened."""
        return self._catalogs.stamps()

    def names(self) -> list[str]:
        """Return the names of the existing libraries, sorted."""
        return self._catalogs.names()

    def known_sources(self, library: str) -> KnownSources | None:
        """Return a snapshot of a library's sources, or None if it does not exist."""
        catalog = self._catalog(library)
        return catalog.sources.known() if catalog else None

    def summary(self, library: str) -> LibrarySummary | None:
        """Return what periodic work has to know of a library, or None if it does not exist.

        `contributors` are named as the authors of changes in its history.
        """
        catalog = self._catalog(library)
        if catalog is None:
            return None
        history, versions = catalog.history, tuple(catalog.index_versions())
        return LibrarySummary(
            catalog.generation, *catalog.counts(), versions, *history.oldest(), tuple(history.contributors())
        )

    def outdated_articles(self, library: str, index_version: str) -> list[int]:
        """Return the ids of a library's articles whose passages are of another index version."""
        catalog = self._catalog(library)
        return catalog.outdated_articles(index_version) if catalog else []

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        catalog = self._catalog(library)
        return catalog.article(article_id) if catalog else None

    def failed_sources(self, library: str) -> list[FailedSource]:
        """Return a library's sources that could not be read at the last check, newest first."""
        catalog = self._catalog(library)
        return catalog.sources.failures() if catalog else []

    def has_articles(self, library: str) -> bool:
        """Whether a library has any article."""
        catalog = self._catalog(library)
        return catalog is not None and catalog.has_articles()

    def sample_ids(self, library: str) -> frozenset[int]:
        """Return the ids of a library's articles that are those of the shipped sample."""
        catalog = self._catalog(library)
        return catalog.ids_of_texts(SAMPLE_TEXTS) if catalog else frozenset()

    def key_of(self, library: str, article_id: int) -> str | None:
        """Return the key of an article's first source, or None if it does not exist."""
        catalog = self._catalog(library)
        return next(iter(catalog.sources.keys_of_article(article_id)), None) if catalog else None

    def articles_by_key(self, library: str, beginnings: Iterable[str]) -> list[tuple[str, int]]:
        """Return key and article id of the sources whose keys begin with one of these texts."""
        catalog = self._catalog(library)
        return catalog.sources.beginning_with(beginnings) if catalog else []

    def article_of_source(self, library: str, key: str) -> Article | None:
        """Return the article of a source, or None."""
        catalog = self._catalog(library)
        source = catalog.sources.get(key) if catalog else None
        return catalog.article(source.article_id) if catalog and source else None

    def close(self) -> None:
        """Close all files."""
        while self._open:
            self._open.popitem()[1].close()
        self._titles.clear()
        self._collections.clear()

    def _titles_of(self, name: str) -> TitleList:
        """Return a library's titles, up to date: this is called for every key pressed."""
        catalog = self._catalog(name)
        if catalog is None:
            return TitleList(name)
        known = self._titles.pop(name, None) or TitleList(name)
        known.follow(catalog)
        self._titles[name] = known
        size = sum(one.bytes for one in self._titles.values())
        while size > self._kept_bytes and len(self._titles) > 1:
            size -= self._titles.popitem(last=False)[1].bytes
        return known

    def _catalog(self, name: str) -> Catalog | None:
        catalog = self._open.pop(name, None)
        if catalog is None:
            if not self._catalogs.exists(name):
                return None
            catalog = self._catalogs.open(name, read_only=True)
        self._open[name] = catalog
        while len(self._open) > _KEPT_OPEN:
            oldest, closed = self._open.popitem(last=False)
            self._titles.pop(oldest, None)
            self._collections.pop(oldest)
            closed.close()
        return catalog
