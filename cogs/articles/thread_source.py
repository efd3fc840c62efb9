"""Threads and forum posts as articles: their messages in order, each under its author's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import app_commands

from i18n import texts
from index.models import UserError
from index.sources.chat_log import ChatMessage

_MOST: Final = 1000  # messages of one thread
_TALK: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


@dataclass(frozen=True, slots=True)
class ThreadTranscript:
    """A thread as it was read, and a sentence for what is left out of it."""

    title: str
    link: str
    said: tuple[ChatMessage, ...]
    missing: str


async def found_thread(chosen: app_commands.AppCommandThread | None, here: object) -> object:
    """Return the thread that was chosen, else where the command was used. Raises UserError where it cannot be had."""
    if chosen is None:
        return here
    try:
        return chosen.resolve() or await chosen.fetch()
    except discord.HTTPException as error:
        raise UserError(texts.THREAD_FORBIDDEN.format(thread=chosen.mention)) from error


async def read_thread(place: object, me: discord.Member | None, *, hears_all: bool) -> ThreadTranscript:
    """Read a thread or forum post, its oldest messages first. Raises UserError where that cannot be done."""
    if not isinstance(place, discord.Thread) or me is None:
        raise UserError(texts.THREAD_WANTED)
    if not hears_all:
        raise UserError(texts.THREAD_NEEDS_CONTENT)
    # Without the permission Discord gives an empty history.
    allowed = place.permissions_for(me) if place.parent else discord.Permissions.none()
    if not (allowed.view_channel and allowed.read_message_history):
        raise UserError(texts.THREAD_FORBIDDEN.format(thread=place.mention))
    said: list[ChatMessage] = []
    machines = empty = 0
    try:
        messages = [message async for message in place.history(limit=_MOST + 1, oldest_first=True)]
    except discord.Forbidden as error:
        raise UserError(texts.THREAD_FORBIDDEN.format(thread=place.mention)) from error
    more = len(messages) > _MOST
    for message in map(_itself, messages[:_MOST]):
        if message.author.bot or message.webhook_id is not None:
            machines += 1
        elif message.type in _TALK and message.content.strip():
            said.append(ChatMessage(message.author.display_name, message.content))
        elif message.type in _TALK:
            empty += 1
    left = [
        texts.THREAD_MACHINES.format(count=machines) if machines else "",
        texts.THREAD_EMPTY.format(count=empty) if empty else "",
        texts.THREAD_MORE.format(most=_MOST) if more else "",
    ]
    missing = texts.THREAD_MISSING.format(what=", ".join(filter(None, left))) if any(left) else ""
    return ThreadTranscript(place.name, place.jump_url, tuple(said), missing)


def _itself(message: discord.Message) -> discord.Message:
    """Return a message, and for the first of a thread that was begun under a message, that message."""
    reference: Any = message.reference
    if message.type is discord.MessageType.thread_starter_message and reference is not None:
        begun = reference.resolved
        return begun if isinstance(begun, discord.Message) else message
    return message
