"""Which articles of a server may be shown in a channel or to a member: the one rule for places that are sources.

A message, thread or channel of Discord that is a source can be read by some members and not by others. A public answer
may quote it only where everybody who can see the answer can read the source, and a private one only if the member can.
All other sources are visible to everybody.

Permissions are those of this moment, as the gateway reports them. What only Discord's API knows (members of private
threads, roles of a member) is remembered for seconds; which channel an archived thread is in, for an hour. What cannot
be found out is hidden.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, Final

import aiohttp
import discord

from cogs.core.async_store import AsyncStore
from cogs.core.brief_cache import BriefCache
from cogs.core.place_access import (
    Place,
    everyone_there_reads,
    members_with_overwrites,
    reads,
    reads_if_invited,
    sees,
)
from index.libraries.library_names import own_library
from index.libraries.read_only import ArticleTitle, ReadOnlyLibraries
from index.models import Article

_KEYS: Final = ("discord-message:", "discord-thread:", "import:https://discord.com/channels/")
_LINK: Final = re.compile(r"https://discord\.com/channels/(\d+)/(\d+)")
_MEMBER_SECONDS: Final = 30.0
_PLACE_SECONDS: Final = 3600.0  # for which channel an archived thread is in; a deleted thread is forgotten at once
_MOST_PLACES: Final = 5000
_DEADLINE: Final = 2.5  # seconds for all questions to Discord; an autocompletion has 3
_MOST_MEMBERS: Final = 25  # members with overwrites of their own who are looked up for two places
_SERVERS: Final = 500  # whose places are kept in memory
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)

Hidden = Mapping[str, frozenset[int]]
"""Ids of articles that may not be shown, by library; nothing is hidden of a library that is not named."""

NOTHING_HIDDEN: Final[Hidden] = {}

_Alike = dict[tuple[int, bool], tuple[Place, bool]]
"""Places that the same members can read, all threads of a channel for example, and whether all do, for one check."""

_Places = Mapping[frozenset[int], frozenset[int]]  # ids of articles by those of the channels that they come from


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
        return [one for one in found if not self.hides(one.library, one.article_id)] if self._hidden else found

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
        self._places: OrderedDict[int, tuple[int, _Places]] = OrderedDict()
        self._threads: BriefCache[int, object] = BriefCache(_PLACE_SECONDS, most=_MOST_PLACES)
        self._members: BriefCache[tuple[int, int], discord.Member | None] = BriefCache(_MEMBER_SECONDS)
        self._invited: BriefCache[tuple[int, int], bool] = BriefCache(_MEMBER_SECONDS)

    async def forget_thread(self, event: discord.RawThreadDeleteEvent) -> None:
        """Listen for deleted threads: their messages may be shown to nobody but administrators."""
        self._threads.forget(event.thread_id)

    async def hidden_in(self, guild_id: int | None, channel_id: int) -> Hidden:
        """Return what a message in a channel or thread, which all see who can see that, may not show."""
        server = self._client.get_guild(guild_id) if guild_id is not None else None
        channel = server.get_channel_or_thread(channel_id) if server else None
        here = Place.of(channel) if channel else None  # one for all sources, as its overwrites take long to read
        alike: _Alike = {}

        async def reads_all(guild: discord.Guild, source_id: int) -> bool:
            return source_id == channel_id or await self._all_read(guild, here, source_id, alike)

        return await self._hidden(guild_id, reads_all)

    async def hidden_from(self, guild_id: int | None, user: discord.abc.User | int) -> Hidden:
        """Return what may not be shown to a member; `user` may be their id."""

        async def reads_it(guild: discord.Guild, source_id: int) -> bool:
            member = await self._member(guild, user)
            return member is not None and await self._one_reads(member, source_id)

        return await self._hidden(guild_id, reads_it)

    async def articles_for(
        self, interaction: discord.Interaction[Any], catalogues: ReadOnlyLibraries | None = None
    ) -> VisibleArticles:
        """Return the articles that a member may see, in `catalogues`, by default those of `AsyncStore.read`."""
        hidden = await self.hidden_from(interaction.guild_id, interaction.user)
        return VisibleArticles(catalogues or self._store.read_only, hidden)

    async def own_hidden(self, interaction: discord.Interaction[Any]) -> frozenset[int]:
        """Return the ids of the articles of the server's own library that may not be shown to a member."""
        hidden = await self.hidden_from(interaction.guild_id, interaction.user)
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

    async def everyone_reads(self, guild_id: int, here_id: int, source_id: int) -> bool:
        """Whether everybody who can see the channel `here_id` can read another channel or thread of the server."""
        guild = self._client.get_guild(guild_id)
        here = guild.get_channel_or_thread(here_id) if guild else None
        if guild is None or here is None:
            return False
        place = Place.of(here)
        return here_id == source_id or bool(
            await _allowed({source_id}, lambda key: self._all_read(guild, place, key, {}))
        )

    async def may_read_source(self, interaction: discord.Interaction[Any], key: str) -> bool:
        """Whether a member can read the place that a source's key names; True if it is no place of the server."""
        link = _LINK.search(key) if key.startswith(_KEYS) else None
        if link is None or int(link[1]) != interaction.guild_id:
            return True
        return bool(await self.readable(interaction.guild_id, interaction.user, {int(link[2])}))

    async def _hidden(self, guild_id: int | None, may_read: Callable[[discord.Guild, int], Awaitable[bool]]) -> Hidden:
        places = await self._places_of(guild_id) if guild_id is not None else {}
        if guild_id is None or not places:
            return NOTHING_HIDDEN
        guild = self._client.get_guild(guild_id)
        channels = frozenset().union(*places)
        readable = await _allowed(channels, lambda key: may_read(guild, key)) if guild else set()
        hidden = frozenset().union(*(articles for ids, articles in places.items() if not ids <= readable))
        return {own_library(guild_id): hidden} if hidden else NOTHING_HIDDEN

    async def _places_of(self, guild_id: int) -> _Places:
        """Return where the articles of a server come from, of those that come from one of its channels or threads."""
        library, read_only = own_library(guild_id), self._store.source_catalogues

        def read() -> tuple[int, _Places]:
            known = self._places.get(guild_id)
            generation = read_only.generation(library)
            if known is not None and known[0] == generation:
                return known
            return generation, _places(guild_id, read_only.articles_by_key(library, _KEYS))

        found = self._places[guild_id] = await self._store.read_sources(read)
        self._places.move_to_end(guild_id)
        while len(self._places) > _SERVERS:
            self._places.popitem(last=False)
        return found[1]

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

        return Place.of(guild.get_channel_or_thread(channel_id) or await self._threads.get(channel_id, fetch))

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

        return await self._members.get((guild.id, user_id), fetch)

    async def _is_invited(self, thread: discord.Thread, member_id: int) -> bool:
        """Whether a member is in a private thread, which Discord alone knows."""

        async def ask() -> bool:
            try:
                await thread.fetch_member(member_id)
            except discord.NotFound:
                return False
            return True

        return await self._invited.get((thread.id, member_id), ask)


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


def _places(guild_id: int, keys: Iterable[tuple[str, int]]) -> _Places:
    """Group articles by the channels and threads of the server that their sources are in."""
    channels: defaultdict[int, set[int]] = defaultdict(set)
    for key, article_id in keys:
        link = _LINK.search(key)
        if link and int(link[1]) == guild_id:
            channels[article_id].add(int(link[2]))
    found: defaultdict[frozenset[int], set[int]] = defaultdict(set)
    for article_id, ids in channels.items():
        found[frozenset(ids)].add(article_id)
    return {ids: frozenset(articles) for ids, articles in found.items()}
