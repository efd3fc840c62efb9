"""Which articles of a server may be shown in a channel or to a member: the one rule for places that are sources.

A message, thread or channel of Discord that is a source can be read by some members and not by others. A public answer
may quote it only where everybody who can see the answer can read the source, and a private one only if the member can.
All other sources are visible to everybody.

The shipped sample is hidden in a server as soon as that has an article of its own.
A channel can also be limited to some collections of articles (`cogs.core.channel_collections`): there, everything else
is hidden from everybody.

Who can read a place is found out by `PlaceReaders` (`cogs.core.place_readers`). What cannot be found out is hidden.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

import discord

from cogs.core.article_sources import ArticleSources, channel_of
from cogs.core.async_store import AsyncStore
from cogs.core.channel_collections import ChannelLimits, hidden_by_either
from cogs.core.place_readers import PlaceReaders
from cogs.core.visible_articles import Hidden, VisibleArticles
from index.libraries.library_names import SHARED, own_library
from index.libraries.read_only import ReadOnlyLibraries


class Visibility:
    """Answers which articles of a server are hidden in a channel, or from a member. For use on the event loop."""

    def __init__(self, client: discord.Client, store: AsyncStore) -> None:
        """Take the client, whose gateway reports channels and roles, and the store of the catalogues."""
        self._store = store
        self.readers = PlaceReaders(client)
        self._sources = ArticleSources(store.source_catalogues)
        self.limits = ChannelLimits(client, store, self.readers.channel)

    async def hidden_in(self, guild_id: int | None, channel_id: int, collection: str | None = None) -> Hidden:
        """Return what a message in a channel or thread, which all see who can see that, may not show.

        Everything outside the collections of the channel is hidden, and outside `collection` if one is given.
        """
        unreadable = await self._unreadable(
            guild_id, lambda guild, channels: self.readers.readable_to_all(guild, channel_id, channels)
        )
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
        return await self._unreadable(guild_id, lambda guild, channels: self.readers.readable(guild, user, channels))

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

    async def may_read_source(self, interaction: discord.Interaction[Any], key: str) -> bool:
        """Whether a member can read the place that a source's key names; True if it is no place of the server."""
        channel = channel_of(key, interaction.guild_id)
        return channel is None or bool(await self.readers.readable(interaction.guild_id, interaction.user, {channel}))

    async def sample(self) -> Hidden:
        """Return the articles of the shipped sample, as what a server with articles of its own does not see."""
        return _named(SHARED, await self._store.read_sources(self._sources.sample))

    async def _unreadable(
        self, guild_id: int | None, readable: Callable[[int, Collection[int]], Awaitable[set[int]]]
    ) -> dict[str, frozenset[int]]:
        """Return the articles from places of the server that may not be read, and the sample where that is hidden."""
        if guild_id is None:
            return {}
        places, sample = await self._store.read_sources(lambda: self._sources.of_server(guild_id))
        hidden = _named(SHARED, sample)
        if not places:
            return hidden
        read = await readable(guild_id, frozenset().union(*places))
        unreadable = frozenset().union(*(articles for ids, articles in places.items() if not ids <= read))
        return {**hidden, **_named(own_library(guild_id), unreadable)}


def _named(library: str, articles: frozenset[int]) -> dict[str, frozenset[int]]:
    return {library: articles} if articles else {}
