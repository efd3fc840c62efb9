"""Reads what a message asks: its questions, with the title of a forum post where they need it, or small talk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import discord

from cogs.messaging.message_text import lines_without_mentions
from qa.conversation.several_questions import Questions, questions_in
from qa.conversation.small_talk import SmallTalk, small_talk_in

_STICKER: Final = "🙂"  # what a message is read as that consists of stickers
_NEW_POST: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class MessageQuestions:
    """What a message asks.

    Attributes:
        texts: Its questions in order; none if it is small talk.
        left_out: How many more questions it has than are answered.
        small_talk: The kind of small talk that it is, else None.
        from_title: Whether the title of its forum post is its question, because it has none of its own.
    """

    texts: tuple[str, ...]
    left_out: int = 0
    small_talk: SmallTalk | None = None
    from_title: bool = False


def questions_of(message: discord.Message, me: discord.ClientUser | None) -> MessageQuestions:
    """Return what a message asks.

    The title of a forum post is part of the question of its first message, and the question of any message in it that
    only calls for help.
    """
    post, text = forum_post(message.channel), lines_without_mentions(message.content)
    return read_questions(
        text if text or not message.stickers else _STICKER,
        names_of(me, message.guild),
        post.name if post else "",
        opening=post is not None and message.id == post.id,
    )


def read_questions(text: str, names: Collection[str], title: str = "", *, opening: bool = False) -> MessageQuestions:
    """Return what a text without mentions asks, in a post with a title; `opening` says that it is the first there."""
    talk = small_talk_in(" ".join(text.split()), names)
    found = Questions(()) if talk else questions_in(text, names)
    if not talk and not found.texts:
        talk = SmallTalk.OK  # every sentence is small talk
    if title and (talk in {SmallTalk.HELP, SmallTalk.GREETING} or (talk and opening)):
        asked = questions_in(title, names)  # none if the title is "Help"
        if asked.texts:
            return MessageQuestions(asked.texts, asked.left_out, from_title=True)
    if opening and title and len(found.texts) == 1:
        return MessageQuestions((f"{title}\n{found.texts[0]}",))
    if opening and title and found.texts:
        found = questions_in(f"{title}\n{text}", names)
    return MessageQuestions(found.texts, found.left_out, talk)


def names_of(me: discord.ClientUser | None, guild: discord.Guild | None) -> frozenset[str]:
    """Return what the bot is called, with its nickname in a server."""
    names = [me.name, me.display_name] if me else []
    names += [guild.me.display_name] if guild and guild.me else []
    return frozenset(names)


def forum_post(channel: object) -> discord.Thread | None:
    """Return a channel if it is a post of a forum."""
    is_post = isinstance(channel, discord.Thread) and isinstance(channel.parent, discord.ForumChannel)
    return channel if isinstance(channel, discord.Thread) and is_post else None


def is_opening(message: discord.Message, post: discord.Thread) -> bool:
    """Whether a message opens a forum post; usually it has the id of the post."""
    if message.id == post.id:
        return True
    age = message.created_at - discord.utils.snowflake_time(post.id)
    return message.author.id == post.owner_id and age < _NEW_POST
