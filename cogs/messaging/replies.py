"""The two ways to answer a person: to an interaction (which can be private) and to a message (which cannot)."""

from __future__ import annotations

import io
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final, Protocol

import aiohttp
import discord

from cogs.core.errors import sentence
from cogs.messaging.question_locks import QuestionGoneError, QuestionLocks
from cogs.messaging.retry import acknowledge, persistently
from cogs.messaging.send_queue import SendQueue
from cogs.ui.layout import MessageBody
from i18n import texts

_log = logging.getLogger(__name__)

SILENT: Final = discord.AllowedMentions.none()
_NOTICE_SECONDS: Final = 60.0
# Discord's codes for a reply that cannot be tied to its message: gone, or its history may not be read.
_NO_REFERENCE: Final = frozenset({10008, 50035, 160002})


class Reply(Protocol):
    """Where an answer or a notice goes."""

    @property
    def channel_id(self) -> int:
        """Where the answer stands, once it is shown."""
        ...

    async def show(self, face: MessageBody) -> int:
        """Send the answer and return the id of its message."""
        ...

    async def notice(self, text: str) -> None:
        """Tell the person alone, as far as Discord allows."""
        ...


@asynccontextmanager
async def told(reply: Reply) -> AsyncIterator[None]:
    """Tell the person about any error inside the block, in a plain sentence; nothing is raised further."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the person who asked must hear of it
        if isinstance(error, discord.NotFound) and error.code in {10062, 10015}:
            # Discord has shown "did not respond" already, and takes nothing more for this interaction.
            _log.warning("An interaction was over before it could be answered: %s", error)
            return
        try:
            await reply.notice(sentence(error))
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.warning("A notice could not be sent", exc_info=True)


class InteractionReply:
    """Answers an interaction: publicly after `defer`, privately for notices."""

    def __init__(self, interaction: discord.Interaction, *, private: bool = False) -> None:
        """Take the interaction; nothing is sent yet. A `private` answer is seen by the member alone."""
        self._interaction = interaction
        self._private = private
        self._deferred = False

    @property
    def channel_id(self) -> int:
        """Where the interaction happens."""
        return self._interaction.channel_id or 0

    async def defer(self) -> None:
        """Acknowledge at once; "thinking" is shown until the answer comes."""
        await acknowledge(lambda: self._interaction.response.defer(thinking=True, ephemeral=self._private))
        self._deferred = True

    async def turn(self) -> None:
        """Acknowledge a press at once; what is shown next takes the place of the message with the button."""
        await acknowledge(self._interaction.response.defer)

    async def show(self, face: MessageBody) -> int:
        """Put the answer where "thinking" is shown, or in the place of what was shown."""
        edit = self._interaction.edit_original_response
        # What is sent is made anew for each try: a file can be sent once.
        return (await persistently(lambda: edit(allowed_mentions=SILENT, **face.sending))).id

    async def send_file(self, text: str, name: str, data: bytes) -> None:
        """Put a sentence and a file where "thinking" is shown."""

        async def send() -> None:  # a file can be read once, so each try makes its own
            file = discord.File(io.BytesIO(data), name)
            await self._interaction.edit_original_response(content=text, attachments=[file], allowed_mentions=SILENT)

        await persistently(send)

    async def say(self, text: str) -> None:
        """Put a sentence where "thinking" is shown privately."""
        await persistently(partial(self._interaction.edit_original_response, content=text, allowed_mentions=SILENT))

    async def notice(self, text: str) -> None:
        """Tell the member alone, also after a public `defer`.

        The first message after a `defer` takes its place and its publicity, so that place is filled with a
        public line, the private message follows, and the public line is deleted.
        """
        interaction = self._interaction
        if not (self._deferred or interaction.response.is_done()):
            await acknowledge(lambda: interaction.response.send_message(text, ephemeral=True, allowed_mentions=SILENT))
            return
        thinking = (
            self._deferred or interaction.response.type is discord.InteractionResponseType.deferred_channel_message
        )
        if thinking and self._private and await self._fill(text):
            return
        filled = thinking and not self._private and await self._fill(texts.TOLD_PRIVATELY)
        await persistently(lambda: interaction.followup.send(text, ephemeral=True, allowed_mentions=SILENT))
        if filled:
            with suppress(discord.HTTPException):
                await persistently(interaction.delete_original_response)

    async def _fill(self, text: str) -> bool:
        """Put `text` where "thinking" is shown; tell whether that was possible."""
        edit = partial(self._interaction.edit_original_response, content=text, allowed_mentions=SILENT)
        try:
            await persistently(edit)
        except discord.HTTPException:
            return False
        return True


@asynccontextmanager
async def deferred(interaction: discord.Interaction) -> AsyncIterator[InteractionReply]:
    """Acknowledge an interaction at once, for a private answer inside the block; the member is told of any error."""
    reply = InteractionReply(interaction, private=True)
    async with told(reply):
        await reply.defer()
        yield reply


class NoticeLimit:
    """Allows a member one notice a minute, because a notice on a message is seen by all."""

    def __init__(self) -> None:
        """Begin with nobody told."""
        self._told: dict[int, float] = {}

    def allows(self, member_id: int) -> bool:
        """Tell whether the member may be told now, and count it as told if so."""
        now = time.monotonic()
        self._told = {member: at for member, at in self._told.items() if now - at < _NOTICE_SECONDS}
        if member_id in self._told:
            return False
        self._told[member_id] = now
        return True


class MessageReplies:
    """Makes replies to messages, which share one count of notices and take turns in a channel: one for the bot."""

    def __init__(self) -> None:
        """Begin with nobody told."""
        self.channels = SendQueue()
        self.questions = QuestionLocks()
        self._limit = NoticeLimit()

    def to(self, message: discord.Message) -> MessageReply:
        """Return the reply to a message."""
        return self.under(message, message.author.id)

    def under(self, message: discord.Message | discord.PartialMessage, member_id: int) -> MessageReply:
        """Return the reply to a message, given for a member."""
        return MessageReply(message, member_id, self._limit, self)


class MessageReply:
    """Answers a message by replying to it; pings nobody."""

    def __init__(
        self,
        message: discord.Message | discord.PartialMessage,
        author_id: int,
        limit: NoticeLimit,
        replies: MessageReplies,
    ) -> None:
        """Take the message and who wrote it; nothing is sent yet."""
        self._message = message
        self._author_id = author_id
        self._limit = limit
        self._channels = replies.channels
        self._questions = replies.questions
        # One number for all tries of one sending: Discord then keeps a single message of them.
        self._nonce = secrets.randbits(63)

    @property
    def channel_id(self) -> int:
        """Where the message stands."""
        return self._message.channel.id

    async def show(self, face: MessageBody) -> int:
        """Reply with the answer. Raises QuestionGoneError where the message was deleted meanwhile."""
        self._questions.require(self._message.id)
        return (await self._send(partial(self._message.channel.send, **face.sending))).id

    async def notice(self, text: str) -> None:
        """Reply with one short text, at most once a minute for a member."""
        with suppress(QuestionGoneError):
            self._questions.require(self._message.id)
            if self._limit.allows(self._author_id):
                notice = await self._send(partial(self._message.channel.send, text))
                self._questions.noticed(self._message.id, notice.id)

    async def _send(self, send: Callable[..., Awaitable[discord.Message]]) -> discord.Message:
        """Send as a reply, or on its own where the message is gone or its history may not be read."""
        quiet = partial(send, mention_author=False, allowed_mentions=SILENT, nonce=self._nonce)
        reply = partial(quiet, reference=self._message.to_reference(fail_if_not_exists=False))
        async with self._channels.turn(self._message.channel):
            try:
                return await persistently(reply)
            except discord.HTTPException as error:
                if error.code not in _NO_REFERENCE:
                    raise
                return await persistently(quiet)
