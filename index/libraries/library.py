"""A library: stores articles and opens the indexes to search them. One per Discord server, plus the shared one.

The catalogue is the source of truth; the dense and the lexical index are caches of it. They are brought up to date
whenever the catalogue's generation has changed, by this process or another.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from index.catalog.history import ChangeDetails
from index.incremental import finish
from index.indexes.background_saving import SAVER
from index.indexes.index_version import IndexVersion
from index.libraries.batch_ingestion import Outcome, add_articles
from index.libraries.ingestion import BATCH_SIZE, Ingestion, Steps, add_article
from index.libraries.integrity import find_problems
from index.libraries.library_files import LibraryFiles
from index.libraries.reindexing import reindex_articles, rename_article, update_article
from index.libraries.restoring import restore_version
from index.libraries.site_cleaning import clean_site
from index.models import Draft, Receipt
from index.sources.http.addresses import is_address
from index.sqlite_errors import SearchUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from index.catalog.store import Catalog

_log = logging.getLogger(__name__)

_WHOLE: Final = 1_000_000  # passages per step where nobody waits: all of an article


class Library(LibraryFiles):
    """One library: its catalogue, and its indexes in one folder. Owned by one thread; other processes may change both.

    `embedder` is called when a model is needed, to add, ask or reindex, but not to read or remove.
    """

    def add(self, draft: Draft, who: str = "") -> Receipt:
        """Store an article unless the library has it; it replaces what its source held before.

        Raises UserError if the library was built with another model, or if the text contains NUL.
        """
        return finish(self.add_in_steps(draft, who, batch_size=len(draft.text) + 1))

    def add_in_steps(
        self, draft: Draft, who: str = "", batch_size: int = BATCH_SIZE, *, unless_changed: bool = False
    ) -> Steps:
        """Do the same as `add` in steps, between which others may use the library; the generator returns the receipt.

        A step embeds at most `batch_size` passages. The article is stored once all are embedded, then indexed. With
        `unless_changed` it raises SourceChangedError if its source was removed or replaced in the meantime.
        """
        how = replace(self._ingestion(who, batch_size), unless_changed=unless_changed)
        return (yield from self._track_change(add_article(self._open_or_create(), draft, how)))

    def add_all_in_steps(
        self, drafts: Sequence[Draft], who: str = "", batch_size: int = BATCH_SIZE
    ) -> Generator[Outcome | None, None, None]:
        """Add articles as `add` does one after another, in steps, in less time than that takes.

        Yields an outcome for each, in order, once it is durable: its receipt, or the UserError that kept it from being
        stored; None between steps. `drafts` should not be many more than `batch_ingestion.is_full` asks for. Raises
        SettingsError and StorageError.
        """
        how = self._ingestion(who, batch_size)
        with self.in_use():
            for outcome in add_articles(self._open_or_create(), drafts, how):
                if isinstance(outcome, Receipt):
                    self._changed = self._changed or outcome.status != "unchanged"
                yield outcome

    def add_all(self, drafts: Sequence[Draft], who: str = "") -> Iterator[Outcome]:
        """Do the same without interruption: yield an outcome for each article."""
        steps = self.add_all_in_steps(drafts, who, batch_size=_WHOLE)
        return (outcome for outcome in steps if outcome is not None)

    def rename_in_steps(self, article_id: int, title: str, who: str = "", batch_size: int = BATCH_SIZE) -> Steps:
        """Give an article another title, in steps. Raises UserError for an invalid title or an unknown article."""
        how = self._ingestion(who, batch_size)
        return (yield from self._track_change(rename_article(self._require_catalog(), article_id, title, how)))

    def restore_in_steps(self, number: int, who: str = "", batch_size: int = BATCH_SIZE) -> Steps:
        """Restore the version before a history entry, in steps. Raises UserError if it is not kept."""
        how = self._ingestion(who, batch_size)
        return (yield from self._track_change(restore_version(self._require_catalog(), number, how)))

    def _ingestion(self, who: str, batch_size: int) -> Ingestion:
        return Ingestion(self._checked_embedder, who, batch_size, self._sync_open_indexes)

    def _track_change(self, steps: Steps) -> Steps:
        with self.in_use():
            receipt = yield from steps
        self._changed = self._changed or receipt.status != "unchanged"
        return receipt

    def remove(self, article_id: int, who: str = "", *, purge: bool = False) -> bool:
        """Remove an article with all its sources; return whether it existed. Needs no model.

        It can be restored for a while. With `purge` it cannot, and kept versions of it, or of an article that was
        removed before, are deleted too, and so are copies of the catalogue from before migrations.
        """
        catalog = self._open_if_present()
        gone = catalog.remove(article_id, ChangeDetails(who), purge=purge) if catalog else None
        self._changed = self._changed or gone is not None
        if catalog and gone is not None and self._indexes:
            finish(self._indexes.sync_in_steps(catalog))
        if catalog and purge and gone is not None and (epoch := catalog.meta("epoch")):
            try:
                self._synced_indexes(catalog, epoch).lexical.compact()
            except SearchUnreachableError as error:  # what was purged is gone from the catalogue
                _log.warning("The indexes of the library %r forget what was purged later: %s", self.name, error)
            self._close_indexes()  # this truncates their logs
            SAVER.wait(self._folder)
            self._catalogs.delete_copies(self.name)
        return gone is not None

    def remove_source(self, key: str, who: str = "", *, missing: str | None = None) -> bool:
        """Remove a source, and its article if that has no other source; return whether it was removed. Needs no model.

        With `missing` it is only removed if it has been missing since then.
        """
        catalog = self._open_if_present()
        gone = catalog.remove_source(key, ChangeDetails(who), missing=missing) if catalog else None
        self._changed = self._changed or gone is not None
        return gone is not None

    def mark_unchanged(self, key: str) -> Receipt | None:
        """Record that a source has not changed, and return the receipt; None if the source is unknown."""
        catalog = self._open_if_present()
        source = catalog.sources.get(key) if catalog else None
        article = catalog.article(source.article_id) if catalog and source else None
        if catalog is None or source is None or article is None:
            return None
        catalog.sources.mark_present(key)
        return Receipt(article.id, article.title, source.shown, "unchanged", catalog.count_passages(article.id))

    def set_tags(self, article_id: int, names: Iterable[str], *, whole_origin: bool = False) -> bool:
        """Put an article into these collections, and take it out of others; return whether it exists.

        With `whole_origin` everything from its folder, site or channel is, if it was found through one, what is added
        later included. Raises UserError for a name that cannot be, or too many of them.
        """
        catalog = self._open_if_present()
        if catalog is None or not (keys := catalog.sources.keys_of_article(article_id)):
            return False
        found = {source.origin for key in keys if (source := catalog.sources.get(key)) and source.origin}
        names = list(names)
        for origin in found if whole_origin else ():
            catalog.tags.set_of_origin(origin, names)
        if not (whole_origin and found):
            catalog.tags.set_of_article(article_id, names)
        self._follow_change(catalog)
        return True

    def tag_origin(self, origin: str, names: Iterable[str]) -> None:
        """Put a folder, site or channel into these collections too, with all articles that are found through it."""
        catalog = self._open_or_create()
        catalog.tags.set_of_origin(origin, names, keep=True)
        self._follow_change(catalog)

    def _follow_change(self, catalog: Catalog) -> None:
        """Record in open indexes a change of the catalogue that has no passages."""
        self._changed = True
        if self._indexes:
            finish(self._indexes.sync_in_steps(catalog))

    def remember_origin(self, key: str, pages: int | None, depth: int | None = None) -> None:
        """Record that a folder, or a site with its limits, was added: a refresh adds what is new there."""
        self._open_or_create().sources.remember_origin(key, pages, depth)

    def clean_site_in_steps(self, origin: str, batch_size: int = BATCH_SIZE) -> Generator[None, None, int]:
        """Remove what repeats on the pages of a site from its articles, in steps; return how many pages had it.

        Does nothing for folders, archives and chats.
        """
        catalog = self._open_if_present()
        if catalog is None or not is_address(origin):
            return 0
        return (yield from clean_site(catalog, origin, lambda draft: self.add_in_steps(draft, "", batch_size)))

    def check(self) -> list[str]:
        """Check that the library is consistent: return a sentence for each problem. Needs no model.

        Damaged indexes are filled again from the catalogue, and checked once more. Wrong totals are corrected.
        """
        catalog = self._open_if_present()
        if catalog is None:
            return []
        epoch = catalog.meta("epoch")
        found = list(find_problems(catalog, self._synced_indexes(catalog, epoch) if epoch else None))
        damage = next((one for one in found if one.is_in_index), None)
        if epoch and damage:
            _log.warning("The indexes of the library %r are filled again: %s", self.name, damage.text)
            self._close_indexes()
            self._stores.delete(self._folder, catalog)
            found = list(find_problems(catalog, self._synced_indexes(catalog, epoch)))
        if catalog.recount():
            _log.warning("The totals of the library %r were wrong, and have been corrected", self.name)
        return [one.text for one in found]

    def reindex(self, progress: Callable[[int, int], None]) -> int:
        """Split and embed every article again; `progress` is called with (articles done, total). Return the total.

        Each article is stored in a transaction of its own, so that others can add articles meanwhile. If it is
        interrupted, the next run continues where it ended. Raises UserError if a file is locked or damaged.
        """
        return finish(self.reindex_in_steps(progress, batch_size=_WHOLE))

    def reindex_in_steps(
        self, progress: Callable[[int, int], None], batch_size: int = BATCH_SIZE
    ) -> Generator[None, None, int]:
        """Do the same as `reindex` in steps, between which others may use the library."""
        catalog = self._open_if_present()
        if catalog is None:
            return 0
        how = replace(self._ingestion("", batch_size), get_embedder=self._embedder)
        with self.in_use():
            self._close_indexes()
            self._changed = True
            return (yield from reindex_articles(catalog, how, progress))

    def outdated_articles(self) -> list[int]:
        """Return the ids of the articles that an earlier chunker split: they can be searched, but should be updated.

        Raises UserError if the library was built with another model.
        """
        catalog = self._open_if_present()
        if catalog is None or not catalog.has_passages():
            return []
        return catalog.outdated_articles(str(IndexVersion.of(self._checked_embedder())))

    def update_in_steps(self, article_id: int, batch_size: int = BATCH_SIZE) -> Generator[None, None, None]:
        """Split and embed one article again with the current chunker, in steps, between which others may search it."""
        catalog, how = self._require_catalog(), self._ingestion("", batch_size)
        how.get_embedder()
        self._changed = True
        with self.in_use():
            yield from update_article(catalog, article_id, how)
