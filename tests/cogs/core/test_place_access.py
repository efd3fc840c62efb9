"""Who can read a place is what Discord's own rules give for members with any combination of roles."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator
from itertools import chain, combinations
from typing import Any
from unittest.mock import MagicMock

import discord
import pytest

from cogs.core import place_access
from cogs.core.place_access import Place, everyone_there_reads
from cogs.core.place_readers import PlaceReaders

_BITS = tuple(
    discord.Permissions(**{name: True}).value
    for name in ("view_channel", "read_message_history", "connect", "manage_threads")
)
_EVERYONE, _ROLE = 1000, 2000


def some(chance: random.Random) -> int:
    """Return some of the permissions that decide who can read a place."""
    return sum(bit for bit in _BITS if chance.random() < 0.5)


def role(key: int, permissions: int) -> dict[str, Any]:
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    shown = {"color": 0, "colors": colors, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
    return {"id": str(key), "name": "r", "permissions": str(permissions), "position": key - _EVERYONE, **shown}


def guild_with(roles: Iterable[int], everyone: int) -> discord.Guild:
    """Return a server of discord.py with roles of these permissions."""
    data = [role(_EVERYONE, everyone), *(role(_ROLE + number, value) for number, value in enumerate(roles))]
    state = MagicMock(member_cache_flags=discord.MemberCacheFlags.none(), shard_count=1, self_id=99)
    levels = ("verification_level", "default_message_notifications", "explicit_content_filter", "mfa_level")
    server: Any = {"id": str(_EVERYONE), "name": "g", "roles": data, "owner_id": "7", **dict.fromkeys(levels, 0)}
    lists = ("channels", "threads", "members", "emojis", "stickers", "features")
    return discord.Guild(data={**server, **{name: [] for name in lists}}, state=state)


def channel_in(guild: discord.Guild, chance: random.Random, *, voice: bool = False) -> discord.abc.GuildChannel:
    """Return a channel with overwrites for some of the roles."""
    overwrites = []
    for one in guild.roles:
        if chance.random() < 0.6:
            allowed = some(chance)
            denied = some(chance) & ~allowed
            overwrites.append({"id": str(one.id), "type": 0, "allow": str(allowed), "deny": str(denied)})
    data: Any = {"id": "5000", "name": "c", "position": 0, "permission_overwrites": overwrites, "parent_id": None}
    data |= {"type": 2 if voice else 0, "bitrate": 64000, "user_limit": 0}
    kind: Any = discord.VoiceChannel if voice else discord.TextChannel
    return kind(state=guild._state, guild=guild, data=data)  # type: ignore[no-any-return]


def members_of(guild: discord.Guild) -> Iterator[discord.Member]:
    """Yield a member for each combination of roles."""
    roles = [one for one in guild.roles if not one.is_default()]
    for some_of_them in chain.from_iterable(combinations(roles, size) for size in range(len(roles) + 1)):
        data: Any = {"user": {"id": "8", "username": "m", "discriminator": "0", "avatar": None}, "flags": 0}
        data |= {"roles": [str(one.id) for one in some_of_them], "joined_at": None, "deaf": False, "mute": False}
        yield discord.Member(data=data, guild=guild, state=guild._state)


def reads(member: discord.Member, channel: discord.abc.GuildChannel, *, private_thread: bool) -> bool:
    allowed = channel.permissions_for(member)
    voice = isinstance(channel, discord.VoiceChannel)
    return (
        allowed.view_channel
        and allowed.read_message_history
        and (allowed.connect or not voice)
        and (allowed.manage_threads or not private_thread)
    )


@pytest.mark.parametrize("seed", range(4))
def test_everyone_who_can_see_a_place(seed: int) -> None:
    """A source counts as readable by all exactly if each member who can see the place could read it."""
    chance, results = random.Random(seed), set()
    for _ in range(150):
        guild = guild_with([some(chance) & some(chance) for _ in range(chance.randrange(5))], some(chance) | _BITS[0])
        here, source = channel_in(guild, chance), channel_in(guild, chance, voice=chance.random() < 0.3)
        thread = MagicMock(spec=discord.Thread) if chance.random() < 0.3 else None
        private = thread is not None
        expected = all(
            reads(member, source, private_thread=private)
            for member in members_of(guild)
            if here.permissions_for(member).view_channel
        )

        assert everyone_there_reads(guild, Place(here), Place(source, thread)) is expected
        results.add(expected)
    assert results == {True, False}


def test_many_roles_are_few_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work does not grow with the square of a server's roles, since it is done on the event loop."""
    looked, grants, chance = [0], place_access._grants, random.Random(1)

    def counted(*values: Any) -> bool:
        looked[0] += 1
        return grants(*values)

    monkeypatch.setattr(place_access, "_grants", counted)
    guild = guild_with([some(chance) | _BITS[0] | _BITS[1] for _ in range(249)], sum(_BITS))
    open_channel = channel_in(guild, MagicMock(random=lambda: 1.0))  # without overwrites

    assert everyone_there_reads(guild, Place(channel_in(guild, chance)), Place(open_channel))
    assert looked[0] < 249 * 248 / 2


async def test_many_threads_are_few_turns_of_the_event_loop() -> None:
    """A busy loop does not make threads unknown that everybody can read: they are decided by their channel."""
    guild, turns = guild_with([], _BITS[0] | _BITS[1]), [0]
    guild._add_channel(channel_in(guild, MagicMock(random=lambda: 1.0)))  # without overwrites
    for key in range(9000, 10_000):
        metadata = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": "2026-01-01T00:00:00+00:00"}
        data: Any = {"id": str(key), "type": 11, "parent_id": "5000", "owner_id": "7", "name": "t", "message_count": 1}
        data |= {"member_count": 1, "rate_limit_per_user": 0, "thread_metadata": metadata}
        guild._add_thread(discord.Thread(guild=guild, state=guild._state, data=data))
    readers: Any = PlaceReaders(MagicMock(get_guild=lambda _: guild))

    async def count() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    found = await readers.readable_to_all(_EVERYONE, 1, range(9000, 10_000))
    counting.cancel()

    assert found == set(range(9000, 10_000))
    assert turns[0] < 20
