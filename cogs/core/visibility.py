"""Which articles of a server may be shown in a channel or to a member: the one rule for places that are sources.

A message, thread or channel of Discord that is a source can be read by some members and not by others. A public answer
may quote it only where everybody who can see the answer can read the source, and a private one only if the member can.
All other sources are visible to everybody.

The shipped sample is hidden in a server as soon as that has an article of its own.
A channel can also be limited to some collections of articles (`cogs.core.channel_collections`): there, everything else
is hidden from everybody.

Permissions are those of this moment, as the gateway reports them. What only Discord's API knows (members of private
threads, roles of a member) is remembered for seconds; which channel an archived thread is in, for an hour. What cannot
be found out is hidden.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, Final

import aiohttp
import discord

from cogs.core.article_sources import ArticleSources, channel_of
from cogs.core.async_store import AsyncStore
from cogs.core.brief_cache import BriefCache
from cogs.core.channel_collections import ChannelLimits, hidden_by_either
from cogs.core.place_access import (
    Place,
    everyone_there_reads,
    members_with_overwrites,
    reads,
    reads_if_invited,
    sees,
)
from i18n import texts
from index.libraries.library_names import SHARED, own_library
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.title_list import ArticleTitle
from index.libraries.visible_part import HiddenIds
from index.models import Article, UserError

_MEMBER_SECONDS: Final = 30.0
_PLACE_SECONDS: Final = 3600.0  # for which channel an archived thread is in; a deleted thread is forgotten at once
_MOST_PLACES: Final = 5000
_DEADLINE: Final = 2.5  # seconds for all questions to Discord; an autocompletion has 3
_MOST_MEMBERS: Final = 25  # members with overwrites of their own who are looked up for two places
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)

Hidden = Mapping[str, HiddenIds]
"""Ids of articles that may not be shown, by library; nothing is hidden of a library that is not named."""

NOTHING_HIDDEN: Final[Hidden] = {}

_Alike = dict[tuple[int, bool], tuple[Place, bool]]
"""Places that the same members can read, all threads of a channel for example, and whether all do, for one check."""


def is_hidden(hidden: Hidden, library: str, article_id: int) -> bool:
    """Whether an article may not be shown."""
    return article_id in hidden.get(library, ())


class VisibleArticles:
    """The articles of read-only libraries, without hidden ones. For the thread that owns the libraries."""

    def __init__(self, read_only: ReadOnlyLibraries, hidden: Hidden) -> None:
        """Leave out `hidden`."""
        self._read_only = read_only
        self._hidden = hidden

    def titles(self, libraries: Iterable[str]) -> list[ArticleTitle]:
        """Return the articles of these libraries, newest first in each."""
        found = self._read_only.titles(libraries)
        hidden, nothing = self._hidden, frozenset[int]()
        return [one for one in found if one.article_id not in hidden.get(one.library, nothing)] if hidden else found

    def article(self, library: str, article_id: int) -> Article | None:
        """Return an article, or None."""
        return None if self.hides(library, article_id) else self._read_only.article(library, article_id)

    def key_of(self, library: str, article_id: int) -> str | None:
        """Return the key of an article's first source, or None if it does not exist."""
        return None if self.hides(library, article_id) else self._read_only.key_of(library, article_id)

    def article_of_source(self, library: str, key: str) -> Article | None:
        """Return the article of a source, or None."""
        found = self._read_only.article_of_source(library, key)
        return None if found is None or self.hides(library, found.id) else found

    def hides(self, library: str, article_id: int) -> bool:
        """Whether an article is left out."""
        return is_hidden(self._hidden, library, article_id)


