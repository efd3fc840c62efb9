"""Who can read channels and threads, by the permissions of this moment.

What only Discord's API knows (members of private threads, roles of a member) is remembered for seconds; which channel
an archived thread is in, for a day. What cannot be found out is read by nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Final, TypeVar

import aiohttp
import discord

from cogs.core.brief_cache import BriefCache
from cogs.core.place_access import (
    Place,
    everyone_there_reads,
    members_with_overwrites,
    reads,
    reads_if_invited,
    sees,
)
from i18n import texts
from index.models import UserError

_MEMBER_SECONDS: Final = 30.0
_PLACE_SECONDS: Final = 86400.0  # for which channel an archived thread is in; a deleted thread is forgotten at once
_MOST_PLACES: Final = 5000
_DEADLINE: Final = 2.5  # seconds for all questions to Discord; an autocompletion has 3
_FINDING: Final = 0.8  # the part of that time in which the places are found out; the rest is for their members
_MOST_MEMBERS: Final = 25  # members with overwrites of their own who are looked up for two places
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)

_Kind = tuple[int, bool]
"""What the places have in common that the same members can read, such as all public threads of a channel."""

K = TypeVar("K")
V = TypeVar("V")


class PlaceReaders:
    """Answers who can read places of servers. For use on the event loop."""

    def __init__(self, client: discord.Client) -> None:
        """Take the client, whose gateway reports channels and roles."""
        self._client = client
        self._threads: BriefCache[int, object] = BriefCache(
            _PLACE_SECONDS, most=_MOST_PLACES, loaded_anyway=True, refusals=(discord.Forbidden,)
        )
        self._members: BriefCache[tuple[int, int], discord.Member | None] = BriefCache(_MEMBER_SECONDS)
        self._invited: BriefCache[tuple[int, int], bool] = BriefCache(_MEMBER_SECONDS)

    async def forget_thread(self, event: discord.RawThreadDeleteEvent) -> None:
        """Listen for deleted threads: their messages may be shown to nobody but administrators."""
        self._threads.forget(event.thread_id)

    async def forget_threads(self, _shard_id: int) -> None:
        """Listen for new sessions, before which deletions may have been missed."""
        self._threads.clear()

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

        alike: dict[_Kind, tuple[bool, bool]] = {}

        async def reads_it(channel_id: int) -> bool:
            member = await self._member(guild, user)
            return member is not None and await self._one_reads(member, channel_id, alike)

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
        here = Place.of(channel) if channel else None  # one for all, as its overwrites take long to read
        until = time.monotonic() + seconds
        places = await self._places(guild, channels, seconds * _FINDING)
        sources = {_kind(place): place for place in places.values()}
        turn = asyncio.Lock()

        async def all_read(kind: _Kind) -> bool:
            source = sources[kind]
            if here and here.channel and here.channel == source.channel and not source.private_thread:
                return True
            async with turn:  # others run between two: with many roles each takes milliseconds
                await asyncio.sleep(0)
                everyone = everyone_there_reads(guild, here, source)
            return everyone and await self._singles_read(guild, here, source)

        allowed = await _allowed(sources, all_read, until - time.monotonic())
        return {one for one, place in places.items() if _kind(place) in allowed} | ({channel_id} & set(channels))

    async def _singles_read(self, guild: discord.Guild, here: Place | None, source: Place) -> bool:
        """Whether those members who see `here` by overwrites of their own, or not `source`, can read that, too."""
        members = members_with_overwrites(guild, here, source)
        if len(members) > _MOST_MEMBERS:
            return False
        found = await asyncio.gather(*(self._member(guild, key) for key in members))
        return all(reads(one, source) for one in found if one is not None and not one.bot and sees(one, here))

    async def _one_reads(self, member: discord.Member, source_id: int, alike: dict[_Kind, tuple[bool, bool]]) -> bool:
        place = await self._place(member.guild, source_id)
        thread = place.private_thread
        key = _kind(place)
        if key not in alike:  # once for all threads of a channel
            alike[key] = reads(member, place), thread is not None and reads_if_invited(member, place)
        may, if_invited = alike[key]
        return may or (thread is not None and if_invited and await self._is_invited(thread, member.id))

    async def _places(self, guild: discord.Guild, channels: Collection[int], seconds: float) -> dict[int, Place]:
        """Return the places of sources, by their ids; what is unknown after `seconds` is left out."""
        known = {one: Place.of(found) for one in channels if (found := guild.get_channel_or_thread(one)) is not None}
        unknown = [one for one in channels if one not in known]
        return known | await _found(unknown, lambda one: self._place(guild, one), seconds)

    async def _place(self, guild: discord.Guild, channel_id: int) -> Place:
        """Return the place of a source. Archived threads are not reported by the gateway, so Discord is asked."""

        async def fetch() -> object:
            try:
                return await guild.fetch_channel(channel_id)
            except (discord.NotFound, discord.InvalidData):
                return None

        return Place.of(guild.get_channel_or_thread(channel_id) or await self._threads.get(channel_id, fetch, guild.id))

    async def channel(self, guild: discord.Guild, channel_id: int) -> discord.abc.GuildChannel | None:
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


def _kind(place: Place) -> _Kind:
    return place.channel.id if place.channel else 0, place.private_thread is not None


async def _allowed(keys: Collection[K], allows: Callable[[K], Awaitable[bool]], seconds: float) -> set[K]:
    """Return the keys that are allowed; those that fail, or take longer than `seconds`, are not."""
    return {key for key, allowed in (await _found(keys, allows, seconds)).items() if allowed}


async def _found(keys: Collection[K], find: Callable[[K], Awaitable[V]], seconds: float) -> dict[K, V]:
    """Return what is found for each key, without those that fail or take longer than `seconds`."""
    if not keys:
        return {}
    found: dict[K, V] = {}

    async def look_up(key: K) -> None:
        with suppress(*_ERRORS):
            found[key] = await find(key)

    tasks = [asyncio.create_task(look_up(key)) for key in keys]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()  # raises what was not expected
    return dict(found)
