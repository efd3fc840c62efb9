"""Responds to messages that address the bot: answers questions, and meets small talk like a person would."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.ask.message_questions import MessageQuestions, forum_post, questions_of
from cogs.ask.question_cog import can_reply_to, is_one_conversation, settings_channel_ids
from cogs.ask.reply_policy import ReplyCandidate, silence_reason
from cogs.ask.sent_before import find_sent_answers
from cogs.ask.small_talk_reply import SmallTalkReply
from cogs.core.translator import use_channel_language
from cogs.messaging.claims import Asked, Claim, again
from cogs.messaging.message_text import is_mentioned_in, question_in
from cogs.messaging.replies import Reply, report_errors
from cogs.messaging.retry import with_retries
from cogs.services import Inquiry, Services
from i18n import texts
from qa.conversation.several_questions import MOST_QUESTIONS
from qa.conversation.small_talk import SmallTalk
from storage.accepted_questions import AcceptedQuestion
from storage.models import Mode

_log = logging.getLogger(__name__)

_MOST_REMEMBERED: Final = 1000  # messages
_KIND: Final = "message"  # of a stored question


class AddressedMessages:
    """Responds to mentions, replies to the bot and direct messages; once to the same words of a message."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Use the bot's shared services."""
        self._bot = bot
        self._services = services
        self._small_talk = SmallTalkReply(services)
        self._responded: OrderedDict[int, int] = OrderedDict()  # message id -> hash of its text, which is not kept
        services.accepted.resume_with(_KIND, self._resume)

    async def handle(self, message: discord.Message, *, late: bool = False) -> None:
        """Respond to a message that addresses the bot. `late` answers only questions: the moment for the rest is over.

        The caller holds the message's lock.
        """
        me = self._bot.user
        said = hash(message.content)
        if me is None or question_in(message, me) is None or self._responded.get(message.id) == said:
            return
        if not can_reply_to(message):
            _log.info("Asked in channel %s, where the bot may not send messages", message.channel.id)
            return
        # What was said about its earlier words, such as the short help, goes.
        await self._services.replies.delete_notices(self._bot, message.id)
        self._responded[message.id] = said
        while len(self._responded) > _MOST_REMEMBERED:
            self._responded.popitem(last=False)
        with self._services.in_flight.answering():
            async with report_errors(self._services.replies.to(message)):
                await self._respond(message, late=late)

    def forget(self, message_id: int) -> None:
        """Respond to a message again when it addresses the bot again with the same words."""
        self._responded.pop(message_id, None)

    async def _respond(self, message: discord.Message, *, late: bool) -> None:
        guild_id = message.guild.id if message.guild else None
        settings = await self._services.store.settings(guild_id)
        mode = settings.mode_of(*settings_channel_ids(message.channel))
        if silence_reason(ReplyCandidate(message.content, mode, addressed=True)) or await self._is_for_people(message):
            return
        asked = questions_of(message, self._bot.user)
        if asked.from_title and await self._is_answered(message.channel.id):
            asked = replace(asked, texts=(), small_talk=SmallTalk.HELP)  # its title has been answered here before
        if not asked.small_talk:
            await self._accept(message, asked)
        elif not late:
            await use_channel_language(self._services.store, message.guild, message.channel.id)
            await self._small_talk.meet(message, asked.small_talk, settings)

    async def _is_for_people(self, message: discord.Message) -> bool:
        """Whether a message only replies to what the bot has posted for people to talk about.

        That is a call for a human, with all that is in its thread but answers, a request to an author, or a message for
        staff.
        """
        replied_to = message.reference.message_id if message.reference else None
        if message.guild is None or replied_to is None or is_mentioned_in(message, self._bot.user):
            return False
        database = self._services.store.database
        return await self._services.store.read_sources(
            lambda: (
                (
                    database.human_calls.is_about_one(message.channel.id, replied_to)
                    and database.answer_in(replied_to) is None
                )
                or database.staff_messages.is_posted(replied_to)
                or database.saved_words.is_request(replied_to)
            )
        )

    async def _accept(self, message: discord.Message, asked: MessageQuestions) -> None:
        """Store the questions of a message and answer them."""
        details = {
            "questions": asked.texts,
            "replied_to": message.reference.message_id if message.reference else None,
            "one_conversation": is_one_conversation(message.channel),
        }
        guild_id, channel_id, author_id = (
            message.guild.id if message.guild else None,
            message.channel.id,
            message.author.id,
        )
        accepted = Asked(message.id, _KIND, guild_id, channel_id, author_id, details, str(message.edited_at or ""))

        async def answer(claim: Claim) -> None:
            if claim.is_resumed:
                await find_sent_answers(self._bot, self._services.store, claim, message)
            reply = self._services.replies.to(message, claim)
            async with report_errors(reply):
                await self._answer(message, reply, asked, claim)

        await self._services.accepted.answer_once(accepted, answer)

    async def _resume(self, question: AcceptedQuestion, details: Mapping[str, Any]) -> None:
        """Answer a stored question again, as its message is now; as it was, if the bot may not read it."""
        channel_id, message_id = question.channel_id, question.question_id
        channel = self._bot.get_channel(channel_id) or await self._bot.fetch_channel(channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            return
        async with self._services.replies.question_locks.lock(message_id):
            try:
                message = await with_retries(lambda: channel.fetch_message(message_id))
            except discord.NotFound:
                return  # deleted
            except discord.Forbidden:
                settings = await self._services.store.settings(question.guild_id)
                if settings.mode_of(*settings_channel_ids(channel)) is Mode.OFF:
                    return
                partial = self._bot.get_partial_messageable(channel_id).get_partial_message(message_id)
                await self._services.accepted.answer_once(
                    again(question, details), lambda claim: self._answer_unseen(partial, question, claim)
                )
            else:
                self.forget(message.id)
                await self.handle(message, late=True)

    async def _answer_unseen(self, message: discord.PartialMessage, question: AcceptedQuestion, claim: Claim) -> None:
        await find_sent_answers(self._bot, self._services.store, claim, message, readable=False)
        reply = self._services.replies.for_member(message, question.member_id, claim)
        async with report_errors(reply):
            guild = self._bot.get_guild(question.guild_id or 0)
            await use_channel_language(self._services.store, guild, question.channel_id)
            inquiry = Inquiry(
                "",
                question.member_id,
                question.channel_id,
                question.guild_id,
                question_id=message.id,
                replied_to=claim.details["replied_to"],
                one_conversation=claim.details["one_conversation"],
                claim=claim,
            )
            await self._services.ask.answer_each(inquiry, claim.details["questions"], reply)

    async def _answer(self, message: discord.Message, reply: Reply, asked: MessageQuestions, claim: Claim) -> None:
        """Answer the questions of a message, in its channel; typing is shown from the start."""
        guild_id, channel = message.guild.id if message.guild else None, message.channel
        async with self._services.replies.send_queue.typing(channel):
            await use_channel_language(self._services.store, message.guild, channel.id)
            post = forum_post(channel)
            if post is not None:  # so that its messages that do not address the bot get no second answer
                self._services.store.quiet_threads.add(post.id, post.guild.id)
            inquiry = Inquiry(
                "",
                message.author.id,
                channel.id,
                guild_id,
                question_id=message.id,
                replied_to=message.reference.message_id if message.reference else None,
                one_conversation=is_one_conversation(channel),
                claim=claim,
                asker=message.author,
            )
            await self._services.ask.answer_each(inquiry, asked.texts, reply)
            if asked.left_out:
                await reply.notice(texts.QUESTIONS_LEFT_OUT.format(most=MOST_QUESTIONS))

    async def _is_answered(self, channel_id: int) -> bool:
        """Whether a channel has an answer that everyone there can see."""
        store = self._services.store
        return await store.read_sources(lambda: store.database.last_answer(channel_id)) is not None
