"""The libraries of a data folder, opened by name. A `Library` never reads the articles of another one."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from index.catalog.history import Retention
from index.indexes.open_indexes import IndexVersion
from index.libraries.library import Library
from index.libraries.library_names import SHARED
from index.models import SettingsError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.models import Article
    from index.passages.embedder import Embedder

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_KEPT_OPEN = 32  # beyond this the least recently used library is closed, to bound memory


class Libraries:
    """Opens libraries under `data_dir/libraries`. Owned by one thread."""

    def __init__(self, data_dir: Path, embedder: Callable[[], Embedder], keep: Retention = Retention()) -> None:  # noqa: B008 - frozen
        self._root = data_dir / "libraries"
        self._embedder = embedder
        self._keep = keep
        self._open: OrderedDict[str, Library] = OrderedDict()

    def open(self, name: str = SHARED) -> Library:
        """Return a library; its files are created with its first article. Raises SettingsError for an invalid name."""
        if not _NAME.fullmatch(name):
            message = (
                f"{name!r} cannot name a library. Use up to 64 lower-case letters, digits, hyphens and underscores."
            )
            raise SettingsError(message)
        library = self._open.pop(name, None) or Library(self._root / name, name, self._embedder, self._keep)
        self._open[name] = library
        while len(self._open) > _KEPT_OPEN:
            self._open.popitem(last=False)[1].close()
        return library

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
        return names_in(self._root)

    def anonymize(self, who: str, name: str) -> None:
        """Remove a person's name from the history of a library."""
        catalog = self.open(name).catalog
        if catalog is not None:
            catalog.history.anonymize(who)

    def close(self) -> None:
        """Close every library, even if one fails; then raise the first failure."""
        failures: list[Exception] = []
        while self._open:
            try:
                self._open.popitem()[1].close()
            except (OSError, UserError) as error:
                failures.append(error)
        if failures:
            raise failures[0]


def names_in(root: Path) -> list[str]:
    """Return the names of the libraries in a folder, sorted."""
    return sorted(path.parent.name for path in root.glob("*/catalog.db") if _NAME.fullmatch(path.parent.name))
