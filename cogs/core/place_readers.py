"""Who can read channels and threads, by the permissions of this moment.

What only Discord's API knows (members of private threads, roles of a member) is remembered for seconds; which channel
an archived thread is in, for a day. What cannot be found out is read by nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final

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
_MOST_MEMBERS: Final = 25  # members with overwrites of their own who are looked up for two places
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)

_Alike = dict[tuple[int, bool], tuple[Place, bool]]
"""Places that the same members can read, all threads of a channel for example, and whether all do, for one check."""


class PlaceReaders:
    """Answers who can read places of servers. For use on the event loop."""

    def __init__(self, client: discord.Client) -> None:
        """Take the client, whose gateway reports channels and roles."""
        self._client = client
        self._threads: BriefCache[int, object] = BriefCache(_PLACE_SECONDS, most=_MOST_PLACES, loaded_anyway=True)
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

        alike: dict[tuple[int, bool], tuple[bool, bool]] = {}

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
        alike: _Alike = {}
        turn = asyncio.Lock()

        async def reads_all(source_id: int) -> bool:
            return source_id == channel_id or await self._all_read(guild, here, source_id, alike, turn)

        return await _allowed(channels, reads_all, seconds)

    async def _all_read(
        self, guild: discord.Guild, here: Place | None, source_id: int, alike: _Alike, turn: asyncio.Lock
    ) -> bool:
        source = await self._place(guild, source_id)
        if here and here.channel and here.channel == source.channel and not source.private_thread:
            return True
        key = source.channel.id if source.channel else 0, bool(source.private_thread)
        if key not in alike:
            async with turn:  # one after the other, and others run in between: with many roles it takes milliseconds
                await asyncio.sleep(0)
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

    async def _one_reads(
        self, member: discord.Member, source_id: int, alike: dict[tuple[int, bool], tuple[bool, bool]]
    ) -> bool:
        place = await self._place(member.guild, source_id)
        thread = place.private_thread
        key = place.channel.id if place.channel else 0, bool(thread)
        if key not in alike:  # once for all threads of a channel
            alike[key] = reads(member, place), thread is not None and reads_if_invited(member, place)
        may, if_invited = alike[key]
        return may or (thread is not None and if_invited and await self._is_invited(thread, member.id))

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
