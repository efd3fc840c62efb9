"""Reads Discord threads and forum posts for storing as articles: messages in order, under their authors' names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import app_commands

from cogs.articles.channels.authors import USER_MESSAGES, is_automated
from i18n import texts
from index.models import UserError
from index.sources.chat_log import ChatMessage

_MAX_MESSAGES: Final = 1000  # of one thread


@dataclass(frozen=True, slots=True)
class ThreadTranscript:
    """The messages of a thread, and a sentence on what was left out (empty if nothing was)."""

    title: str
    link: str
    messages: tuple[ChatMessage, ...]
    missing: str


async def resolve_thread(option: app_commands.AppCommandThread | None, here: object) -> object:
    """Return the chosen thread, or the channel of the command if none was. Raises UserError if it is inaccessible."""
    if option is None:
        return here
    try:
        return option.resolve() or await option.fetch()
    except discord.HTTPException as error:
        raise UserError(texts.CHANNEL_FORBIDDEN.format(channel=option.mention)) from error


async def read_thread(channel: object, me: discord.Member | None, *, message_content: bool) -> ThreadTranscript:
    """Return the messages of a thread or forum post, oldest first.

    Raises UserError if `channel` is no thread, or message content or a permission is missing.
    """
    if not isinstance(channel, discord.Thread) or me is None:
        raise UserError(texts.THREAD_WANTED)
    if not message_content:
        raise UserError(f"{texts.NEEDS_CONTENT} {texts.THREAD_SAVE_ONE}")
    # Without these permissions Discord returns an empty history.
    allowed = channel.permissions_for(me) if channel.parent else discord.Permissions.none()
    if not (allowed.view_channel and allowed.read_message_history):
        raise UserError(texts.CHANNEL_FORBIDDEN.format(channel=channel.mention))
    try:
        history = [message async for message in channel.history(limit=_MAX_MESSAGES + 1, oldest_first=True)]
    except discord.Forbidden as error:
        raise UserError(texts.CHANNEL_FORBIDDEN.format(channel=channel.mention)) from error
    messages, missing = _chat_messages(history)
    return ThreadTranscript(channel.name, channel.jump_url, tuple(messages), missing)


def _chat_messages(history: Sequence[discord.Message]) -> tuple[list[ChatMessage], str]:
    """Return the messages that members wrote, and a sentence on what was left out (empty if nothing was)."""
    messages: list[ChatMessage] = []
    automated = empty = 0
    for message in map(_starter_message, history[:_MAX_MESSAGES]):
        if is_automated(message):
            automated += 1
        elif message.type in USER_MESSAGES and message.content.strip():
            messages.append(ChatMessage(message.author.display_name, message.content))
        elif message.type in USER_MESSAGES:
            empty += 1
    left_out = [
        texts.THREAD_MACHINES.format(count=automated) if automated else "",
        texts.THREAD_EMPTY.format(count=empty) if empty else "",
        texts.THREAD_MORE.format(most=_MAX_MESSAGES) if len(history) > _MAX_MESSAGES else "",
    ]
    missing = texts.THREAD_MISSING.format(what=", ".join(filter(None, left_out))) if any(left_out) else ""
    return messages, missing


def _starter_message(message: discord.Message) -> discord.Message:
    """Return the message itself, or for a thread's starter entry the channel message that the thread began under."""
    reference: Any = message.reference
    if message.type is discord.MessageType.thread_starter_message and reference is not None:
        starter = reference.resolved
        return starter if isinstance(starter, discord.Message) else message
    return message
