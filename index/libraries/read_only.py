"""Reading what libraries hold without waiting for whoever answers or loads: connections of their own, read-only."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from index.catalog.article_sources import KnownSources
from index.catalog.store import Catalog
from index.libraries.registry import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from index.catalog.article_sources import FailedSource
    from index.models import Article

_KEPT_OPEN = 32


class ArticleTitle(NamedTuple):
    """An article as it is chosen from a list."""

    library: str
    article_id: int
    title: str


class ReadOnlyLibraries:
    """Lists and reads the articles of libraries under `data_dir/libraries`. Owned by one thread; needs no model."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "libraries"
        self._open: OrderedDict[str, Catalog] = OrderedDict()
        self._titles: dict[str, tuple[int, list[ArticleTitle]]] = {}
        self._ids: dict[str, frozenset[int]] = {}

    def titles(self, libraries: Iterable[str]) -> list[ArticleTitle]:
        """Return the articles of these libraries, newest first in each."""
        return [title for name in libraries for title in self._titles_of(name)]

    def ids(self, library: str) -> frozenset[int]:
        """Return the ids of a library's articles."""
        self._titles_of(library)
        return self._ids.get(library, frozenset())

    def generation(self, library: str) -> int:
        """Return how many changes a library has seen, 0 where there is none."""
        catalog = self._catalog(library)
        return catalog.generation if catalog else 0

    def stamp(self, library: str) -> tuple[int, ...]:
        """Return what differs after each change of a library's files; that it differs need not mean a change."""
        folder = self._root / library
        return tuple(_changed(folder / name) for name in ("catalog.db", "catalog.db-wal"))

    def names(self) -> list[str]:
        """Return the names of the libraries that are there, sorted."""
        return names_in(self._root)

    def view(self, library: str) -> KnownSources | None:
        """Return what a library knows of its sources, or None where there is none."""
        catalog = self._catalog(library)
        return catalog.sources.known() if catalog else None

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article as it is stored now, or None."""
        catalog = self._catalog(library)
        return catalog.article(article_id) if catalog else None

    def failed(self, library: str) -> list[FailedSource]:
        """Return what of a library's sources could not be read at the last look, the newest first."""
        catalog = self._catalog(library)
        return catalog.sources.failed() if catalog else []

    def key_of(self, library: str, article_id: int) -> str | None:
        """Return the key of the source that brought an article first, or None where it is gone."""
        catalog = self._catalog(library)
        return next(iter(catalog.sources.of(article_id)), None) if catalog else None

    def article_of(self, library: str, key: str) -> Article | None:
        """Return the article that a source holds now, or None."""
        catalog = self._catalog(library)
        source = catalog.sources.get(key) if catalog else None
        return catalog.article(source.article_id) if catalog and source else None

    def close(self) -> None:
        """Let go of the files."""
        while self._open:
            self._open.popitem()[1].close()
        self._titles.clear()
        self._ids.clear()

    def _titles_of(self, name: str) -> list[ArticleTitle]:
        """Return a library's titles, read again only when it has changed: someone is typing."""
        catalog = self._catalog(name)
        if catalog is None:
            return []
        generation = catalog.generation
        known = self._titles.get(name)
        if known is None or known[0] != generation:
            known = generation, [ArticleTitle(name, key, title) for key, title in catalog.titles()]
            self._titles[name] = known
            self._ids[name] = frozenset(title.article_id for title in known[1])
        return known[1]

    def _catalog(self, name: str) -> Catalog | None:
        path = self._root / name / "catalog.db"
        catalog = self._open.pop(name, None)
        if catalog is None:
            if not path.exists():
                return None
            catalog = Catalog(path, read_only=True)
        self._open[name] = catalog
        while len(self._open) > _KEPT_OPEN:
            oldest, closed = self._open.popitem(last=False)
            self._titles.pop(oldest, None)
            self._ids.pop(oldest, None)
            closed.close()
        return catalog


def _changed(path: Path) -> int:
    """Return when a file was changed last, in nanoseconds; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
