"""Reads web pages, uploads and Discord messages into drafts, on the fetch thread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Final, TypeVar

from cogs.articles.thread_source import ThreadTranscript
from cogs.core.worker import BusyError, Priority
from cogs.services import Resources
from cogs.ui.truncate import escaped_name, shorten
from i18n import texts
from index.catalog.article_sources import Source
from index.models import Draft, UserError
from index.sources.chat_log import draft_from_chat
from index.sources.crawler import PageVisit, SiteListing, inspect_address, load_pages, visit_page
from index.sources.discovery import Failure
from index.sources.loader import Item, Unchanged, draft_from_text, drafts_from_upload
from index.text.display_names import display_line

T = TypeVar("T")

MAX_UPLOAD: Final = 10_000_000  # bytes; the upload limit of most Discord members
_MAX_CHARACTERS: Final = 2_000_000  # of one article; a long book has about 1,000,000
_MAX_MESSAGE_TITLE: Final = 80
_MARKS: Final = re.compile(r"^[\s#>*_~`|-]+|[\s*_~`|]+$")  # Markdown around a line
_MAX_SOURCE: Final = 200


class SourceReader:
    """Reads sources into drafts on the fetch thread, because fetching and parsing wait for other machines.

    Unless a method says otherwise, it raises UserError if a source cannot be read, saying what is wrong and what to do.
    """

    def __init__(self, resources: Resources) -> None:
        """Use this thread and fetcher."""
        self._fetching = resources.fetch_worker
        self._fetcher = resources.fetcher

    async def inspect(self, address: str, limit: int | None) -> Draft | SiteListing:
        """Return what is at an address: the draft of a page, or the pages that a sitemap, feed or website leads to.

        A web page counts as a website if `limit`, the number of wanted pages, is at least 2.
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

    async def visit(self, key: str, origin: str, inside: str | None, known: str | None) -> PageVisit:
        """Read one page of a site, at low priority; a page that cannot be read has a Failure as its item.

        `inside` is where the page's links are followed, `known` the version that the library has.
        """
        # Waits here rather than on the fetch thread: the rate limit of one host must not delay requests to others.
        await asyncio.sleep(await self.run(lambda: self._fetcher.pause(key)))

        def read() -> PageVisit:
            page = visit_page(self._fetcher, key, origin, inside, lambda _key: known)
            try:
                _require_length(page.item)
            except UserError as error:
                return replace(page, item=Failure(key, str(error), key))
            return page

        return await self.run(read)

    async def read_upload(self, guild_id: int, name: str, data: bytes) -> Draft | list[Draft | Failure]:
        """Return the draft of an attached file, or the drafts and failures of an archive's files.

        The file name identifies the source: storing it again in the same server replaces the earlier article.
        """
        name = display_line(name.replace("\\", "/").rpartition("/")[2])
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
        title, key = shorten(display_line(first), _MAX_MESSAGE_TITLE), f"discord-message:{guild_id}/{link}"
        draft = await self._read_source(
            link, lambda: draft_from_text(text, key=key, source=link, markdown=True, title=title)
        )
        return draft if channel_id is None else replace(draft, origin=channel_key(guild_id, channel_id))

    async def read_thread(self, guild_id: int, thread: ThreadTranscript) -> Draft:
        """Return the draft of a thread. The link identifies the source."""
        key = f"discord-thread:{guild_id}/{thread.link}"
        return await self._read_source(
            thread.title, lambda: draft_from_chat(thread.messages, key=key, source=thread.link, title=thread.title)
        )

    async def reread(self, source: Source) -> Draft | None:
        """Fetch a web page of a library again; return its draft, or None if the page has not changed."""

        def read() -> Draft | None:
            item = next(load_pages(self._fetcher, source.key, 1, lambda _key: source.version), None)
            return None if isinstance(item, Unchanged) else replace(_single_page(item), origin=source.origin)

        return await self._read_source(source.shown, read)

    async def run(self, job: Callable[[], T]) -> T:
        """Run a job on the fetch thread, after everything that members are waiting for."""
        return await self._fetching.run(job, priority=Priority.LOADING)

    async def run_in_steps(self, steps: Generator[object, None, T]) -> T:
        """Run a generator step by step on the fetch thread, so that others are served between two steps."""
        return await self._fetching.run_in_steps(steps)

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
    return UserError(texts.ARTICLE_FAILED.format(source=escaped_name(source, _MAX_SOURCE), reason=reason))
