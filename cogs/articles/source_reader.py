"""Reads web pages, uploads and Discord messages into drafts, on the fetch threads."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from cogs.articles.held_bytes import HeldBytes
from cogs.articles.thread_source import ThreadTranscript
from cogs.core.fair_queue import Turn
from cogs.core.job_queue import BusyError, Priority
from cogs.services import Resources
from cogs.ui.truncate import escaped_name, shorten
from i18n import texts
from i18n.sentences import say
from index.catalog.article_sources import Source
from index.libraries.library_names import own_library
from index.models import Draft, UserError
from index.sources.chat_log import draft_from_chat
from index.sources.crawler import PageVisit, SiteListing, inspect_address, load_pages, visit_page
from index.sources.discovery import Failure
from index.sources.loader import Item, Unchanged, draft_from_text, drafts_from_upload
from index.text.display_names import display_line

T = TypeVar("T")

CHANNEL_KEYS: Final = "discord-channel:"  # how the origins of channels begin
WORDS_ORIGIN: Final = "discord-words:"  # and those of saved messages, which have nothing in common
MAX_UPLOAD: Final = 10_000_000  # bytes; the upload limit of most Discord members
_MAX_CHARACTERS: Final = 2_000_000  # of one article; a long book has about 1,000,000
_MAX_MESSAGE_TITLE: Final = 80
_MARKS: Final = re.compile(r"^[\s#>*_~`|-]+|[\s*_~`|]+$")  # Markdown around a line
_MAX_SOURCE: Final = 200


class SourceReader:
    """Reads sources into drafts on the fetch threads, because fetching and parsing wait for other machines.

    One source is read for a server at a time, and one more by jobs in the background. Unless a method says otherwise,
    it raises UserError if a source cannot be read, saying what is wrong and what to do.
    """

    def __init__(self, resources: Resources) -> None:
        """Use these threads and this fetcher."""
        self.uploads = HeldBytes()
        self._fetching = resources.fetch_worker
        self._fetcher = resources.fetcher

    async def inspect(self, guild_id: int, address: str, limit: int | None) -> Draft | SiteListing:
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

        await self._wait_for_host(guild_id, address)
        return await self._read_source(guild_id, address, read)

    async def visit(self, guild_id: int, key: str, origin: str, inside: str | None, known: str | None) -> PageVisit:
        """Read one page of a site, at low priority; a page that cannot be read has a Failure as its item.

        `inside` is where the page's links are followed, `known` the version that the library has.
        """
        await self._wait_for_host(guild_id, key, Priority.LOADING)

        def read() -> PageVisit:
            page = visit_page(self._fetcher, key, origin, inside, lambda _key: known)
            try:
                _require_length(page.item)
            except UserError as error:
                return replace(page, item=Failure(key, error.sentence, key))
            return page

        return await self._fetching.run(read, priority=Priority.LOADING, turn=turn_of(guild_id))

    async def read_upload(self, guild_id: int, name: str, data: bytes) -> Draft | list[Draft | Failure]:
        """Return the draft of an attached file, or the drafts and failures of an archive's files.

        The file name identifies the source: storing it again in the same server replaces the earlier article.
        """
        name = display_line(name.replace("\\", "/").rpartition("/")[2])
        key = f"discord:{guild_id}/{name}"
        return await self._read_source(guild_id, name, lambda: drafts_from_upload(name, data, key=key), len(data))

    async def read_text(self, guild_id: int, title: str, text: str, source: str) -> Draft:
        """Return the draft of a pasted text; `source` is what readers see as its source.

        The title identifies the source: storing it again in the same server replaces the earlier article.
        """
        key = f"discord-text:{guild_id}/{title}"
        return await self._read_source(
            guild_id, title, lambda: draft_from_text(text, key=key, source=source, markdown=True, title=title)
        )

    async def read_message(self, guild_id: int, link: str, text: str, channel_id: int | None = None) -> Draft:
        """Return the draft of a message, titled by its first line.

        The link identifies the source. `channel_id` is given if the whole channel is a source.
        """
        title, key = first_line_title(text), f"discord-message:{guild_id}/{link}"
        draft = await self._read_source(
            guild_id, link, lambda: draft_from_text(text, key=key, source=link, markdown=True, title=title)
        )
        return draft if channel_id is None else replace(draft, origin=channel_key(guild_id, channel_id))

    async def read_thread(self, guild_id: int, thread: ThreadTranscript) -> Draft:
        """Return the draft of a thread. The link identifies the source."""
        key = f"discord-thread:{guild_id}/{thread.link}"
        return await self._read_source(
            guild_id,
            thread.title,
            lambda: draft_from_chat(thread.messages, key=key, source=thread.link, title=thread.title),
        )

    async def reread(self, guild_id: int, source: Source) -> Draft | None:
        """Fetch a web page of a library again; return its draft, or None if the page has not changed."""

        def read() -> Draft | None:
            item = next(load_pages(self._fetcher, source.key, 1, lambda _key: source.version), None)
            return None if isinstance(item, Unchanged) else replace(_single_page(item), origin=source.origin)

        await self._wait_for_host(guild_id, source.key)
        return await self._read_source(guild_id, source.shown, read)

    async def run_in_steps(self, guild_id: int, steps: Generator[object, None, T], size: int) -> T:
        """Run a generator, which holds `size` bytes, on the fetch threads; others are served between two steps."""
        return await self._fetching.run_in_steps(steps, turn=turn_of(guild_id), size=size)

    async def _wait_for_host(self, guild_id: int, address: str, priority: Priority = Priority.ANSWER) -> None:
        """Wait until a host may be asked: here, so that its rate limit takes no thread from other requests."""
        job = partial(self._fetcher.pause, address)
        try:
            pause = await self._fetching.run(job, priority=priority, turn=turn_of(guild_id))
        except BusyError:
            raise
        except UserError:  # an invalid address is reported when it is read
            return
        await asyncio.sleep(pause)

    async def _read_source(self, guild_id: int, source: str, read: Callable[[], T], size: int = 0) -> T:
        """Read a source, of `size` bytes if it was sent, on a fetch thread. Raises UserError that names the source."""

        def checked() -> T:
            found = read()
            _require_length(found)
            return found

        try:
            return await self._fetching.run(checked, turn=turn_of(guild_id), size=size)
        except BusyError:
            raise
        except UserError as error:
            raise source_error(source, error.sentence) from error


def first_line_title(text: str) -> str:
    """Return a title for a text that has none: its first line that is not blank, without Markdown."""
    first = _MARKS.sub("", next(line for line in text.splitlines() if line.strip()))
    return shorten(display_line(first), _MAX_MESSAGE_TITLE)


def turn_of(guild_id: int) -> Turn:
    """Return for whom jobs with the articles of a server are done."""
    return Turn(own_library(guild_id))


def channel_key(guild_id: int, channel_id: int) -> str:
    """Return the origin of a channel's messages; as it is neither an address nor a path, it is never refreshed."""
    return f"{CHANNEL_KEYS}{guild_id}/{channel_id}"


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
    """Return the error that names a source and says, in the language in force, why it cannot be read."""
    return UserError(texts.ARTICLE_FAILED.format(source=escaped_name(source, _MAX_SOURCE), reason=say(reason)))
