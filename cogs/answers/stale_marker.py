"""Marks answers on Discord whose quotes are no longer in their articles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from functools import partial
from typing import Final

import discord

from cogs.answers.controls import answer_controls
from cogs.core.async_store import AsyncStore
from cogs.core.background_job import BackgroundJob
from cogs.core.gateway import SteadyClient
from cogs.core.work_share import does_library
from cogs.messaging.message_reply import MessageReplies
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import with_retries
from cogs.ui.answer_card import Card, Colour
from cogs.ui.escape import utf16_length
from cogs.ui.layout import card_texts, message_body
from cogs.ui.limits import MAX_TEXT
from i18n import texts
from i18n.languages import speaking
from index.libraries.library_names import SHARED, server_of
from storage.stale_answers import StaleAnswers
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)

_PAUSE: Final = 1.5  # seconds between two edits, to stay within Discord's rate limits
_MOST: Final = 500  # answers marked after one change of a library, newest first
_BATCH: Final = 100  # answers checked per query


class StaleMarker(BackgroundJob):
    """Checks stored answers against changed libraries and marks those whose quotes are gone.

    discord.db holds the last checked generation of each library and which answers are marked, so a restart resumes.
    """

    def __init__(self, bot: SteadyClient, store: AsyncStore, replies: MessageReplies) -> None:
        """Take the client, the store and the locks of questions."""
        self._bot = bot
        self._store = store
        self._question_locks = replies.question_locks
        self._stale_answers = StaleAnswers(store.database, store.report_catalogues)

    async def run_once(self) -> None:
        """Check the answers of each library that has changed since they were last compared with it."""
        await self._store.library_watch.update(recent=True)
        found = await self._store.report(self._stale_answers.unchecked)
        changed = [one for one in found if does_library(self._bot, one[0])]
        for first in range(0, len(changed), _BATCH):
            some = dict(changed[first : first + _BATCH])
            for library in await self._store.report(partial(self._quoted, some)):
                try:
                    await self._mark_stale(library, server_of(library))
                except Exception:  # noqa: BLE001 - an error in one library must not stop the others
                    del some[library]
                    _log.warning(
                        "Answers could not be checked against %s; the next run tries again", library, exc_info=True
                    )
            await self._store.report(partial(self._stale_answers.mark_checked, some))

    def _quoted(self, libraries: Iterable[str]) -> list[str]:
        """Return those of these libraries that answers may quote."""
        servers = {library: server_of(library) for library in libraries}
        have_answers = self._stale_answers.have_answers(server for server in servers.values() if server is not None)
        return [library for library, server in servers.items() if library == SHARED or server in have_answers]

    async def _mark_stale(self, library: str, guild_id: int | None) -> None:
        """Mark answers with quotes that a library no longer contains, newest first."""
        before: int | None = None
        left = _MOST
        while left > 0:
            batch, touched = await self._store.report(partial(self._touched, before, library, guild_id))
            if not batch:
                return
            for answer in touched:
                # One job per answer, so that other jobs of the store can run in between.
                lost = await self._store.report(partial(self._stale_answers.relocate_quotes, answer, library))
                if lost and left:
                    await self._mark(answer, lost)
                    await asyncio.sleep(_PAUSE)
                    left -= 1
            before = batch[-1].id

    def _touched(
        self, before: int | None, library: str, guild_id: int | None
    ) -> tuple[list[StoredAnswer], list[StoredAnswer]]:
        """Return the next answers to check, and those of them that quote changed articles."""
        batch = self._stale_answers.unmarked_before(before, guild_id, _BATCH)
        return batch, self._stale_answers.quoting_missing_articles(batch, library)

    async def _mark(self, answer: StoredAnswer, lost: int) -> None:
        """Mark one answer. A permanent error of Discord counts as marked; a temporary one is raised."""
        async with self._question_locks.lock(answer.question_id or answer.id):
            current = await self._store.run(lambda: self._store.database.answer(answer.id))
            if current is None or current.question != answer.question:
                return  # its question was edited or deleted meanwhile
            try:
                await self._edit_message(answer, lost)
            except discord.NotFound:
                await self._store.run(lambda: self._store.database.forget(answer.id))
                return
            except discord.HTTPException as error:
                if error.status == 429 or error.status >= 500:
                    raise
                _log.info("The answer in channel %s cannot be marked: %s", answer.channel_id, error)
            await self._store.run(lambda: self._stale_answers.mark(answer.id))

    async def _edit_message(self, answer: StoredAnswer, lost: int) -> None:
        """Put the mark above the texts of a sent answer, of whose quotes `lost` are gone."""
        channel = self._bot.get_partial_messageable(answer.channel_id)
        message = await with_retries(lambda: channel.fetch_message(answer.message_id or 0))
        sent = card_texts(message)
        settings = await self._store.settings(answer.guild_id)
        with speaking(answer.language):
            mark = texts.AGED_ONE if answer.shown == 1 else texts.AGED_SOME.format(count=lost, shown=answer.shown)
            if mark in sent:
                return  # marked before a restart
            body = message_body(marked_card(sent, mark), answer_controls(answer, settings), plain=answer.plain)
        await with_retries(lambda: message.edit(**body.send_kwargs, allowed_mentions=SILENT))


def marked_card(sent: list[str], mark: str) -> Card:
    """Return the card of an answer with `mark` above its sent texts, without the footer if that would be too long."""
    quotes = tuple(text for text in sent if _is_quote(text))
    others = [text for text in sent if text not in quotes]
    footer = others.pop() if others and others[-1] == sent[-1] else ""
    if utf16_length("".join(sent)) + utf16_length(mark) > MAX_TEXT:
        footer = ""
    return Card(Colour.NOT_COVERED, mark, "\n".join(others), quotes, footer)


def _is_quote(text: str) -> bool:
    return any(line.startswith("> ") for line in text.splitlines())
