"""What reads, stores and removes the articles of servers, each in the thread where that holds up nobody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from cogs.articles.article_cards import titled
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

MAX_UPLOAD: Final = 10_000_000  # bytes; as much as Discord lets most members send
_MAX_CHARACTERS: Final = 2_000_000  # of one article; a long book has about a million
_MAX_MESSAGE_TITLE: Final = 80
_MARKS: Final = re.compile(r"^[\s#>*_~`|-]+|[\s*_~`|]+$")  # of Discord's markdown, around a line
_MAX_SOURCE: Final = 200


class ArticleService:
    """Reads, stores and removes articles of the servers' own libraries.

    Fetching and parsing wait for other machines, so they have a thread of their own. The worker that owns the
    libraries stores in pieces, between answers.
    """

    def __init__(self, resources: Resources) -> None:
        """Take the threads, the libraries and the fetcher; `quota` is what each server may store."""
        self._worker = resources.worker
        self._fetching = resources.fetch_worker
        self._libraries = resources.libraries
        self._fetcher = resources.fetcher
        self.quota = quota_of(resources.settings)

    async def look(self, address: str, limit: int | None) -> Draft | SiteListing:
        """Fetch what is at an address: a page, or a site of which more is wanted. Raises UserError as `upload` does."""

        def read() -> Draft | SiteListing:
            found = inspect_address(self._fetcher, address, limit, lambda _key: None)
            if not isinstance(found, SiteListing):
                return _one_page(found)
            if not found.keys:
                raise UserError(found.failures[0].reason if found.failures else texts.SITE_EMPTY)
            if isinstance(found.first, PageVisit) and isinstance(found.first.item, Failure):
                raise UserError(found.first.item.reason)
            return found

        return await self._read(address, read)

    async def visit(self, guild_id: int, key: str, origin: str, inside: str | None) -> PageVisit:
        """Read one page of a site, behind whatever members wait for; what cannot be read is a Failure in it.

        A page of a sitemap or feed that the library holds already costs one conditional request.
        """
        known = None if inside else await self.job(guild_id, lambda library: library.version(key))
        # Waiting for a polite moment must hold up no other host.
        await asyncio.sleep(await self.read(lambda: self._fetcher.pause(key)))

        def read() -> PageVisit:
            seen = visit_page(self._fetcher, key, origin, inside, lambda _key: known)
            try:
                _require_length(seen.item)
            except UserError as error:
                return replace(seen, item=Failure(key, str(error), key))
            return seen

        return await self.read(read)

    async def upload(self, guild_id: int, name: str, data: bytes) -> Draft | list[Draft | Failure]:
        """Read a file that was sent, or the files of an archive.

        The same name in the same server takes the place of what it held before.
        Raises UserError with what is wrong and what to do.
        """
        name = one_line(name.replace("\\", "/").rpartition("/")[2])
        return await self._read(name, lambda: drafts_from_upload(name, data, key=f"discord:{guild_id}/{name}"))

    async def text(self, guild_id: int, title: str, text: str, source: str) -> Draft:
        """Read a pasted text, with what is shown as its source.

        The same title in the same server takes the place of what it held before.
        """
        key = f"discord-text:{guild_id}/{title}"
        return await self._read(
            title, lambda: draft_from_text(text, key=key, source=source, markdown=True, title=title)
        )

    async def message(self, guild_id: int, link: str, text: str, channel_id: int | None = None) -> Draft:
        """Read a message's text, titled by its first line; saved again it takes the place of what it held before.

        `channel_id` is that of a channel that is a source as a whole.
        """
        first = _MARKS.sub("", next(line for line in text.splitlines() if line.strip()))
        title, key = shortened(one_line(first), _MAX_MESSAGE_TITLE), f"discord-message:{guild_id}/{link}"
        draft = await self._read(link, lambda: draft_from_text(text, key=key, source=link, markdown=True, title=title))
        return draft if channel_id is None else replace(draft, origin=channel_key(guild_id, channel_id))

    async def talk(self, guild_id: int, link: str, title: str, said: Sequence[ChatMessage]) -> Draft:
        """Read a conversation; saved again it takes the place of what it held before."""
        key = f"discord-thread:{guild_id}/{link}"
        return await self._read(title, lambda: draft_from_chat(said, key=key, source=link, title=title))

    async def job(self, guild_id: int, job: Callable[[Library], T]) -> T:
        """Do something short with a server's own library, in the thread that owns it and behind all questions."""
        own = own_library(guild_id)
        return await self._worker.run(lambda: job(self._libraries().open(own)), priority=Priority.LOADING)

    async def work(self, guild_id: int, work: Callable[[Library], Generator[object, None, T]]) -> T:
        """Do something long with a server's own library, in pieces of at most 100 ms, between all questions."""

        def pieces() -> Generator[object, None, T]:
            return (yield from work(self._libraries().open(own_library(guild_id))))

        return await self._worker.run_pieces(pieces())

    async def add(self, guild_id: int, draft: Draft, who: str = "") -> Receipt:
        """Store an article in a server's own library. Raises UserError where it has too many."""

        def adding(library: Library) -> Pieces:
            require_space(library, draft, self.quota)
            return (yield from library.adding(draft, who))

        return await self.work(guild_id, adding)

    async def fail(self, guild_id: int, origin: str | None, failures: Sequence[Failure]) -> None:
        """Keep with their sources, or with those of a site, why they could not be read, until they can be."""

        def keep(library: Library) -> None:
            if library.catalog is not None:
                library.catalog.sources.looked((), origin, failures)

        await self.job(guild_id, keep)

    async def forget_member(self, who: str) -> None:
        """Delete from the history of every library that it was they who did something."""
        await self._worker.run(lambda: self._libraries().forget(who), priority=Priority.LOADING)

    async def refresh(self, guild_id: int, article: Article, who: str = "") -> list[Receipt]:
        """Read an article of a server's own library from its addresses again, and return what became of each.

        Raises UserError where it has none, or one cannot be read.
        """

        def addresses(library: Library) -> list[Source]:
            catalog = library.catalog
            known = catalog.sources.all() if catalog else []
            # Whatever else a source's key is, it must not be opened: the operator's files have paths for keys.
            return [source for source in known if source.article_id == article.id and is_address(source.key)]

        found = await self.job(guild_id, addresses)
        if not found:
            raise UserError(texts.ARTICLE_NO_ADDRESS.format(article=titled(article.title)))
        return [await self._refreshed(guild_id, source, who) for source in found]

    async def _refreshed(self, guild_id: int, source: Source, who: str) -> Receipt:
        def read() -> Draft | None:
            item = next(load_pages(self._fetcher, source.key, 1, lambda _key: source.version), None)
            return None if isinstance(item, Unchanged) else replace(_one_page(item), origin=source.origin)

        try:
            draft = await self._read(source.shown, read)
        except BusyError:
            raise
        except UserError as error:
            reason = str(error.__cause__ or error)
            failure = Failure(source.shown, reason, key=source.key, origin=source.origin)
            await self.fail(guild_id, None, [failure])
            raise
        receipt = await (self.add(guild_id, draft, who) if draft is not None else self.unchanged(guild_id, source.key))
        if receipt is None:
            raise UserError(texts.ARTICLE_REMOVED_BEFORE)
        return receipt

    async def unchanged(self, guild_id: int, key: str) -> Receipt | None:
        """Note that a source is as it was; return its receipt, None where it is gone."""
        return await self.job(guild_id, lambda library: library.unchanged(key))

    async def read(self, read: Callable[[], T]) -> T:
        """Read something in the thread for it, behind what members have fetched."""
        return await self._fetching.run(read, priority=Priority.LOADING)

    async def _read(self, source: str, read: Callable[[], T]) -> T:
        """Read a source in the thread for it; a failure names the source."""

        def checked() -> T:
            found = read()
            _require_length(found)
            return found

        try:
            return await self._fetching.run(checked)
        except BusyError:
            raise
        except UserError as error:
            raise failed(source, str(error)) from error


def channel_key(guild_id: int, channel_id: int) -> str:
    """Name a channel as the origin of its messages; it is neither an address nor a path, so nothing refreshes it."""
    return f"discord-channel:{guild_id}/{channel_id}"


def _require_length(found: object) -> None:
    for draft in found if isinstance(found, list) else [found]:
        if isinstance(draft, Draft) and len(draft.text) > _MAX_CHARACTERS:
            raise UserError(texts.ARTICLE_TOO_LONG.format(limit=_MAX_CHARACTERS))


def _one_page(item: Item | None) -> Draft:
    """Return the draft of a single page. Raises UserError for any other."""
    if isinstance(item, Draft) and item.origin is None:
        return item
    raise UserError(item.reason if isinstance(item, Failure) else texts.ARTICLE_WHOLE_SITE)


def failed(source: str, reason: str) -> UserError:
    """Return the error that says why a source cannot be read."""
    return UserError(texts.ARTICLE_FAILED.format(source=name(source, _MAX_SOURCE), reason=reason))
