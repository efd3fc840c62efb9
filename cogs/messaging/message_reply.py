"""Replies to messages, which everybody in the channel sees."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

import aiohttp
import discord

from cogs.messaging.claims import Claim
from cogs.messaging.question_locks import QuestionDeletedError, QuestionLocks
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import OUTAGE, with_retries
from cogs.messaging.send_queue import SendQueue
from cogs.ui.layout import MessageBody
from cogs.ui.limits import fit_content
from i18n import texts

_log = logging.getLogger(__name__)

_NOTICE_SECONDS: Final = 60.0
_NONCE_SECONDS: Final = 60.0  # after which the same nonce may make a second message
_LOOKED_AT: Final = 50  # messages after the question among which an earlier reply is looked for

NO_REFERENCE: Final = frozenset({10008, 50035, 160002})
"""Discord's codes for a reply that cannot refer to its message: deleted, or its history may not be read."""


class NoticeLimit:
    """Allows one notice per member and minute, because everybody in the channel sees it."""

    def __init__(self) -> None:
        """Start without notices."""
        self._noticed_at: dict[int, float] = {}

    def allows(self, member_id: int) -> bool:
        """Whether the member may get a notice now; if so it is counted."""
        now = time.monotonic()
        self._noticed_at = {member: at for member, at in self._noticed_at.items() if now - at < _NOTICE_SECONDS}
        if member_id in self._noticed_at:
            return False
        self._noticed_at[member_id] = now
        return True


class MessageReplies:
    """Creates replies to messages; one instance per client, so that they share limits, locks and send queue."""

    def __init__(self) -> None:
        """Start with empty limits, locks and queue."""
        self.send_queue = SendQueue()
        self.question_locks = QuestionLocks()
        self._limit = NoticeLimit()

    async def delete_notices(self, client: discord.Client, *message_ids: int) -> None:
        """Delete the responses to messages that are not stored: notices, and answers that could not be stored."""
        for channel_id, notice in self.question_locks.pop_notices(*message_ids):
            await delete_message(client, channel_id, notice)

    def to(self, message: discord.Message, claim: Claim | None = None) -> MessageReply:
        """Return the reply to a message; `claim` is its question, if that is stored."""
        return self.for_member(message, message.author.id, claim)

    def for_member(
        self, message: discord.Message | discord.PartialMessage, member_id: int, claim: Claim | None = None
    ) -> MessageReply:
        """Return the reply to a message on behalf of a member, whose notices it counts."""
        return MessageReply(message, member_id, self._limit, self, claim)


