"""Keeps answers in sync with their questions: follows edits, and deletes the answers to deleted questions.

An edit that adds a mention or a question is answered. One that takes out the mention takes its answers along, unless
the channel is listened to anyway. One that leaves nothing but small talk changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.ask.addressed import AddressedMessages
from cogs.ask.message_questions import questions_of
from cogs.ask.question_cog import QuestionCog, cut_question, is_one_conversation, settings_channel_ids
from cogs.ask.thread_reply import delete_empty_thread
from cogs.messaging.component_bot import ComponentBot
from cogs.messaging.message_reply import delete_message
from cogs.messaging.message_text import is_automatic, question_in
from cogs.messaging.replies import report_errors
from cogs.services import Inquiry, Services
from i18n.languages import speak
from index.models import UserError
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)

# An edit updates the answer only this long after the question; later the answer has been read.
_EDIT_SECONDS: Final = 300.0
# A message to which an edit adds a mention or a question is answered if it is at most this old.
_ADDED_SECONDS: Final = 3600.0
# After each new connection the newest questions are checked: at most this many, asked at most this long ago.
_MOST_CHECKED: Final = 20
_CHECKED_SECONDS: Final = 3600.0
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError, UserError, SQLAlchemyError)


class EditSync(QuestionCog):
    """Listens for edits and deletions of questions; finds them in discord.db, since messages are not cached."""

    def __init__(self, bot: ComponentBot, services: Services, addressed: AddressedMessages) -> None:
        """Share `addressed` with the other cogs that respond to messages."""
        super().__init__(bot, services)
        self._addressed = addressed
        self._question_locks = services.replies.question_locks
        self._client = bot

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Catch up on edits and deletions in the servers of a shard during a restart or a lost connection."""
        shards, since = self._client.own_shards, time.time() - _CHECKED_SECONDS
        most = _MOST_CHECKED * shards.count  # of all shards together
        try:
            latest = await self._store.run(lambda: self._store.database.asked_since(since, most))
            here = [answer for answer in latest if shards.of(answer.guild_id) == shard_id][:_MOST_CHECKED]
            for answer in {answer.question_id: answer for answer in here}.values():
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
            await self._handle_deletion(question_id)
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
        if message.edited_at is None or is_automatic(message):
            return
        try:
            async with self._question_locks.lock(message.id):
                await self._follow(message)
        except (UserError, SQLAlchemyError):
            _log.exception("The answer to an edited message could not be looked up")

    async def _follow(self, message: discord.Message) -> None:
        """Bring the answers to an edited message in line with it."""
        database, me = self._store.database, self._bot.user
        answers = await self._store.read_sources(lambda: database.answers_to(message.id, message.author.id))
        if not answers:
            age = discord.utils.utcnow() - message.created_at
            if age.total_seconds() <= _ADDED_SECONDS:
                await self._addressed.handle(message)
            return
        late = time.time() - answers[0].asked_at > _EDIT_SECONDS
        if me is None or late or any(one.private or not one.whole for one in answers):
            return
        if await self._is_withdrawn(message, me, answers[0]):
            await self._delete_answers([message.id])
            self._addressed.forget(message.id)
            return
        # Without the message content intent the text is empty unless the message addresses the bot.
        asked = questions_of(message, me)
        before = [self._store.recent_questions.text_of(answer) for answer in answers]
        texts = [cut_question(text)[0] for text in asked.texts]
        if texts and texts != before and "" not in before:  # an empty text is not known any more
            await self._update(message, answers, asked.texts)

    async def _is_withdrawn(self, message: discord.Message, me: discord.ClientUser, answer: StoredAnswer) -> bool:
        """Whether an edit has taken the mention of the bot out of a message that would get no answer without it."""
        if message.guild is None or question_in(message, me) is not None or answer.asker_id != message.author.id:
            return False
        if message.reference is not None:  # Discord may leave out the mention of a reply when it is edited
            replied = message.reference.resolved
            if not isinstance(replied, discord.Message) or replied.author.id == me.id:
                return False
        settings = await self._store.settings(message.guild.id)
        return not settings.mode_of(*settings_channel_ids(message.channel)).listens

    async def _update(self, message: discord.Message, answers: list[StoredAnswer], texts: tuple[str, ...]) -> None:
        """Change the answers to a message to those to its present questions: one message for each, in order."""
        speak(answers[0].language)
        reply = self._replies.to(message)
        with self._in_flight.answering():
            await self._replies.delete_notices(self._bot, message.id)
            async with report_errors(reply):
                for answer, whole in zip(answers, texts, strict=False):
                    text, cut = cut_question(whole)
                    if self._store.recent_questions.text_of(answer) != text:
                        # The answer may be in a thread, not in the question's channel.
                        channel = self._bot.get_partial_messageable(answer.channel_id)
                        shown = channel.get_partial_message(answer.message_id or 0)
                        await self._ask.update_answer(answer, text, shown, cut=cut)
                await self._remove(answers[len(texts) :])
                inquiry = Inquiry(
                    "",
                    message.author.id,
                    message.channel.id,
                    answers[0].guild_id,
                    question_id=message.id,
                    one_conversation=is_one_conversation(message.channel),
                    after=answers[-1].id,
                    asker=message.author,
                )
                if len(texts) > len(answers):
                    await self._ask.answer_each(inquiry, texts[len(answers) :], reply)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Delete the answer to a deleted question."""
        await self._handle_deletion(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Delete the answers to deleted questions."""
        await self._handle_deletion(*payload.message_ids)

    async def _handle_deletion(self, *message_ids: int) -> None:
        """Delete the answers to deleted messages, on Discord and in discord.db."""
        self._question_locks.mark_deleted(*message_ids)
        # A member may delete a question before the bot receives the id of its answer; the lock waits for it.
        async with self._question_locks.lock(*message_ids):
            await self._delete_answers(message_ids)

    async def _delete_answers(self, message_ids: Collection[int]) -> None:
        database = self._store.database
        await self._replies.delete_notices(self._bot, *message_ids)
        try:
            answers = await self._store.run(
                lambda: [answer for key in message_ids for answer in database.records_of(key)]
            )
            await self._remove(answers, message_ids)
        except _ERRORS:
            _log.warning("The answer to a deleted question could not be deleted", exc_info=True)

    async def _remove(self, answers: Sequence[StoredAnswer], gone: Collection[int] = ()) -> None:
        """Delete answers on Discord, where they are not among the messages that are `gone`, and in discord.db."""
        for answer in answers:
            if answer.message_id is not None and answer.message_id not in gone:
                await delete_message(self._bot, answer.channel_id, answer.message_id)
        if answers:
            await self._store.run(lambda: self._store.database.forget(*[answer.id for answer in answers]))
        for answer in answers:
            await delete_empty_thread(self._bot, answer)
