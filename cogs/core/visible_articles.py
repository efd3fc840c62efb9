"""Articles without those that may not be shown, which are given by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.title_list import ArticleTitle
from index.libraries.visible_part import HiddenIds
from index.models import Article

Hidden = Mapping[str, HiddenIds]
"""Ids of articles that may not be shown, by library; nothing is hidden of a library that is not named."""

NOTHING_HIDDEN: Final[Hidden] = {}


def is_hidden(hidden: Hidden, library: str, article_id: int) -> bool:
    """Whether an article may not be shown."""
    return article_id in hidden.get(library, ())


class VisibleArticles:
    """The articles of read-only libraries, without hidden ones. For the thread that owns the libraries."""

    def __init__(self, read_only: ReadOnlyLibraries, hidden: Hidden) -> None:
        """Leave out `hidden`."""
        self._read_only = read_only
        self._hidden = hidden

    def titles(self, libraries: Iterable[str]) -> list[ArticleTitle]:
        """Return the articles of these libraries, newest first in each."""
        found = self._read_only.titles(libraries)
        hidden, nothing = self._hidden, frozenset[int]()
        return [one for one in found if one.article_id not in hidden.get(one.library, nothing)] if hidden else found

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        return None if self.hides(library, article_id) else self._read_only.article(library, article_id)

    def key_of(self, library: str, article_id: int) -> str | None:
        """Return the key of an article's first source, or None if it does not exist."""
        return None if self.hides(library, article_id) else self._read_only.key_of(library, article_id)

    def article_of_source(self, library: str, key: str) -> Article | None:
        """Return the article of a source, or None."""
        found = self._read_only.article_of_source(library, key)
        return None if found is None or self.hides(library, found.id) else found

    def hides(self, library: str, article_id: int) -> bool:
        """Whether an article is left out."""
        return is_hidden(self._hidden, library, article_id)
