"""Reads sources into drafts and stores articles in the servers' libraries, each step on the thread meant for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from cogs.articles.article_cards import bold_title
from cogs.articles.storage_quota import quota_of, require_space
from cogs.core.worker import BusyError, Priority
from cogs.services import Resources
from cogs.ui.escape import one_line
from cogs.ui.truncate import name, shortened
from i18n import texts
from index.catalog.article_sources import Source
from index.libraries.ingestion import Pieces
from index.libraries.library import Library
from index.models import Article, Draft, Receipt, UserError
from index.sources.chat_log import ChatMessage, draft_from_chat
from index.sources.crawler import PageVisit, SiteListing, inspect_address, load_pages, visit_page
from index.sources.discovery import Failure
from index.sources.http.addresses import is_address
from index.sources.loader import Item, Unchanged, draft_from_text, drafts_from_upload
from qa.ask import own_library

T = TypeVar("T")

MAX_UPLOAD: Final = 10_000_000  # bytes; the upload limit of most Discord members
_MAX_CHARACTERS: Final = 2_000_000  # of one article; a long book has about 1,000,000
_MAX_MESSAGE_TITLE: Final = 80
_MARKS: Final = re.compile(r"^[\s#>*_~`|-]+|[\s*_~`|]+$")  # Markdown around a line
_MAX_SOURCE: Final = 200


class ArticleService:
    """Reads, stores and removes articles of the servers' own libraries.

    Fetching and parsing run on the fetch thread, because they wait for other machines. Storing runs on the worker
    thread, which owns the libraries, in pieces between answers.
    """

    def __init__(self, resources: Resources) -> None:
        """Use these threads, libraries and fetcher; `quota` is what each server may store."""
        self._worker = resources.worker
        self._fetching = resources.fetch_worker
        self._libraries = resources.libraries
        self._fetcher = resources.fetcher
        self.quota = quota_of(resources.settings)

    async def inspect(self, address: str, limit: int | None) -> Draft | SiteListing:
        """Return what is at an address: the draft of a page, or the pages that a sitemap, feed or website leads to.

        A web page counts as a website if `limit`, the number of wanted pages, is at least 2. Raises UserError if
        nothing can be read.
        """

        def read() -> Draft | SiteListing:
            found = inspect_address(self._fetcher, address, limit, lambda _key: None)
            if not isinstance(found, SiteListing):
                return _single_page(found)
            if not found.keys:
                raise UserError(found.failures[0].reason if found.failures else texts.SITE_EMPTY)
            if isinstance(found.first, PageVisit) and isinstance(found.first.item, Failure):
                raise UserError(found.first.item.reason)
            return found

        return await self._read_source(address, read)

    async def read_page(self, guild_id: int, key: str, origin: str, inside: str | None) -> PageVisit:
        """Read one page of a site, at low priority; a page that cannot be read has a Failure as its item.

        For a page of a sitemap or feed that the library already has, this is one conditional request.
        """
        known = None if inside else await self.run(guild_id, lambda library: library.version(key))
        # Waits here rather than on the fetch thread: the rate limit of one host must not delay requests to others.
        await asyncio.sleep(await self.run_fetch(lambda: self._fetcher.pause(key)))

        def read() -> PageVisit:
            page = visit_page(self._fetcher, key, origin, inside, lambda _key: known)
            try:
                _require_length(page.item)
            except UserError as error:
                return replace(page, item=Failure(key, str(error), key))
            return page

        return await self.run_fetch(read)

    async def read_upload(self, guild_id: int, name: str, data: bytes) -> Draft | list[Draft | Failure]:
        """Return the draft of an attached file, or the drafts and failures of an archive's files.

        The file name identifies the source: storing it again in the same server replaces the earlier article.
        Raises UserError, saying what is wrong and what to do, if the file cannot be read.
        """
        name = one_line(name.replace("\\", "/").rpartition("/")[2])
        return await self._read_source(name, lambda: drafts_from_upload(name, data, key=f"discord:{guild_id}/{name}"))

    async def read_text(self, guild_id: int, title: str, text: str, source: str) -> Draft:
        """Return the draft of a pasted text; `source` is what readers see as its source.

        The title identifies the source: storing it again in the same server replaces the earlier article.
        """
        key = f"discord-text:{guild_id}/{title}"
        return await self._read_source(
            title, lambda: draft_from_text(text, key=key, source=source, markdown=True, title=title)
        )

    async def read_message(self, guild_id: int, link: str, text: str, channel_id: int | None = None) -> Draft:
        """Return the draft of a message, titled by its first line.

        The link identifies the source. `channel_id` is given if the whole channel is a source.
        """
        first = _MARKS.sub("", next(line for line in text.splitlines() if line.strip()))
        title, key = shortened(one_line(first), _MAX_MESSAGE_TITLE), f"discord-message:{guild_id}/{link}"
        draft = await self._read_source(
            link, lambda: draft_from_text(text, key=key, source=link, markdown=True, title=title)
        )
        return draft if channel_id is None else replace(draft, origin=channel_key(guild_id, channel_id))

    async def read_thread(self, guild_id: int, link: str, title: str, messages: Sequence[ChatMessage]) -> Draft:
        """Return the draft of a thread. The link identifies the source."""
        key = f"discord-thread:{guild_id}/{link}"
        return await self._read_source(title, lambda: draft_from_chat(messages, key=key, source=link, title=title))

    async def run(self, guild_id: int, job: Callable[[Library], T]) -> T:
        """Run a short job with a server's own library on the worker thread, after all waiting questions."""
        own = own_library(guild_id)
        return await self._worker.run(lambda: job(self._libraries().open(own)), priority=Priority.LOADING)

    async def run_in_steps(self, guild_id: int, job: Callable[[Library], Generator[object, None, T]]) -> T:
        """Run a long job with a server's own library on the worker thread, in pieces of at most 100 ms between answers.

        Returns the generator's return value.
        """

        def steps() -> Generator[object, None, T]:
            return (yield from job(self._libraries().open(own_library(guild_id))))

        return await self._worker.run_pieces(steps())

    async def add(self, guild_id: int, draft: Draft, who: str = "") -> Receipt:
        """Store an article in a server's own library; `who` is the author of the change in the history.

        Raises QuotaError if the server has no room left.
        """

        def adding(library: Library) -> Pieces:
            require_space(library, draft, self.quota)
            return (yield from library.adding(draft, who))

        return await self.run_in_steps(guild_id, adding)

    async def record_failures(self, guild_id: int, origin: str | None, failures: Sequence[Failure]) -> None:
        """Store with their sources, or with the sources of a site, why they could not be read.

        A reason is kept until the next successful check.
        """

        def record(library: Library) -> None:
            if library.catalog is not None:
                library.catalog.sources.looked((), origin, failures)

        await self.run(guild_id, record)

    async def forget_member(self, who: str) -> None:
        """Remove a member's id from the history of every library."""
        await self._worker.run(lambda: self._libraries().forget(who), priority=Priority.LOADING)

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
        return [await self._refreshed(guild_id, source, who) for source in found]

    async def _refreshed(self, guild_id: int, source: Source, who: str) -> Receipt:
        def read() -> Draft | None:
            item = next(load_pages(self._fetcher, source.key, 1, lambda _key: source.version), None)
            return None if isinstance(item, Unchanged) else replace(_single_page(item), origin=source.origin)

        try:
            draft = await self._read_source(source.shown, read)
        except BusyError:
            raise
        except UserError as error:
            reason = str(error.__cause__ or error)
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
        return await self.run(guild_id, lambda library: library.unchanged(key))

    async def run_fetch(self, job: Callable[[], T]) -> T:
        """Run a job on the fetch thread, after everything that members are waiting for."""
        return await self._fetching.run(job, priority=Priority.LOADING)

    async def _read_source(self, source: str, read: Callable[[], T]) -> T:
        """Read a source on the fetch thread. Raises UserError that names the source."""

        def checked() -> T:
            found = read()
            _require_length(found)
            return found

        try:
            return await self._fetching.run(checked)
        except BusyError:
            raise
        except UserError as error:
            raise source_error(source, str(error)) from error


def channel_key(guild_id: int, channel_id: int) -> str:
    """Return the origin of a channel's messages; as it is neither an address nor a path, it is never refreshed."""
    return f"discord-channel:{guild_id}/{channel_id}"


def _require_length(found: object) -> None:
    for draft in found if isinstance(found, list) else [found]:
        if isinstance(draft, Draft) and len(draft.text) > _MAX_CHARACTERS:
            raise UserError(texts.ARTICLE_TOO_LONG.format(limit=_MAX_CHARACTERS))


def _single_page(item: Item | None) -> Draft:
    """Return the draft of a single page. Raises UserError for a failure, an unchanged page or a page of a site."""
    if isinstance(item, Draft) and item.origin is None:
        return item
    raise UserError(item.reason if isinstance(item, Failure) else texts.ARTICLE_WHOLE_SITE)


def source_error(source: str, reason: str) -> UserError:
    """Return the error that names a source and says why it cannot be read."""
    return UserError(texts.ARTICLE_FAILED.format(source=name(source, _MAX_SOURCE), reason=reason))