class Visibility:
    """Answers which articles of a server are hidden in a channel, or from a member. For use on the event loop."""

    def __init__(self, client: discord.Client, store: AsyncStore) -> None:
        """Take the client, whose gateway reports channels and roles, and the store of the catalogues."""
        self._client = client
        self._store = store
        self._sources = ArticleSources(store.source_catalogues)
        self._threads: BriefCache[int, object] = BriefCache(_PLACE_SECONDS, most=_MOST_PLACES)
        self._members: BriefCache[tuple[int, int], discord.Member | None] = BriefCache(_MEMBER_SECONDS)
        self._invited: BriefCache[tuple[int, int], bool] = BriefCache(_MEMBER_SECONDS)
        self.limits = ChannelLimits(client, store, self._channel)

    async def forget_thread(self, event: discord.RawThreadDeleteEvent) -> None:
        """Listen for deleted threads: their messages may be shown to nobody but administrators."""
        self._threads.forget(event.thread_id)

    async def hidden_in(self, guild_id: int | None, channel_id: int, collection: str | None = None) -> Hidden:
        """Return what a message in a channel or thread, which all see who can see that, may not show.

        Everything outside the collections of the channel is hidden, and outside `collection` if one is given.
        """
        server = self._client.get_guild(guild_id) if guild_id is not None else None
        channel = server.get_channel_or_thread(channel_id) if server else None
        here = Place.of(channel) if channel else None  # one for all sources, as its overwrites take long to read
        alike: _Alike = {}

        async def reads_all(guild: discord.Guild, source_id: int) -> bool:
            return source_id == channel_id or await self._all_read(guild, here, source_id, alike)

        unreadable = await self._unreadable(guild_id, reads_all)
        return hidden_by_either(unreadable, await self.limits.hidden(guild_id, channel_id, collection))

    async def hidden_from(
        self,
        guild_id: int | None,
        user: discord.abc.User | int,
        channel_id: int | None = None,
        collection: str | None = None,
    ) -> Hidden:
        """Return what may not be shown to a member; `user` may be their id.

        With `channel_id` everything outside the collections of the channel is hidden too, and with `collection` what is
        outside that.
        """
        unreadable = await self._unreadable_by(guild_id, user)
        return hidden_by_either(unreadable, await self.limits.hidden(guild_id, channel_id, collection))

    async def _unreadable_by(self, guild_id: int | None, user: discord.abc.User | int) -> dict[str, frozenset[int]]:

        async def reads_it(guild: discord.Guild, source_id: int) -> bool:
            member = await self._member(guild, user)
            return member is not None and await self._one_reads(member, source_id)

        return await self._unreadable(guild_id, reads_it)

    async def articles_for(
        self,
        interaction: discord.Interaction[Any],
        catalogues: ReadOnlyLibraries | None = None,
        *,
        in_channel: bool = False,
        collection: str | None = None,
    ) -> VisibleArticles:
        """Return the articles that a member may see, in `catalogues`, by default those of `AsyncStore.read`.

        With `in_channel` they are those of the collections of the channel alone, as for members who ask there, and with
        `collection` those of that.
        """
        channel_id = interaction.channel_id if in_channel else None
        hidden = await self.hidden_from(interaction.guild_id, interaction.user, channel_id, collection)
        return VisibleArticles(catalogues or self._store.read_only, hidden)

    async def own_hidden(self, interaction: discord.Interaction[Any]) -> frozenset[int]:
        """Return the ids of the articles of the server's own library that may not be shown to a member."""
        hidden = await self._unreadable_by(interaction.guild_id, interaction.user)
        return hidden.get(own_library(interaction.guild_id or 0), frozenset())

    async def readable(
        self,
        guild_id: int | None,
        user: discord.abc.User | int,
        channels: Collection[int],
        *,
        seconds: float = _DEADLINE,
    ) -> set[int]:
        """Return which of these channels and threads a member can read; what is unknown after `seconds` is left out.

        `user` may be the member's id.
        """
        guild = self._client.get_guild(guild_id) if guild_id is not None else None
        if guild is None or not channels:
            return set()

        async def reads_it(channel_id: int) -> bool:
            member = await self._member(guild, user)
            return member is not None and await self._one_reads(member, channel_id)

        return await _allowed(channels, reads_it, seconds)

    async def readable_to_all(
        self, guild_id: int, channel_id: int, channels: Collection[int], *, seconds: float = _DEADLINE
    ) -> set[int]:
        """Return which of these channels and threads everybody can read who sees another channel, `channel_id`.

        What is unknown after `seconds` is left out.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None or not channels:
            return set()
        channel = guild.get_channel_or_thread(channel_id)
        here = Place.of(channel) if channel else None
        alike: _Alike = {}

        async def reads_all(source_id: int) -> bool:
            return source_id == channel_id or await self._all_read(guild, here, source_id, alike)

        return await _allowed(channels, reads_all, seconds)

    async def may_read_source(self, interaction: discord.Interaction[Any], key: str) -> bool:
        """Whether a member can read the place that a source's key names; True if it is no place of the server."""
        channel = channel_of(key, interaction.guild_id)
        return channel is None or bool(await self.readable(interaction.guild_id, interaction.user, {channel}))

    async def sample(self) -> Hidden:
        """Return the articles of the shipped sample, as what a server with articles of its own does not see."""
        return _named(SHARED, await self._store.read_sources(self._sources.sample))

    async def _unreadable(
        self, guild_id: int | None, may_read: Callable[[discord.Guild, int], Awaitable[bool]]
    ) -> dict[str, frozenset[int]]:
        """Return the articles from places of the server that may not be read, and the sample where that is hidden."""
        if guild_id is None:
            return {}
        places, sample = await self._store.read_sources(lambda: self._sources.of_server(guild_id))
        hidden = _named(SHARED, sample)
        if not places:
            return hidden
        guild = self._client.get_guild(guild_id)
        channels = frozenset().union(*places)
        readable = await _allowed(channels, lambda key: may_read(guild, key)) if guild else set()
        unreadable = frozenset().union(*(articles for ids, articles in places.items() if not ids <= readable))
        return {**hidden, **_named(own_library(guild_id), unreadable)}

    async def _all_read(self, guild: discord.Guild, here: Place | None, source_id: int, alike: _Alike) -> bool:
        source = await self._place(guild, source_id)
        if here and here.channel and here.channel == source.channel and not source.private_thread:
            return True
        key = source.channel.id if source.channel else 0, bool(source.private_thread)
        if key not in alike:
            alike[key] = source, everyone_there_reads(guild, here, source)
        source, everyone = alike[key]
        if not everyone:
            return False
        members = members_with_overwrites(guild, here, source)
        if len(members) > _MOST_MEMBERS:
            return False
        found = await asyncio.gather(*(self._member(guild, key) for key in members))
        return all(reads(one, source) for one in found if one is not None and not one.bot and sees(one, here))

    async def _one_reads(self, member: discord.Member, source_id: int) -> bool:
        place = await self._place(member.guild, source_id)
        if reads(member, place):
            return True
        thread = place.private_thread
        return thread is not None and reads_if_invited(member, place) and await self._is_invited(thread, member.id)

    async def _place(self, guild: discord.Guild, channel_id: int) -> Place:
        """Return the place of a source. Archived threads are not reported by the gateway, so Discord is asked."""

        async def fetch() -> object:
            try:
                return await guild.fetch_channel(channel_id)
            except (discord.NotFound, discord.InvalidData):
                return None

        return Place.of(guild.get_channel_or_thread(channel_id) or await self._threads.get(channel_id, fetch, guild.id))

    async def _channel(self, guild: discord.Guild, channel_id: int) -> discord.abc.GuildChannel | None:
        """Return a channel, or that of a thread. Raises UserError if it cannot be found out."""
        try:
            return (await self._place(guild, channel_id)).channel
        except _ERRORS as error:
            raise UserError(texts.COLLECTIONS_UNKNOWN) from error

    async def _member(self, guild: discord.Guild, user: discord.abc.User | int) -> discord.Member | None:
        """Return a member as they are now, or None if they have left."""
        if isinstance(user, discord.Member) and user.guild.id == guild.id:
            return user
        user_id = user if isinstance(user, int) else user.id

        async def fetch() -> discord.Member | None:
            try:
                return await guild.fetch_member(user_id)
            except discord.NotFound:
                return None

        return await self._members.get((guild.id, user_id), fetch, guild.id)

    async def _is_invited(self, thread: discord.Thread, member_id: int) -> bool:
        """Whether a member is in a private thread, which Discord alone knows."""

        async def ask() -> bool:
            try:
                await thread.fetch_member(member_id)
            except discord.NotFound:
                return False
            return True

        return await self._invited.get((thread.id, member_id), ask, thread.guild.id)


async def _allowed(
    keys: Collection[int], allows: Callable[[int], Awaitable[bool]], seconds: float = _DEADLINE
) -> set[int]:
    """Return the keys that are allowed; those that fail, or take longer than `seconds`, are not."""

    async def check(key: int) -> bool:
        try:
            return await allows(key)
        except _ERRORS:
            return False

    tasks = {asyncio.create_task(check(key)): key for key in keys}
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds)
    finally:
        for task in tasks:
            task.cancel()
    return {tasks[task] for task in done if task.result()}


def _named(library: str, articles: frozenset[int]) -> dict[str, frozenset[int]]:
    return {library: articles} if articles else {}