class MessageReply:
    """Replies to a message; pings nobody."""

    def __init__(
        self,
        message: discord.Message | discord.PartialMessage,
        member_id: int,
        limit: NoticeLimit,
        replies: MessageReplies,
        claim: Claim | None = None,
        part: int = 0,
    ) -> None:
        """Prepare the reply, the `part`th to the message; nothing is sent yet."""
        self._message = message
        self._member_id = member_id
        self._limit = limit
        self._replies = replies
        self._send_queue = replies.send_queue
        self._question_locks = replies.question_locks
        self._claim = claim
        self._part = part
        # One nonce for all attempts, those of other processes too, so that Discord keeps a single message of them.
        self._nonce = claim.nonce(part) if claim else secrets.randbits(63)
        self._first_attempt: float | None = None  # monotonic seconds
        self._private_channel_id: int | None = None
        self._earlier = claim.earlier if claim else frozenset[int]()  # ids of messages that earlier replies have sent
        self._sent: int | None = None

    @property
    def nonce(self) -> int:
        """With which the answer is sent."""
        return self._nonce

    @property
    def channel_id(self) -> int:
        """The channel of the message, or that of the direct message with its answer."""
        return self._private_channel_id or self._message.channel.id

    async def show(self, body: MessageBody, *, brief: bool = False) -> int:  # noqa: ARG002 - opens no thread anyway
        """Reply with the answer and return its id. Raises QuestionDeletedError if the message was deleted."""
        self._question_locks.raise_if_deleted(self._message.id)
        self._sent = (await self._send(partial(self._message.channel.send, **body.send_kwargs))).id
        return self._sent

    def further(self) -> MessageReply:
        """Return another reply to the same message."""
        other = MessageReply(self._message, self._member_id, self._limit, self._replies, self._claim, self._part + 1)
        other._earlier = self._earlier | ({self._sent} if self._sent else set())
        return other

    async def show_privately(self, body: MessageBody, bare: MessageBody) -> int | None:  # noqa: ARG002 - of a server
        """Send the answer to the author as a direct message; if these are closed, reply how to ask instead."""
        self._question_locks.raise_if_deleted(self._message.id)
        author = self._message.author if isinstance(self._message, discord.Message) else None
        try:
            if author is not None:
                if self._claim:
                    await self._claim.begin()
                sent = await with_retries(
                    partial(author.send, **bare.send_kwargs, allowed_mentions=SILENT, nonce=self._nonce)
                )
                self._private_channel_id = sent.channel.id
                return sent.id
        except discord.Forbidden:
            pass
        await self.notice(texts.ASK_PRIVATELY)
        return None

    async def notice(self, text: str) -> None:
        """Reply with a sentence, at most once a minute per member; not if the message was deleted."""
        with suppress(QuestionDeletedError):
            self._question_locks.raise_if_deleted(self._message.id)
            if self._limit.allows(self._member_id):
                # With the nonce of the answer, Discord would take the notice for the same message.
                if self._sent or self._claim:
                    self._earlier |= {self._sent} if self._sent else set()
                    self._nonce, self._first_attempt = secrets.randbits(63), None
                notice = await self._send(partial(self._message.channel.send, fit_content(text)))
                self._question_locks.add_notice(self._message.id, self._message.channel.id, notice.id)

    async def _send(self, send: Callable[..., Awaitable[discord.Message]]) -> discord.Message:
        """Send as a reply, or without a reference if the message is deleted or its history may not be read."""
        quiet = partial(send, mention_author=False, allowed_mentions=SILENT, nonce=self._nonce)
        reply = partial(quiet, reference=self._message.to_reference(fail_if_not_exists=False))
        if not _may_refer(self._message.channel):
            reply = quiet
        async with self._send_queue.lock(self._message.channel):
            try:
                return await with_retries(partial(self._attempt, reply), OUTAGE)
            except discord.HTTPException as error:
                if error.code not in NO_REFERENCE:
                    raise
                return await with_retries(partial(self._attempt, quiet), OUTAGE)

    async def _attempt(self, send: Callable[..., Awaitable[discord.Message]]) -> discord.Message:
        """Send, or return the message of an earlier attempt whose response was lost before an outage.

        Discord compares nonces for a few minutes only, so that after these the channel is read.
        """
        now = time.monotonic()
        if self._first_attempt is None:
            # Another process, or this one before it was frozen, may have tried since the question was accepted.
            waited = time.time() - self._claim.stored.accepted_at if self._claim and not self._sent else 0.0
            self._first_attempt = now - max(0.0, waited)
        if now - self._first_attempt > _NONCE_SECONDS and (sent := await self._sent_before()):
            return sent
        return await send()

    async def _sent_before(self) -> discord.Message | None:
        """Return the bot's reply to the message if the channel has one that may be read."""
        channel = self._message.channel
        me = channel.guild.me if isinstance(channel, discord.abc.GuildChannel | discord.Thread) else None
        with suppress(discord.Forbidden):
            async for found in channel.history(limit=_LOOKED_AT, after=self._message):
                own = found.author.id == me.id if me else found.author.bot
                replies = found.reference is not None and found.reference.message_id == self._message.id
                if own and replies and found.id not in self._earlier:
                    return found
        return None


async def delete_message(client: discord.Client, channel_id: int, message_id: int) -> None:
    """Delete a message of the bot; failures are logged, so that others are deleted all the same."""
    channel = client.get_partial_messageable(channel_id)
    try:
        await with_retries(channel.get_partial_message(message_id).delete)
    except discord.NotFound:
        return
    except (discord.HTTPException, aiohttp.ClientError, OSError):
        _log.warning("A message in channel %s could not be deleted", channel_id, exc_info=True)


def _may_refer(channel: object) -> bool:
    """Whether Discord accepts a reply in a channel, as far as is known: it needs *Read Message History*."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread) or channel.guild.me is None:
        return True
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return True  # its permissions are unknown
    return channel.permissions_for(channel.guild.me).read_message_history
