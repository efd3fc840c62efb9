"""Which collections of articles a channel is limited to, and what is hidden there because of that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import discord

from cogs.core.async_store import AsyncStore
from index.libraries.library_names import libraries_of
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.visible_part import AllBut, HiddenIds
from index.text.tag_names import folded_tag


class ChannelLimits:
    """Answers which collections a channel is limited to, and what is hidden there. For use on the event loop."""

    def __init__(
        self,
        client: discord.Client,
        store: AsyncStore,
        channel_of: Callable[[discord.Guild, int], Awaitable[discord.abc.GuildChannel | None]],
    ) -> None:
        """Take the client, the store, and the function that returns a channel, or that of a thread, by its id."""
        self._client = client
        self._store = store
        self._channel_of = channel_of

    async def names(self, guild_id: int | None, channel_id: int | None) -> tuple[str, ...]:
        """Return the names of the only collections that a channel or thread quotes; none if all are.

        Raises UserError if the settings of the server cannot be read, or which channel a thread is in.
        """
        settings = await self._store.settings(guild_id)
        guild = self._client.get_guild(guild_id) if guild_id is not None else None
        if not settings.collections or guild is None or channel_id is None:
            return ()
        channel = await self._channel_of(guild, channel_id)
        return settings.collections_of(channel.id, channel.category_id) if channel else ()

    async def hidden(
        self,
        guild_id: int | None,
        channel_id: int | None,
        collection: str | None = None,
        libraries: Sequence[str] | None = None,
    ) -> Mapping[str, HiddenIds]:
        """Return what is outside the collections of a channel, and outside `collection` if one is given.

        It is that of `libraries`, by default those of the server; empty if all of these may be quoted.
        """
        names = await self.names(guild_id, channel_id)
        limits = [*([names] if names else ()), *([(collection,)] if collection is not None else ())]
        if not limits:
            return {}
        searched = libraries_of(guild_id) if libraries is None else libraries
        return await self._store.read_sources(lambda: outside(self._store.source_catalogues, searched, limits))


def outside(
    catalogues: ReadOnlyLibraries, libraries: Iterable[str], limits: Sequence[Sequence[str]]
) -> dict[str, HiddenIds]:
    """Return what is hidden of each library where an article has to be in a collection of each of these `limits`.

    For the thread that owns the catalogues.
    """
    found: dict[str, HiddenIds] = {}
    for library in libraries:
        known = catalogues.collections(library)
        shown = [
            frozenset().union(*(known[key].ids for key in map(folded_tag, names) if key in known)) for names in limits
        ]
        found[library] = AllBut(frozenset.intersection(*shown))
    return found


def hidden_by_either(one: Mapping[str, HiddenIds], other: Mapping[str, HiddenIds]) -> Mapping[str, HiddenIds]:
    """Return what one of two rules hides."""
    if not one or not other:
        return one or other
    nothing: frozenset[int] = frozenset()
    return {library: one.get(library, nothing) | other.get(library, nothing) for library in {*one, *other}}
