"""Channels where questions need no mention, and forums: what is overheard there is answered, or passed over."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Final

import discord
from discord.ext import commands

from cogs.ask.cog import MAX_QUESTION, is_one_conversation, may_answer, places_of
from cogs.ask.debounce import Debouncer
from cogs.ask.reply_policy import HeardMessage, asks, why_silent
from cogs.ask.thread_reply import ThreadReply, may_begin
from cogs.core.translator import speak_in
from cogs.core.worker import BusyError
from cogs.messaging.message_text import question_in, without_mentions
from cogs.messaging.replies import Reply
from cogs.services import Inquiry, Services
from index.models import UserError
from storage.models import Mode, ServerSettings

_log = logging.getLogger(__name__)

# Names of forum tags, also of servers that speak other languages of the bot.
_SOLVED: Final = frozenset(
    {"solved", "resolved", "answered", "closed", "done", "fixed", "gelöst", "erledigt", "beantwortet", "geschlossen"}
    | {"résolu", "répondu", "fermé", "resuelto", "respondido", "cerrado", "risolto", "chiuso", "resolvido", "fechado"}
)
# How authors mark their own posts in the title: "[Solved] My game crashes", "✅ ...".
_MARKED: Final = re.compile(r"\s*(?:[✅☑✔]|[\[(【]\s*(\w+)\s*[\])】])")
_NEW_POST: Final = timedelta(minutes=10)
_TALK: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


class MessageListener(commands.Cog):
    """Answers what nobody put to the bot.

    Whatever goes wrong here is logged alone, for nobody waits to be told, but that there is no time for an answer.
    """

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take what all features share."""
        self._bot = bot
        self._ask = services.ask
        self._store = services.store
        self._in_flight = services.in_flight
        self._replies = services.replies
        self._bursts: Debouncer[discord.Message] = Debouncer()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that does not speak to the bot, where the channel's mode wants that."""
        me, guild = self._bot.user, message.guild
        if me is None or guild is None or _machine(message) or question_in(message, me) is not None:
            return
        settings, places = await self._store.settings(guild.id), places_of(message.channel)
        mode = settings.mode_of(*places)
        if not mode.listens:
            return
        try:
            await self._note_moderator(message, guild)
            burst = await self._bursts.gathered((message.channel.id, message.author.id), message)
            if burst:
                asking = _asking(burst)
                async with self._replies.questions.turn(asking.id):
                    await self._answer(burst, asking, settings, guild)
        except UserError as error:
            _log.info("Passed over a message in channel %s: %s", message.channel.id, error)
        except Exception:  # noqa: BLE001 - nobody is told, so all of it goes to the log
            _log.exception("What was said in channel %s could not be answered", message.channel.id)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Take an edited message in the place of what was heard, as long as its author may go on."""
        if payload.message.edited_at is not None:
            self._bursts.change(lambda heard: heard.id == payload.message_id, payload.message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Drop a message that is deleted before it is answered."""
        self._bursts.change(lambda heard: heard.id == payload.message_id, None)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Drop messages that are deleted before they are answered."""
        self._bursts.change(lambda heard: heard.id in payload.message_ids, None)

    async def _answer(
        self, burst: list[discord.Message], asking: discord.Message, settings: ServerSettings, guild: discord.Guild
    ) -> None:
        places = places_of(asking.channel)
        mode = settings.mode_of(*places)
        heard = await self._heard(burst, mode)
        silence = why_silent(heard)
        if silence or not may_answer(asking):
            _log.debug("Silent in channel %s: %s", asking.channel.id, silence or "no permission to write")
            return
        inquiry = Inquiry(
            heard.text[:MAX_QUESTION],
            asking.author.id,
            asking.channel.id,
            guild.id,
            question_id=asking.id,
            one_conversation=is_one_conversation(asking.channel),
            # Among people who talk to each other only an answer is worth a word.
            only_answers=mode is Mode.QUESTIONS,
            floor=settings.floor_of(*places),
            whole=len(burst) == 1 and not heard.opening,
        )
        await speak_in(self._store, guild, asking.channel.id)
        reply = self._reply(asking, heard.text, thread=settings.threads_in(*places))
        with self._in_flight.answering():
            try:
                await self._ask.answer(inquiry, reply)
            except BusyError as error:  # silence would say that there is no answer
                await reply.notice(str(error))
                raise

    def _reply(self, message: discord.Message, question: str, *, thread: bool) -> Reply:
        """Return where a message is answered: by a reply, or in a new thread where that is wanted and possible."""
        reply = self._replies.to(message)
        if not thread or message.guild is None or not may_begin(message.channel, message.guild.me):
            return reply
        return ThreadReply(self._bot, message, question, reply, self._replies)

    async def _heard(self, burst: list[discord.Message], mode: Mode) -> HeardMessage:
        first, channel = burst[0], burst[0].channel
        text = " ".join(filter(None, (without_mentions(message.content) for message in burst)))
        thread = channel if isinstance(channel, discord.Thread) else None
        if thread is None:
            return HeardMessage(text, mode, replies_to_other=first.type is discord.MessageType.reply)
        left = await self._store.run(lambda: self._store.database.is_silenced(thread.id))
        in_forum = isinstance(thread.parent, discord.ForumChannel)
        opening = in_forum and not left and _opens(first, thread)
        if opening:
            # Once: whatever becomes of it, the rest of the post is left to people.
            await self._store.run(lambda: self._store.database.silence_thread(thread.id, thread.guild.id))
        return HeardMessage(
            f"{thread.name}\n{text}" if opening else text,
            mode,
            closed=_closed(thread),
            left=left,
            in_forum=in_forum,
            opening=opening,
            replies_to_other=first.type is discord.MessageType.reply,
        )

    async def _note_moderator(self, message: discord.Message, guild: discord.Guild) -> None:
        """Remember that a moderator has taken a thread over that somebody else began."""
        thread, author = message.channel, message.author
        if not isinstance(thread, discord.Thread) or not isinstance(author, discord.Member):
            return
        parent = thread.parent
        if thread.owner_id == author.id or parent is None or not parent.permissions_for(author).manage_messages:
            return
        await self._store.run(lambda: self._store.database.silence_thread(thread.id, guild.id))


def _asking(burst: list[discord.Message]) -> discord.Message:
    """Return the message of a burst that is replied to: the last one that asks ("thanks!" may come after it)."""
    return next((message for message in reversed(burst) if asks(message.content)), burst[-1])


def _machine(message: discord.Message) -> bool:
    return message.author.bot or message.webhook_id is not None or message.type not in _TALK


def _opens(message: discord.Message, post: discord.Thread) -> bool:
    """Tell whether a message opens a forum post; usually it has the post's own id."""
    if message.id == post.id:
        return True
    age = message.created_at - discord.utils.snowflake_time(post.id)
    return message.author.id == post.owner_id and age < _NEW_POST


def _closed(thread: discord.Thread) -> bool:
    """Tell whether a thread is locked or archived, or a tag or its title says that it is solved."""
    title = _MARKED.match(thread.name)
    names = [tag.name for tag in thread.applied_tags] + ([title[1] or "solved"] if title else [])
    return thread.locked or thread.archived or any(name.strip().lower() in _SOLVED for name in names)
