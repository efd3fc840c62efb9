"""All libraries of a data folder, opened by name. No object here can search two servers' libraries at once."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from index.catalog.history import Retention
from index.libraries.library import Library
from index.models import SettingsError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.models import Article
    from index.passages.embedder import Embedder

SHARED = "shared"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_KEPT_OPEN = 32  # memory follows the libraries in use; the least recently used one is closed beyond this


class Libraries:
    """Opens libraries under `data_dir/libraries`. Owned by one thread."""

    def __init__(self, data_dir: Path, embedder: Callable[[], Embedder], keep: Retention = Retention()) -> None:  # noqa: B008 - frozen
        self._root = data_dir / "libraries"
        self._embedder = embedder
        self._keep = keep
        self._open: OrderedDict[str, Library] = OrderedDict()

    def open(self, name: str = SHARED) -> Library:
        """Return a library; it comes into being with its first article. Raises SettingsError for an impossible name."""
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
        return self.open(name).has_ever_held()

    def article(self, library: str, article_id: int) -> Article | None:
        """Return a stored article, or None."""
        return self.open(library).article(article_id)

    def article_of(self, library: str, key: str) -> Article | None:
        """Return the article that a source holds now, or None."""
        return self.open(library).article_of(key)

    def names(self) -> list[str]:
        """Return the names of the libraries that are there, sorted."""
        return names_in(self._root)

    def forget(self, who: str) -> None:
        """Delete from every library's history that it was they who did something."""
        for name in self.names():
            catalog = self.open(name).catalog
            if catalog is not None:
                catalog.history.forget(who)

    def close(self) -> None:
        """Close every library; all are closed, and the first failure raised."""
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
