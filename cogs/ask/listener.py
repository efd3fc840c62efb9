"""Answers questions without a mention, in channels and forums whose mode allows it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.ask.closed_posts import is_closed
from cogs.ask.debounce import Debouncer
from cogs.ask.message_questions import MessageQuestions, forum_post, is_opening, names_of, read_questions
from cogs.ask.question_cog import (
    QuestionCog,
    can_reply_to,
    is_one_conversation,
    settings_channel_ids,
)
from cogs.ask.reply_policy import ReplyCandidate, looks_like_question, silence_reason
from cogs.ask.sent_before import find_sent_answers
from cogs.ask.thread_reply import ThreadReply, can_create_thread
from cogs.core.job_queue import BusyError
from cogs.core.translator import use_channel_language
from cogs.messaging.claims import Asked, Claim
from cogs.messaging.message_text import is_automatic, lines_without_mentions, question_in
from cogs.messaging.replies import Reply
from cogs.messaging.retry import with_retries
from cogs.services import Inquiry, Services
from index.models import UserError
from storage.accepted_questions import AcceptedQuestion, TakenOverError
from storage.models import Mode, ServerSettings

_log = logging.getLogger(__name__)

_KIND: Final = "overheard"  # of a stored question


class MessageListener(QuestionCog):
    """Answers messages that do not address the bot.

    Errors are only logged, because nobody expects an answer; a full queue is reported to the author.
    """

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Start without collected messages."""
        super().__init__(bot, services)
        self._bursts: Debouncer[discord.Message] = Debouncer()
        self._claims: dict[int, Claim] = {}  # of the messages in bursts
        self._storing: dict[int, bool] = {}  # messages that are being stored, and whether they left their bursts
        self._accepted.resume_with(_KIND, self._resume)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that does not address the bot, if the channel's mode allows it."""
        me, guild = self._bot.user, message.guild
        if me is None or guild is None or is_automatic(message) or question_in(message, me) is not None:
            return
        try:
            settings = await self._store.settings(guild.id)
            if not settings.mode_of(*settings_channel_ids(message.channel)).listens:
                return
            self._leave_to_staff(message, guild, settings)
            # Beside it, since an edit or deletion must find the message in its burst.
            storing = asyncio.create_task(self._store_if_asked(message, settings))
            burst = await self._bursts.collect((message.channel.id, message.author.id), message)
            await storing
            if burst:
                await self._answer_burst(burst, settings, guild)
        except TakenOverError:
            _log.info("A message in channel %s is answered by another process", message.channel.id)
        except UserError as error:
            _log.info("A message in channel %s was not answered: %s", message.channel.id, error)
        except Exception:  # noqa: BLE001 - nothing awaits a listener, so the log is the only place for errors
            _log.exception("A message in channel %s could not be answered", message.channel.id)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Replace an edited message in its burst; one that now addresses the bot is answered as such."""
        me, edited = self._bot.user, payload.message
        if edited.edited_at is not None and me is not None:
            left = None if question_in(edited, me) is not None else edited
            self._bursts.replace(lambda message: message.id == payload.message_id, left)
            if left is None:
                await self._drop(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Remove a deleted message from its burst."""
        self._bursts.replace(lambda message: message.id == payload.message_id, None)
        await self._drop(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Remove deleted messages from their bursts."""
        self._bursts.replace(lambda message: message.id in payload.message_ids, None)
        await self._drop(*payload.message_ids)

    async def _store_if_asked(self, message: discord.Message, settings: ServerSettings) -> None:
        """Store a message that may be answered before the rest of its burst is known.

        It leaves the burst if another process answers it.
        """
        mode, channel = settings.mode_of(*settings_channel_ids(message.channel)), message.channel
        post = forum_post(channel)
        opening = post is not None and is_opening(message, post)
        text = lines_without_mentions(message.content)
        reason = silence_reason(
            ReplyCandidate(
                f"{post.name}\n{text}" if post and opening else text,
                mode,
                in_forum=post is not None,
                opening=opening,
                replies_to_other=message.type is discord.MessageType.reply,
            )
        )
        if reason is not None or not can_reply_to(message):
            return
        self._storing[message.id] = False
        claim = await self._accepted.accept(_asked(message))
        if self._storing.pop(message.id):
            await self._accepted.finish(message.id)
        elif claim is None:
            self._bursts.replace(lambda one: one.id == message.id, None)
        else:
            self._claims[message.id] = claim

    async def _answer_burst(self, burst: list[discord.Message], settings: ServerSettings, guild: discord.Guild) -> None:
        """Answer a burst, and delete what is stored of it: at once with the note of its answer, if it has one."""
        burst = sorted(burst, key=lambda one: one.id)  # messages of a gone process are fetched in any order
        claims = [claim for one in burst if (claim := self._claims.pop(one.id, None))]
        own: Claim | None = None
        try:
            question = _question_message(burst)
            own = next((one for one in claims if one.stored.question_id == question.id), None)
            if own is not None:
                own.together = tuple(one.stored.question_id for one in claims if one is not own)
            async with self._replies.question_locks.lock(question.id):
                await self._answer(burst, question, settings, guild, own)
        finally:
            left = [one.stored.question_id for one in claims]
            if left and not (own and own.is_over) and not self._accepted.is_leaving:
                await self._accepted.finish(*left)

    async def _drop(self, *message_ids: int) -> None:
        """Delete what is stored of messages that are not in their bursts any more."""
        self._storing |= dict.fromkeys(self._storing.keys() & set(message_ids), True)
        gone = [one for one in message_ids if self._claims.pop(one, None)]
        if gone:
            await self._accepted.finish(*gone)

    async def _resume(self, question: AcceptedQuestion, _details: Mapping[str, Any]) -> None:
        """Answer a stored message as if it had just been written; not if the bot may not read it any more."""
        channel = self._bot.get_channel(question.channel_id)
        if isinstance(channel, discord.abc.Messageable):
            try:
                message = await with_retries(lambda: channel.fetch_message(question.question_id))
            except (discord.NotFound, discord.Forbidden):
                return
            await self.on_message(message)

    async def _answer(
        self,
        burst: list[discord.Message],
        message: discord.Message,
        settings: ServerSettings,
        guild: discord.Guild,
        claim: Claim | None,
    ) -> None:
        """Answer a burst with a reply to `message`, one of its messages."""
        ids = settings_channel_ids(message.channel)
        candidate = await self._candidate(burst, settings.mode_of(*ids), resumed=claim is not None and claim.is_resumed)
        reason = silence_reason(candidate)
        if reason or not can_reply_to(message):
            _log.debug("Silent in channel %s: %s", message.channel.id, reason or "no permission to write")
            return
        asked = self._read(candidate, message)
        if not asked.texts:
            _log.debug("Silent in channel %s: small talk", message.channel.id)
            return
        inquiry = _inquiry(message, guild, settings, whole=len(burst) == 1 and not candidate.opening)
        await use_channel_language(self._store, guild, message.channel.id)

        async def answer(claim: Claim) -> None:
            if claim.is_resumed:
                await find_sent_answers(self._bot, self._store, claim, message)
            reply = self._reply(message, asked.texts[0], claim, thread=settings.threads_in(*ids))
            await self._answer_each(replace(inquiry, claim=claim), asked.texts, reply)

        with self._in_flight.answering():
            # Messages that are too short on their own are stored only now.
            await (answer(claim) if claim else self._accepted.answer_once(_asked(message), answer))

    async def _answer_each(self, inquiry: Inquiry, questions: Sequence[str], reply: Reply) -> None:
        try:
            await self._ask.answer_each(inquiry, questions, reply)
        except BusyError as error:  # silence would mean that there is no answer
            await reply.notice(str(error))
            raise

    def _read(self, candidate: ReplyCandidate, message: discord.Message) -> MessageQuestions:
        """Return what a burst asks; in the opening message of a forum post with its title."""
        names = names_of(self._bot.user, message.guild)
        if not candidate.opening or not isinstance(message.channel, discord.Thread):
            return read_questions(candidate.text, names)
        title = message.channel.name
        return read_questions(candidate.text.removeprefix(title).lstrip(), names, title, opening=True)

    def _reply(self, message: discord.Message, question: str, claim: Claim, *, thread: bool) -> Reply:
        """Return the reply to a message; in a new thread if `thread` is set and the bot may create one."""
        reply = self._replies.to(message, claim)
        if not thread or message.guild is None or not can_create_thread(message.channel, message.guild.me):
            return reply
        return ThreadReply(self._bot, message, question, reply, self._replies)

    async def _candidate(self, burst: list[discord.Message], mode: Mode, *, resumed: bool) -> ReplyCandidate:
        """Return a burst as the reply policy sees it, and leave a forum post to people after its opening message.

        Of a `resumed` one that may have been done by the process that is gone.
        """
        first, channel = burst[0], burst[0].channel
        text = "\n".join(filter(None, (lines_without_mentions(message.content) for message in burst)))
        thread = channel if isinstance(channel, discord.Thread) else None
        if thread is None:
            return ReplyCandidate(text, mode, replies_to_other=first.type is discord.MessageType.reply)
        moderated = not resumed and await self._store.quiet_threads.has(thread.id)
        in_forum = forum_post(thread) is not None
        opening = in_forum and not moderated and is_opening(first, thread)
        if opening:
            # A forum post is answered at most once.
            self._store.quiet_threads.add(thread.id, thread.guild.id)
        return ReplyCandidate(
            f"{thread.name}\n{text}" if opening else text,
            mode,
            closed=is_closed(thread),
            moderated=moderated,
            in_forum=in_forum,
            opening=opening,
            replies_to_other=first.type is discord.MessageType.reply,
        )

    def _leave_to_staff(self, message: discord.Message, guild: discord.Guild, settings: ServerSettings) -> None:
        """Stop answering in a thread of somebody else once a moderator or a helper writes in it."""
        thread, author = message.channel, message.author
        if not isinstance(thread, discord.Thread) or not isinstance(author, discord.Member):
            return
        parent = thread.parent
        if thread.owner_id == author.id or parent is None:
            return
        if author.get_role(settings.helpers_role or 0) is None and not parent.permissions_for(author).manage_messages:
            return
        self._store.quiet_threads.add(thread.id, guild.id)


def _asked(message: discord.Message) -> Asked:
    """Return what is stored of a message; its words are read again when it is answered."""
    guild_id, version = message.guild.id if message.guild else None, str(message.edited_at or "")
    return Asked(message.id, _KIND, guild_id, message.channel.id, message.author.id, {}, version)


def _inquiry(message: discord.Message, guild: discord.Guild, settings: ServerSettings, *, whole: bool) -> Inquiry:
    """Return the inquiry about a message, without its question; `whole` is as in `Inquiry`."""
    ids = settings_channel_ids(message.channel)
    return Inquiry(
        "",
        message.author.id,
        message.channel.id,
        guild.id,
        question_id=message.id,
        one_conversation=is_one_conversation(message.channel),
        only_answers=settings.mode_of(*ids) is Mode.QUESTIONS,  # weaker outcomes would disturb people who talk
        min_confidence=settings.floor_of(*ids),
        whole=whole,
        overheard=True,
        asker=message.author,
    )


def _question_message(burst: list[discord.Message]) -> discord.Message:
    """Return the message of a burst to reply to: the last one with a question ("thanks!" may follow it)."""
    return next((message for message in reversed(burst) if looks_like_question(message.content)), burst[-1])
