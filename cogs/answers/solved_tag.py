"""Tags forum posts as solved once their author has said that the answer helped."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from cogs.core.translator import server_language
from cogs.messaging.message_text import without_mentions
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from qa.conversation.small_talk import SmallTalk, small_talk_in
from qa.outcome import NotCovered
from storage.models import ServerSettings
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)

_MAX_TAGS: Final = 5  # of a post
# Names of such tags in six languages, the best first; in each language solved, resolved, answered.
_NAMES: Final = (
    *("solved", "gelöst", "résolu", "resuelto", "risolto", "resolvido"),
    *("resolved", "erledigt", "résolue", "resuelta", "risolta", "resolvida", "solucionado", "solucionada"),
    *("answered", "beantwortet", "répondu", "respondido", "risposto", "respondida"),
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")


class SolvedTag(commands.Cog):
    """Sets the tag when the author of a post votes that the answer helped, or writes thanks."""

    def __init__(self, bot: commands.Bot, store: AsyncStore) -> None:
        """Use the client and the store of answers and settings."""
        self._bot = bot
        self._store = store

    @commands.Cog.listener()
    async def on_helpful_vote(self, answer_id: int, member_id: int) -> None:
        """Tag the post of an answer, if its author voted that it helped."""
        try:
            answer = await self._store.run(lambda: self._store.database.answer(answer_id))
            if answer is not None and answer.asker_id in {member_id, 0}:
                await self.tag(answer, member_id)
        except (UserError, SQLAlchemyError):
            _log.exception("The post of answer %s could not be tagged", answer_id)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Tag a post whose author thanks in it, after the bot has answered there."""
        post = message.channel
        if not isinstance(post, discord.Thread) or message.author.id != post.owner_id or message.id == post.id:
            return
        try:
            if not (await self._store.settings(post.guild.id)).solved_tag:
                return
            if small_talk_in(without_mentions(message.content)) is not SmallTalk.THANKS:
                return
            answer = await self._store.run(lambda: self._store.database.last_answer(post.id))
            if answer is not None and answer.asker_id in {message.author.id, 0}:
                await self.tag(answer, message.author.id)
        except (UserError, SQLAlchemyError):
            _log.exception("The post %s could not be tagged", post.id)

    async def tag(self, answer: StoredAnswer, member_id: int) -> None:
        """Tag the post of an answer as solved, if the server wants it, it can be tagged, and the member wrote it."""
        guild = self._bot.get_guild(answer.guild_id or 0)
        if guild is None or answer.private or answer.outcome == NotCovered.name:
            return
        settings = await self._store.settings(guild.id)
        post = guild.get_thread(answer.channel_id)
        if not settings.solved_tag or post is None or post.owner_id != member_id:
            return
        forum = post.parent
        tag = solved_tag(forum) if isinstance(forum, discord.ForumChannel) else None
        if tag is None or forum is None or post.archived or post.locked:
            return
        if tag in post.applied_tags or len(post.applied_tags) >= _MAX_TAGS:
            return
        if not forum.permissions_for(guild.me).manage_threads:
            _log.info("Posts in channel %s cannot be tagged without Manage Threads", forum.id)
            return
        with speaking(server_language(settings, guild)):
            reason = texts.SOLVED_REASON
        try:
            await post.add_tags(tag, reason=reason)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.warning("The post %s could not be tagged: %s", post.id, error)


def solved_tag(forum: discord.ForumChannel) -> discord.ForumTag | None:
    """Return a forum's tag for solved posts, in any of the six languages, or None."""
    found = {_plain(tag.name): tag for tag in reversed(forum.available_tags)}
    return next((found[name] for name in _NAMES if name in found), None)


def solved_tag_findings(guild: discord.Guild, settings: ServerSettings) -> list[str]:
    """Return what keeps posts from being tagged: missing permissions and tags, each with the forums concerned."""
    forums: defaultdict[str, list[str]] = defaultdict(list)
    for forum, finding in _forum_findings(guild) if settings.solved_tag else ():
        forums[finding].append(forum.mention)
    return [
        texts.CHECK_FINDING.format(channels=", ".join(mentions[:8]), finding=text) for text, mentions in forums.items()
    ]


def _forum_findings(guild: discord.Guild) -> Iterator[tuple[discord.ForumChannel, str]]:
    for forum in guild.forums:
        allowed = forum.permissions_for(guild.me)
        if not allowed.view_channel:
            continue
        if solved_tag(forum) is None:
            yield forum, texts.CHECK_SOLVED_NO_TAG
        elif not allowed.manage_threads:
            yield forum, texts.CHECK_SOLVED


def _plain(name: str) -> str:
    """Return the words of a tag's name in lower case, without emoji and punctuation."""
    return " ".join(_LETTERS.findall(name.casefold()))
