"""Stores, refreshes and removes articles of the servers' own libraries."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from cogs.articles.article_cards import bold_title
from cogs.articles.source_reader import SourceReader, turn_of
from cogs.articles.storage_quota import quota_of, require_space
from cogs.core.job_queue import BusyError, Priority
from cogs.services import Resources
from i18n import texts
from index.catalog.article_sources import Source
from index.libraries.ingestion import Steps
from index.libraries.library import Library
from index.libraries.library_names import own_library
from index.models import Article, Draft, Receipt, UserError
from index.sources.crawler import PageVisit
from index.sources.discovery import Failure
from index.sources.http.addresses import is_address

T = TypeVar("T")


class ArticleService:
    """Async access to the servers' own libraries, on the worker thread that owns them.

    `reader` turns sources into drafts, and `quota` is what each server may store.
    """

    def __init__(self, resources: Resources) -> None:
        """Use these threads, libraries and fetcher."""
        self._worker = resources.worker
        self._libraries = resources.libraries
        self.reader = SourceReader(resources)
        self.quota = quota_of(resources.settings)

    @property
    def is_stopping(self) -> bool:
        """Whether jobs are refused because the bot stops."""
        return self._worker.is_stopping

    async def run(self, guild_id: int, job: Callable[[Library], T]) -> T:
        """Run a short job with a server's own library on the worker thread, after all waiting questions."""
        own = own_library(guild_id)
        turn = turn_of(guild_id)
        return await self._worker.run(lambda: job(self._libraries().open(own)), priority=Priority.LOADING, turn=turn)

    async def run_in_steps(
        self, guild_id: int, job: Callable[[Library], Generator[object, None, T]], size: int = 0
    ) -> T:
        """Run a long job with a server's own library on the worker thread, in pieces of at most 100 ms between answers.

        `size` is the number of bytes that the job holds. Returns the generator's return value.
        """

        def steps() -> Generator[object, None, T]:
            library = self._libraries().open(own_library(guild_id))
            with library.in_use():
                return (yield from job(library))

        return await self._worker.run_in_steps(steps(), turn=turn_of(guild_id), size=size)

    async def add(self, guild_id: int, draft: Draft, who: str = "") -> Receipt:
        """Store an article in a server's own library; `who` is the author of the change in the history.

        Raises QuotaError if the server has no room left.
        """

        def adding(library: Library) -> Steps:
            require_space(library, draft, self.quota)
            return (yield from library.add_in_steps(draft, who))

        return await self.run_in_steps(guild_id, adding, len(draft.text))

    async def read_page(self, guild_id: int, key: str, origin: str, inside: str | None) -> PageVisit:
        """Read one page of a site, at low priority; a page that cannot be read has a Failure as its item.

        For a page of a sitemap or feed that the library already has, this is one conditional request.
        """
        known = None if inside else await self.run(guild_id, lambda library: library.source_version(key))
        return await self.reader.visit(guild_id, key, origin, inside, known)

    async def record_failures(self, guild_id: int, origin: str | None, failures: Sequence[Failure]) -> None:
        """Store with their sources, or with the sources of a site, why they could not be read.

        A reason is kept until the next successful check.
        """

        def record(library: Library) -> None:
            if library.catalog is not None:
                library.catalog.sources.record_check((), origin, failures)

        await self.run(guild_id, record)

    async def refresh(self, guild_id: int, article: Article, who: str = "") -> list[Receipt]:
        """Fetch an article of a server's own library again from its addresses; return one receipt for each.

        Raises UserError if the article has no address, or one cannot be read.
        """

        def addresses(library: Library) -> list[Source]:
            catalog = library.catalog
            known = catalog.sources.all() if catalog else []
            # Other keys must not be opened here: the keys of the operator's files are paths.
            return [source for source in known if source.article_id == article.id and is_address(source.key)]

        found = await self.run(guild_id, addresses)
        if not found:
            raise UserError(texts.ARTICLE_NO_ADDRESS.format(article=bold_title(article.title)))
        return [await self._refresh(guild_id, source, who) for source in found]

    async def _refresh(self, guild_id: int, source: Source, who: str) -> Receipt:
        try:
            draft = await self.reader.reread(guild_id, source)
        except BusyError:
            raise
        except UserError as error:
            cause = error.__cause__  # without the name of the source
            reason = (cause if isinstance(cause, UserError) else error).sentence
            failure = Failure(source.shown, reason, key=source.key, origin=source.origin)
            await self.record_failures(guild_id, None, [failure])
            raise
        receipt = await (
            self.add(guild_id, draft, who) if draft is not None else self.mark_unchanged(guild_id, source.key)
        )
        if receipt is None:
            raise UserError(texts.ARTICLE_REMOVED_BEFORE)
        return receipt

    async def mark_unchanged(self, guild_id: int, key: str) -> Receipt | None:
        """Record that a source has not changed; return its receipt, or None if the source is gone."""
        return await self.run(guild_id, lambda library: library.mark_unchanged(key))
