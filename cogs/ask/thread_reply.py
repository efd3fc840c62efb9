"""Answers in a new thread on the question, and deletes the thread with its answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

import aiohttp
import discord

from cogs.messaging.message_reply import MessageReplies, MessageReply
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import OUTAGE, PATIENT, with_retries
from cogs.ui.layout import MessageBody
from cogs.ui.truncate import shorten
from index.text.display_names import display_line
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)

_MAX_NAME: Final = 100
_THREAD_EXISTS: Final = 160004  # Discord's code: the message has a thread already


def can_create_thread(channel: discord.abc.MessageableChannel, me: discord.Member) -> bool:
    """Whether the bot may create a thread on a message of a channel and write in it. False in threads."""
    if not isinstance(channel, discord.TextChannel):
        return False
    allowed = channel.permissions_for(me)
    return allowed.create_public_threads and allowed.send_messages_in_threads


async def create_thread(message: discord.Message, name: str, delays: Sequence[float] = PATIENT) -> int | None:
    """Create a thread on a message, or find the one that it has already; return its id, or None if Discord refuses.

    `name` is shortened if it is too long; `delays` are those of `with_retries`.
    """
    try:
        create = partial(message.create_thread, name=shorten(display_line(name), _MAX_NAME))
        return (await with_retries(create, delays)).id
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        # Also if an attempt had created it although its response was lost.
        if isinstance(error, discord.HTTPException) and error.code == _THREAD_EXISTS:
            return message.id  # which the thread on a message has, too
        _log.info("No thread could be created in channel %s: %s", message.channel.id, error)
    return None


async def delete_empty_thread(client: discord.Client, answer: StoredAnswer) -> None:
    """Delete the thread that the bot created for a deleted answer, if it is empty and the bot may delete it."""
    thread = client.get_channel(answer.channel_id)
    if answer.channel_id != answer.question_id or not isinstance(thread, discord.Thread) or thread.parent is None:
        return
    allowed = thread.permissions_for(thread.guild.me)
    # Without permission to read it, Discord returns an empty history.
    readable = allowed.view_channel and allowed.read_message_history
    if not readable or not allowed.manage_threads or thread.owner_id != thread.guild.me.id:
        return
    try:
        async for message in thread.history(limit=2):
            if message.type is not discord.MessageType.thread_starter_message:
                return
        await with_retries(thread.delete)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log.info("The empty thread %s could not be deleted: %s", thread.id, error)


class ThreadReply:
    """Answers a message in a new thread on it, or with a reply if the thread cannot be created."""

    def __init__(
        self, client: discord.Client, message: discord.Message, name: str, reply: MessageReply, replies: MessageReplies
    ) -> None:
        """Prepare the reply; `name` is the thread's name and `reply` the fallback. Nothing is sent yet."""
        self._client = client
        self._message = message
        self._name = name
        self._reply = reply
        self._replies = replies
        self._send_queue = replies.send_queue
        self._question_locks = replies.question_locks
        self._nonce = reply.nonce
        self._thread: discord.abc.Messageable | None = None

    @property
    def channel_id(self) -> int:
        """The channel or thread that holds the answer; a thread on a message has the message's id."""
        return self._reply.channel_id if self._thread is None else self._message.id

    async def show(self, body: MessageBody, *, brief: bool = False) -> int:
        """Create the thread and answer in it; a `brief` answer is a reply, unless there is a thread already.

        Raises QuestionDeletedError if the message was deleted.
        """
        self._question_locks.raise_if_deleted(self._message.id)
        if self._thread is None and not brief:
            made = await create_thread(self._message, self._name, OUTAGE)
            self._thread = None if made is None else self._client.get_partial_messageable(made)
        if self._thread is None:
            return await self._reply.show(body)
        send = partial(self._thread.send, **body.send_kwargs, allowed_mentions=SILENT, nonce=self._nonce)
        async with self._send_queue.lock(self._message.channel):
            return (await with_retries(send, OUTAGE)).id

    def further(self) -> ThreadReply:
        """Return a reply in the same thread."""
        other = ThreadReply(self._client, self._message, self._name, self._reply.further(), self._replies)
        other._thread = self._thread
        return other

    async def show_privately(self, body: MessageBody, bare: MessageBody) -> int | None:
        """Send the answer to the author of the message; no thread is created for it."""
        return await self._reply.show_privately(body, bare)

    async def notice(self, text: str) -> None:
        """Send the notice in the message's channel; no thread is created for it."""
        await self._reply.notice(text)
