"""Keeps the articles of saved messages in step with the messages, and with the questions that they cover."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from functools import partial
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.background_job import BackgroundJob
from cogs.core.job_queue import BusyError
from cogs.core.keyed_locks import KeyedLocks
from cogs.core.server_pieces import read_by_server
from cogs.helpers.covered_questions import CoveredQuestions
from cogs.helpers.saved_articles import source_key
from cogs.helpers.word_offers import WordOffers
from cogs.helpers.words_reader import UNKNOWN_MESSAGE, edited_at
from cogs.messaging.component_bot import ComponentBot
from cogs.messaging.retry import with_retries
from cogs.services import Services
from index.libraries.library_names import own_library
from index.models import UserError
from storage.saved_words import SavedWords

_log = logging.getLogger(__name__)

_MOST_CHECKED: Final = 50  # saved messages of a server that are read again after each start, the newest
_AT_ONCE: Final = 30  # of these, before other work
_PAUSE: Final = 1.0  # seconds between two of them, to stay within Discord's rate limits
_KEYS: Final = ("discord-message:", "discord-words:")  # how the keys of saved messages begin
_FOR_GOOD: Final = frozenset({403, 404})
_EXPECTED: Final = (UserError, discord.HTTPException, aiohttp.ClientError, OSError, SQLAlchemyError)


class WordsSync(BackgroundJob):
    """Updates the article of an edited message, and removes that of a deleted one.

    What fails is noted in discord.db and tried again by the background job. The newest messages are read again after
    each start, as they may have been edited or deleted meanwhile.
    """

    def __init__(self, bot: ComponentBot, services: Services, offers: WordOffers, covered: CoveredQuestions) -> None:
        """Use the client and what these offers have led to."""
        self._bot = bot
        self._store = services.store
        self._in_flight = services.in_flight
        self._message_content = services.settings.message_content
        self._saved = offers.saved
        self._articles = offers.articles
        self._covered = covered
        self._to_check: list[SavedWords] = []
        self._stamps: dict[int, tuple[int, ...]] = {}  # of the libraries, by server
        self._locks = KeyedLocks()  # by message

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Read the newest saved messages of the servers of a shard again."""
        shards, newest = self._bot.own_shards, list[SavedWords]()
        try:
            servers = await self._store.report(self._saved.servers)
            own = (one for one in servers if shards.of(one) == shard_id)
            async for some in read_by_server(self._store, own, self._newest):
                newest += some
        except (UserError, SQLAlchemyError):
            _log.warning("The saved messages could not be listed", exc_info=True)
        else:
            others = [words for words in self._to_check if shards.of(words.guild_id) != shard_id]
            self._to_check = others + newest
        self.wake()

    @commands.Cog.listener()
    async def on_store_change(self, is_reachable: bool) -> None:
        """Read them again, too, after it could not be looked up whether changed messages are saved ones."""
        for shard_id in self._bot.own_shards.ids if is_reachable else ():
            await self.on_shard_ready(shard_id)

    def _newest(self, guild_id: int) -> list[SavedWords]:
        return self._saved.of_server(guild_id, _MOST_CHECKED)

    async def run_once(self) -> None:
        """Do what is due, and compare new words with the questions that were not covered."""
        await self._compare_libraries()
        for words in await self._store.run(self._saved.due):
            await self._check(words)
        for words in await self._store.run(self._saved.not_compared):
            if self._is_here(words.guild_id):
                await self._compare(words)
        batch, self._to_check = self._to_check[:_AT_ONCE], self._to_check[_AT_ONCE:]
        for words in batch:
            await self._check(words)
            await asyncio.sleep(_PAUSE)
        if self._to_check:
            self.wake()

    async def _compare(self, words: SavedWords) -> None:
        try:
            await self._covered.compare(words)
        except _EXPECTED as error:  # a library that cannot be read must not hold up those of other servers
            _log.warning("Saved message %s could not be compared with questions: %s", words.message_id, error)

    async def _compare_libraries(self) -> None:
        """Let questions be gaps again if the articles that covered them were removed by hand."""
        servers = filter(self._bot.holds, await self._store.report(self._saved.servers))
        async for missing in read_by_server(self._store, servers, self._without_article):
            await self._store.run(partial(self._saved.uncover, missing))

    def _without_article(self, guild_id: int) -> list[int]:
        """Return a server's saved messages whose articles are gone, none if its library has not changed since."""
        catalogues, library = self._store.report_catalogues, own_library(guild_id)
        stamp = catalogues.modification_stamp(library)
        if self._stamps.get(guild_id) == stamp:
            return []
        self._stamps[guild_id] = stamp
        try:
            present = {key for key, _ in catalogues.articles_by_key(library, _KEYS)}
        except (UserError, SQLAlchemyError) as error:
            _log.warning("The saved messages of server %s could not be compared: %s", guild_id, error)
            return []
        return [words.id for words in self._saved.of_server(guild_id) if source_key(words) not in present]

    def _is_here(self, guild_id: int) -> bool:
        return self._bot.holds(guild_id) and self._bot.get_guild(guild_id) is not None

    async def _check(self, words: SavedWords) -> None:
        """Compare a saved message with Discord."""
        if not self._is_here(words.guild_id):
            return
        channel = self._bot.get_partial_messageable(words.channel_id, guild_id=words.guild_id)
        async with self._lock(words.message_id):
            try:
                message = await with_retries(partial(channel.fetch_message, words.message_id))
            except discord.HTTPException as error:
                if error.code == UNKNOWN_MESSAGE:
                    await self._attempt(words, None)
                elif words.due and error.status in _FOR_GOOD:
                    # A deleted channel, or one that the bot cannot read: the author has not deleted the message.
                    await self._store.run(lambda: self._saved.set(words.id, due=False))
                return
            except (aiohttp.ClientError, OSError):
                return
            await self._attempt(words, message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Update the article of an edited message."""
        # Discord also sends this event when it embeds the preview of a link; the message was not edited then.
        if payload.message.edited_at is not None:
            await self._changed({payload.message_id}, payload.message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Remove the article of a deleted message."""
        await self._changed({payload.message_id}, None)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Remove the articles of deleted messages."""
        await self._changed(payload.message_ids, None)

    async def _changed(self, message_ids: Collection[int], message: discord.Message | None) -> None:
        try:
            found = await self._store.run(lambda: self._saved.of_messages(message_ids))
        except (UserError, SQLAlchemyError):
            _log.warning("It could not be looked up whether a changed message is saved", exc_info=True)
            return
        for words in found:
            with self._in_flight.answering():
                async with self._lock(words.message_id):
                    await self._attempt(words, message)

    async def _attempt(self, words: SavedWords, message: discord.Message | None) -> None:
        """Bring an article in step with its message, None if that was deleted; note it if that fails."""
        try:
            if message is None:
                await self._articles.remove(words)
                await self._store.run(lambda: self._saved.drop(words.id))
            else:
                await self._update(words, message)
        except _EXPECTED as error:
            _log.warning("Saved message %s could not be followed: %s", words.message_id, error)
            await self._note_due(words)
        except Exception:  # noqa: BLE001 - nothing awaits a listener; it is tried again
            _log.exception("Saved message %s could not be followed", words.message_id)
            await self._note_due(words)

    async def _update(self, words: SavedWords, message: discord.Message) -> None:
        """Store the words of a message as they are now."""
        article = await self._articles.article(words)
        if article is None:  # removed by hand, which an edit does not undo
            await self._store.run(lambda: self._saved.set(words.id, due=False))
            return
        text = message.content
        if not text.strip() and not self._message_content:
            if edited_at(message) != words.edited_at:
                await self._store.run(lambda: self._saved.set(words.id, unread=True, due=False))
            return
        try:
            draft = await self._articles.draft(words, text) if text.strip() else None
        except BusyError:
            raise
        except UserError:  # no text to quote is left
            draft = None
        if draft is None:
            await self._articles.remove(words)
            await self._store.run(lambda: self._saved.drop(words.id))
            return
        receipt = await self._articles.store(words, draft)
        compared = receipt.status == "unchanged" and words.compared
        values = {"unread": False, "due": False, "compared": compared, "edited_at": edited_at(message)}
        await self._store.run(lambda: self._saved.set(words.id, **values))
        if not compared:
            self.wake()

    async def _note_due(self, words: SavedWords) -> None:
        try:
            await self._store.run(lambda: self._saved.set(words.id, due=True))
        except (UserError, SQLAlchemyError):
            _log.warning("The change of a saved message could not be noted", exc_info=True)

    def _lock(self, message_id: int) -> asyncio.Lock:
        """Return the lock to hold while the article of a message changes, one change at a time."""
        return self._locks.lock(message_id)
