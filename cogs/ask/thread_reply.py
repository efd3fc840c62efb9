"""Answering in a thread of its own, where a channel would otherwise fill with answers; it goes with its answer."""

from __future__ import annotations

import logging
import secrets
from functools import partial
from typing import Final

import aiohttp
import discord

from cogs.messaging.replies import SILENT, MessageReplies, MessageReply
from cogs.messaging.retry import persistently
from cogs.ui.escape import one_line
from cogs.ui.layout import MessageBody
from cogs.ui.truncate import shortened
from storage.models import StoredAnswer

_log = logging.getLogger(__name__)

_MAX_NAME: Final = 100
_THERE_ALREADY: Final = 160004  # a message has one thread at most


def may_begin(channel: discord.abc.MessageableChannel, me: discord.Member) -> bool:
    """Tell whether the bot may begin a thread on a message of a channel and write in it; in a thread nobody can."""
    if not isinstance(channel, discord.TextChannel):
        return False
    allowed = channel.permissions_for(me)
    return allowed.create_public_threads and allowed.send_messages_in_threads


async def drop_empty(client: discord.Client, given: StoredAnswer) -> None:
    """Delete the thread that the bot began for an answer, once nothing is left in it; where it may not, it stays."""
    thread = client.get_channel(given.channel_id)
    if given.channel_id != given.question_id or not isinstance(thread, discord.Thread) or thread.parent is None:
        return
    allowed = thread.permissions_for(thread.guild.me)
    # Without the permission Discord gives an empty history, as if nobody had written there.
    sees = allowed.view_channel and allowed.read_message_history
    if not sees or not allowed.manage_threads or thread.owner_id != thread.guild.me.id:
        return
    try:
        async for message in thread.history(limit=2):
            if message.type is not discord.MessageType.thread_starter_message:
                return
        await persistently(thread.delete)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log.info("The empty thread %s could not be deleted: %s", thread.id, error)


class ThreadReply:
    """Answers a message in a new thread on it, or by a reply where Discord does not let it."""

    def __init__(
        self, client: discord.Client, message: discord.Message, name: str, reply: MessageReply, replies: MessageReplies
    ) -> None:
        """Take the message, what the thread is called and the reply that takes its place; nothing is sent yet."""
        self._client = client
        self._message = message
        self._name = shortened(one_line(name), _MAX_NAME)
        self._reply = reply
        self._channels = replies.channels
        self._questions = replies.questions
        self._nonce = secrets.randbits(63)
        self._thread: discord.abc.Messageable | None = None

    @property
    def channel_id(self) -> int:
        """Where the answer stands; a thread on a message has the message's number."""
        return self._reply.channel_id if self._thread is None else self._message.id

    async def show(self, face: MessageBody) -> int:
        """Begin the thread and answer in it. Raises QuestionGoneError where the message was deleted meanwhile."""
        self._questions.require(self._message.id)
        self._thread = await self._begun()
        if self._thread is None:
            return await self._reply.show(face)
        send = partial(self._thread.send, **face.sending, allowed_mentions=SILENT, nonce=self._nonce)
        async with self._channels.turn(self._message.channel):
            return (await persistently(send)).id

    async def notice(self, text: str) -> None:
        """Tell it where the message stands: a thread is for an answer."""
        await self._reply.notice(text)

    async def _begun(self) -> discord.abc.Messageable | None:
        try:
            return await persistently(partial(self._message.create_thread, name=self._name))
        except discord.HTTPException as error:
            if error.code == _THERE_ALREADY:  # also after a call that took effect although its answer was lost
                return self._client.get_partial_messageable(self._message.id)
            _log.info("No thread could be begun in channel %s: %s", self._message.channel.id, error)
        except (aiohttp.ClientError, OSError) as error:
            _log.info("No thread could be begun in channel %s: %s", self._message.channel.id, error)
        return None
