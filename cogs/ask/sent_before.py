"""Finds which answers to a message were sent by a process that is gone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Final

import discord

from cogs.core.async_store import AsyncStore
from cogs.messaging.claims import Claim

_LOOKED_AT: Final = 50  # messages after the question
_NONCE_SECONDS: Final = 60.0  # in which Discord surely knows a nonce again


async def find_sent_answers(
    client: discord.Client,
    store: AsyncStore,
    claim: Claim,
    message: discord.Message | discord.PartialMessage,
    *,
    readable: bool = True,
) -> None:
    """Set in `claim` how many answers to a message were sent, and forget those that were stored but not sent.

    Each answer is stored before it is sent, so that without a stored one nothing was. Where the channel is not
    `readable`, an answer that may have been sent is sent again with its nonce, of which Discord makes no second
    message; it is taken for sent if that is too long ago.
    """
    database, ids = store.database, claim.stored.answer_ids
    answers = await store.run(lambda: database.answers_with(ids)) if ids else []
    sent = [one for one in answers if one.message_id is not None]
    unsent = [one for one in answers if one.message_id is None]
    known = {one.message_id for one in sent}
    if unsent:
        found = [place async for place in _replies(client, message) if place[1] not in known] if readable else []
        unseen = not found and (claim.stored.begun or not readable)
        places = {one.id: place for one, place in zip(unsent, found, strict=False)}
        shown = len(places)
        if unseen and time.time() - claim.stored.accepted_at > _NONCE_SECONDS:
            shown = 1
        left = [one.id for one in unsent[shown:]]
        await store.run(lambda: database.settle(places, left))
        sent += unsent[:shown]
        known |= {message_id for _, message_id in places.values()}
    claim.sent, claim.after = len(sent), sent[-1].id if sent else None
    claim.earlier = frozenset(filter(None, known))


async def _replies(
    client: discord.Client, message: discord.Message | discord.PartialMessage
) -> AsyncIterator[tuple[int, int]]:
    """Yield the bot's replies to a message, and its messages in the thread on it: the ids of channel and message."""
    me = client.user.id if client.user else 0
    async for one in message.channel.history(limit=_LOOKED_AT, after=message):
        if one.author.id == me and one.reference is not None and one.reference.message_id == message.id:
            yield message.channel.id, one.id
    thread = client.get_channel(message.id)
    if isinstance(thread, discord.Thread):
        async for one in thread.history(limit=_LOOKED_AT, oldest_first=True):
            if one.author.id == me and one.type is discord.MessageType.default:
                yield thread.id, one.id
