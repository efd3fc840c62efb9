"""Answers grow old: where an article has changed or gone, the answers that quoted it say so."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Final

import discord
from discord.ext import commands

from cogs.answers.controls import answer_controls
from cogs.core.async_store import AsyncStore
from cogs.core.background_job import BackgroundJob
from cogs.messaging.replies import SILENT, MessageReplies
from cogs.messaging.retry import persistently
from cogs.ui.answer_card import MAX_TEXT, Card, Colour
from cogs.ui.escape import units
from cogs.ui.layout import message_body, texts_in
from i18n import texts
from i18n.languages import speaking
from qa.ask import SHARED, own_library
from storage.models import StoredAnswer
from storage.stale_answers import StaleAnswers

_log = logging.getLogger(__name__)

_PAUSE: Final = 1.5  # seconds between two answers that are marked: nobody waits for it, and Discord counts
_MOST: Final = 500  # answers marked after one change of a library, the newest
_BATCH: Final = 100  # answers compared at a stretch


class StaleMarker(BackgroundJob):
    """Looks at the libraries now and then, whoever has changed them, and marks answers whose quotations are gone.

    What was compared is remembered, so that an answer is marked once, and a restart goes on where it was.
    """

    def __init__(self, bot: commands.Bot, store: AsyncStore, replies: MessageReplies) -> None:
        """Take what remembers the answers."""
        self._bot = bot
        self._store = store
        self._questions = replies.questions
        self._comparison = StaleAnswers(store.database, store.read_only)
        self._stamps: dict[str, tuple[int, ...]] = {}

    async def look(self) -> None:
        """Compare answers with each library that has changed since."""
        for library, guild_id, stamp in await self._store.run(self._libraries):
            if self._stamps.get(library) == stamp:
                continue
            try:
                await self._catch_up(library, guild_id)
            except Exception:  # noqa: BLE001 - whatever is wrong with one library, the others are looked at
                _log.warning("Answers could not be compared with %s; this is tried again", library, exc_info=True)
            else:
                self._stamps[library] = stamp

    async def _catch_up(self, library: str, guild_id: int | None) -> None:
        """Compare answers with a library, where it has changed since that was done last."""
        generation = await self._store.run(partial(self._comparison.new_generation, library))
        if generation is not None:
            await self._compare(library, guild_id)
            await self._store.run(partial(self._comparison.mark_checked, library, generation))

    def _libraries(self) -> list[tuple[str, int | None, tuple[int, ...]]]:
        """Return the libraries that answers were quoted from, each with its server and the stamp of its files."""
        places = [(SHARED, None), *((own_library(key), key) for key in self._comparison.servers())]
        return [(library, key, self._store.read_only.modification_stamp(library)) for library, key in places]

    async def _compare(self, library: str, guild_id: int | None) -> None:
        """Mark answers with quotations that a library does not hold any more, newest first."""
        before: int | None = None
        left = _MOST
        while left > 0:
            batch, touched = await self._store.run(partial(self._touched, before, library, guild_id))
            if not batch:
                return
            for given in touched:
                # One at a time: somebody may be waiting for the thread.
                lost = await self._store.run(partial(self._comparison.relocate_quotes, given, library))
                if lost and left:
                    await self._mark(given, lost)
                    await asyncio.sleep(_PAUSE)
                    left -= 1
            before = batch[-1].id

    def _touched(
        self, before: int | None, library: str, guild_id: int | None
    ) -> tuple[list[StoredAnswer], list[StoredAnswer]]:
        """Return the next answers to compare, and those of them that quote what has changed."""
        batch = self._comparison.unmarked_before(before, guild_id, _BATCH)
        return batch, self._comparison.quoting_missing_articles(batch, library)

    async def _mark(self, given: StoredAnswer, lost: int) -> None:
        """Let an answer say so. Where Discord refuses for good it never will; another failure is raised."""
        async with self._questions.turn(given.question_id or given.id):
            now = await self._store.run(lambda: self._store.database.answer(given.id))
            if now is None or now.question != given.question:
                return  # its question was edited or deleted meanwhile
            try:
                await self._say(given, lost)
            except discord.NotFound:
                await self._store.run(lambda: self._store.database.forget(given.id))
                return
            except discord.HTTPException as error:
                if error.status == 429 or error.status >= 500:
                    raise
                _log.info("The answer in channel %s cannot be marked: %s", given.channel_id, error)
            await self._store.run(lambda: self._comparison.mark(given.id))

    async def _say(self, given: StoredAnswer, lost: int) -> None:
        channel = self._bot.get_partial_messageable(given.channel_id)
        message = await persistently(lambda: channel.fetch_message(given.message_id or 0))
        said = texts_in(message)
        settings = await self._store.settings(given.guild_id)
        with speaking(given.language):
            mark = texts.AGED_ONE if given.shown == 1 else texts.AGED_SOME.format(count=lost, shown=given.shown)
            if mark in said:
                return  # before a restart
            shown = message_body(aged(said, mark), answer_controls(given, settings), plain=given.plain)
        await persistently(lambda: message.edit(**shown.sending, allowed_mentions=SILENT))


def aged(said: list[str], mark: str) -> Card:
    """Return the card of an answer with a mark above what it said; its last line makes room where there is none."""
    quotes = tuple(text for text in said if _is_quotation(text))
    others = [text for text in said if text not in quotes]
    footer = others.pop() if others and others[-1] == said[-1] else ""
    if units("".join(said)) + units(mark) > MAX_TEXT:
        footer = ""
    return Card(Colour.NOT_COVERED, mark, "\n".join(others), quotes, footer)


def _is_quotation(text: str) -> bool:
    return any(line.startswith("> ") for line in text.splitlines())
