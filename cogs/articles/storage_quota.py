"""Limits on how much a server may store in its own library."""

from __future__ import annotations

from dataclasses import dataclass

from i18n import texts
from index.libraries.library import Library
from index.models import Draft, UserError
from settings import Settings


class QuotaError(UserError):
    """A server has reached one of its limits."""


@dataclass(frozen=True, slots=True)
class StorageQuota:
    """Limits for one server: number of articles, and total length in characters (code points)."""

    articles: int
    characters: int


def quota_of(settings: Settings) -> StorageQuota:
    """Return the limits that the operator has set for every server."""
    return StorageQuota(settings.server_articles, settings.server_characters)


@dataclass(frozen=True, slots=True)
class StorageUse:
    """A number of articles, and their total length in characters (code points)."""

    articles: int = 0
    characters: int = 0

    def with_text(self, text: str) -> StorageUse:
        """Return this with one more article."""
        return StorageUse(self.articles + 1, self.characters + len(text))


def require_count(library: Library, quota: StorageQuota, ahead: int = 0) -> None:
    """Raise QuotaError if the library has no room for another article, after `ahead` that are about to be stored."""
    count = (library.catalog.size()[0] if library.catalog else 0) + ahead
    if count >= quota.articles:
        raise QuotaError(texts.ARTICLES_FULL.format(count=count, limit=quota.articles))


def require_space(library: Library, draft: Draft, quota: StorageQuota, ahead: StorageUse = StorageUse()) -> None:
    """Raise QuotaError if storing a draft would exceed the limits; the article that it replaces is not counted.

    `ahead` are articles that are about to be stored before it.
    """
    catalog = library.catalog
    characters = (catalog.size()[1] if catalog else 0) + ahead.characters
    source = catalog.sources.get(draft.key) if catalog else None
    before = catalog.article(source.article_id) if catalog and source else None
    if before is None:
        require_count(library, quota, ahead.articles)
    if characters - (len(before.text) if before else 0) + len(draft.text) > quota.characters:
        raise QuotaError(texts.CHARACTERS_FULL.format(count=characters, limit=quota.characters))
