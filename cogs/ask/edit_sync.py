"""Keeps answers in sync with their questions: updates them after edits and deletes them after deletions."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.ask.cog import QuestionCog
from cogs.ask.thread_reply import delete_empty_thread
from cogs.messaging.message_text import without_mentions
from cogs.messaging.replies import report_errors
from cogs.messaging.retry import with_retries
from cogs.services import Services
from i18n.languages import speak
from index.models import UserError
from storage.models import StoredAnswer

_log = logging.getLogger(__name__)

# An edit updates the answer only this long after the question; later the answer has been read.
_EDIT_SECONDS: Final = 300.0
# After each new connection the newest questions are checked: at most this many, asked at most this long ago.
_MOST_CHECKED: Final = 20
_CHECKED_SECONDS: Final = 3600.0
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError, UserError, SQLAlchemyError)


class EditSync(QuestionCog):
    """Listens for edits and deletions of questions; finds them in discord.db, since messages are not cached."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take the client and its services."""
        super().__init__(bot, services)
        self._question_locks = services.replies.question_locks

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Catch up on edits and deletions during a restart or a lost connection."""
        try:
            since = time.time() - _CHECKED_SECONDS
            for answer in await self._store.run(lambda: self._store.database.asked_since(since, _MOST_CHECKED)):
                await self._check_question(answer)
        except _ERRORS as error:
            _log.warning("The latest questions could not be checked: %s", error)

    async def _check_question(self, answer: StoredAnswer) -> None:
        """Fetch a question from Discord and handle its edit or deletion; other errors leave the answer unchanged."""
        channel_id, question_id = answer.channel_id, answer.question_id or 0
        if channel_id == question_id:  # it started a thread or a forum post; only a post contains its first message
            thread = self._bot.get_channel(channel_id)
            if not isinstance(thread, discord.Thread) or thread.parent is None:
                return
            channel_id = channel_id if isinstance(thread.parent, discord.ForumChannel) else thread.parent_id
        try:
            message = await self._bot.get_partial_messageable(channel_id).fetch_message(question_id)
        except discord.NotFound:
            await self._handle_deletion(channel_id, question_id)
        except discord.HTTPException as error:
            _log.info("A question in channel %s could not be fetched: %s", channel_id, error)
        else:
            await self._handle_edit(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Update the answer if the text of its question has changed."""
        await self._handle_edit(payload.message)

    async def _handle_edit(self, message: discord.Message) -> None:
        # Discord sends this event for link previews too; then `edited_at` is None.
        if message.author.bot or message.edited_at is None:
            return
        # Without the message content intent the text is empty unless the message addresses the bot.
        question = without_mentions(message.content)
        if question:
            async with self._question_locks.lock(message.id):
                await self._update_answer(message, question)

    async def _update_answer(self, message: discord.Message, question: str) -> None:
        answer = await self._answer_to(message.id)
        if answer is None or answer.message_id is None or not answer.whole:
            return
        if self._store.recent_questions.text_of(answer) in {question, ""}:
            return  # unchanged, or not known any more
        if time.time() - answer.asked_at > _EDIT_SECONDS:
            return
        speak(answer.language)
        # The answer may be in a thread, not in the question's channel.
        shown = self._bot.get_partial_messageable(answer.channel_id).get_partial_message(answer.message_id)
        with self._in_flight.answering():
            async with report_errors(self._replies.to(message)):
                await self._ask.update_answer(answer, question, shown)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Delete the answer to a deleted question."""
        await self._handle_deletion(payload.channel_id, payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Delete the answers to deleted questions."""
        await self._handle_deletion(payload.channel_id, *payload.message_ids)

    async def _handle_deletion(self, channel_id: int, *message_ids: int) -> None:
        """Delete the answers to deleted messages, on Discord and in discord.db."""
        self._question_locks.mark_deleted(*message_ids)
        # A member may delete a question before the bot receives the id of its answer; the lock waits for it.
        async with self._question_locks.lock(*message_ids):
            await self._delete_answers(channel_id, message_ids)

    async def _delete_answers(self, channel_id: int, message_ids: Collection[int]) -> None:
        database = self._store.database
        try:
            answers = await self._store.run(
                lambda: [
                    answer for key in message_ids for answer in database.answers_for_message(key, with_private=True)
                ]
            )
            shown = [(one.channel_id, one.message_id) for one in answers if one.message_id not in message_ids]
            shown += [(channel_id, notice) for notice in self._question_locks.pop_notices(*message_ids)]
            for place, message_id in shown:
                if message_id is not None:
                    await self._delete(place, message_id)
            if answers:
                await self._store.run(lambda: database.forget(*[answer.id for answer in answers]))
            for answer in answers:
                await delete_empty_thread(self._bot, answer)
        except _ERRORS:
            _log.warning("The answer to a deleted question could not be deleted", exc_info=True)

    async def _delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of the bot; failures are logged, so that others are deleted all the same."""
        channel = self._bot.get_partial_messageable(channel_id)
        try:
            await with_retries(channel.get_partial_message(message_id).delete)
        except discord.NotFound:
            return
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.warning("The answer to a deleted question could not be deleted", exc_info=True)

    async def _answer_to(self, message_id: int) -> StoredAnswer | None:
        try:
            return await self._store.run(lambda: self._store.database.answer_to(message_id))
        except (UserError, SQLAlchemyError):
            _log.exception("The answer to a message could not be looked up")
            return None
