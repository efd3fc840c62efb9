"""An answer follows its question: it changes when the question is edited, and goes when the question goes."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.ask.thread_reply import drop_empty
from cogs.messaging.message_text import without_mentions
from cogs.messaging.replies import told
from cogs.messaging.retry import persistently
from cogs.services import Services
from i18n.languages import speak
from index.models import UserError
from storage.models import StoredAnswer

_log = logging.getLogger(__name__)

# How long after it was asked an edited question changes its answer; later, the answer has been read.
_EDIT_SECONDS: Final = 300.0
# After each new connection Discord is asked what became of the newest questions: so many, asked so long ago at most.
_MISSED: Final = 20
_MISSED_SECONDS: Final = 3600.0
_FAILURES: Final = (discord.HTTPException, aiohttp.ClientError, OSError, UserError, SQLAlchemyError)


class EditSync(commands.Cog):
    """Hears what becomes of questions. Only the memory knows them: messages are not cached."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take what all features share."""
        self._bot = bot
        self._ask = services.ask
        self._store = services.store
        self._in_flight = services.in_flight
        self._replies = services.replies
        self._questions = services.replies.questions

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Catch up on what was edited or deleted while no connection told of it: a lost session, a restart."""
        try:
            since = time.time() - _MISSED_SECONDS
            for given in await self._store.run(lambda: self._store.database.asked_since(since, _MISSED)):
                await self._look_after(given)
        except _FAILURES as error:
            _log.warning("What became of the last questions could not be looked up: %s", error)

    async def _look_after(self, given: StoredAnswer) -> None:
        """Ask Discord what became of a question. Where it does not say, the answer stays as it is."""
        place, question_id = given.channel_id, given.question_id or 0
        if place == question_id:  # it began a thread, or a forum post, which holds its own first message
            thread = self._bot.get_channel(place)
            if not isinstance(thread, discord.Thread) or thread.parent is None:
                return
            place = place if isinstance(thread.parent, discord.ForumChannel) else thread.parent_id
        try:
            message = await self._bot.get_partial_messageable(place).fetch_message(question_id)
        except discord.NotFound:
            await self._gone(place, question_id)
        except discord.HTTPException as error:
            _log.info("Whether a question in channel %s is still there cannot be seen: %s", place, error)
        else:
            await self._changed(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Answer the question anew, where the words have changed."""
        await self._changed(payload.message)

    async def _changed(self, message: discord.Message) -> None:
        # Discord also reports that it has put a preview under a link; then nobody has edited anything.
        if message.author.bot or message.edited_at is None:
            return
        # Without the message content intent Discord delivers no text of what does not speak to the bot.
        question = without_mentions(message.content)
        if question:
            async with self._questions.turn(message.id):
                await self._edited(message, question)

    async def _edited(self, message: discord.Message, question: str) -> None:
        given = await self._answer_to(message.id)
        if given is None or given.message_id is None or given.question == question or not given.whole:
            return
        if time.time() - given.asked_at > _EDIT_SECONDS:
            return
        speak(given.language)
        # The answer may stand in a thread of its own.
        answer = self._bot.get_partial_messageable(given.channel_id).get_partial_message(given.message_id)
        with self._in_flight.answering():
            async with told(self._replies.to(message)):
                await self._ask.answer_again(given, question, answer)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take the answer to a deleted question away."""
        await self._gone(payload.channel_id, payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Take the answers to deleted questions away."""
        await self._gone(payload.channel_id, *payload.message_ids)

    async def _gone(self, channel_id: int, *message_ids: int) -> None:
        """Delete the answers to these messages, and forget what stood in them."""
        self._questions.gone(*message_ids)
        # Members see an answer before Discord's reply to its sending reaches the bot, and may be quick.
        async with self._questions.turn(*message_ids):
            await self._take_away(channel_id, message_ids)

    async def _take_away(self, channel_id: int, message_ids: Collection[int]) -> None:
        database = self._store.database
        try:
            stale = await self._store.run(
                lambda: [found for key in message_ids for found in database.answers_for_message(key)]
            )
            said = [(given.channel_id, given.message_id) for given in stale if given.message_id not in message_ids]
            said += [(channel_id, notice) for notice in self._questions.notices(*message_ids)]
            for place, message_id in said:
                if message_id is not None:
                    await self._delete(place, message_id)
            if stale:
                await self._store.run(lambda: database.forget(*[given.id for given in stale]))
            for given in stale:
                await drop_empty(self._bot, given)
        except _FAILURES:
            _log.warning("The answer to a deleted question could not be taken away", exc_info=True)

    async def _delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of the bot's own; one that Discord does not let go keeps no other one back."""
        channel = self._bot.get_partial_messageable(channel_id)
        try:
            await persistently(channel.get_partial_message(message_id).delete)
        except discord.NotFound:
            return
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.warning("The answer to a deleted question could not be taken away", exc_info=True)

    async def _answer_to(self, message_id: int) -> StoredAnswer | None:
        try:
            return await self._store.run(lambda: self._store.database.answer_to(message_id))
        except (UserError, SQLAlchemyError):
            _log.exception("Whether a message was answered could not be looked up")
            return None
