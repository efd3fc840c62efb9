"""Who can read which place of a server, from its roles and permission overwrites alone.

The bot does not know the members of a server: their list needs a privileged intent. So a place counts as readable by
everybody who can see another one only if that holds for whichever roles a member may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from typing import Final

import discord

_VIEW: Final = discord.Permissions(view_channel=True).value
_READ: Final = discord.Permissions(view_channel=True, read_message_history=True).value
_JOIN: Final = discord.Permissions(connect=True).value  # without it, Discord shows nobody the chat of a voice channel
_ALL_THREADS: Final = discord.Permissions(manage_threads=True).value
_ADMINISTRATOR: Final = discord.Permissions(administrator=True).value
_DECISIVE: Final = _READ | _JOIN | _ALL_THREADS  # of a channel's overwrites

Overwrites = Mapping[int, tuple[int, int]]
"""Allowed and denied permissions, by the id of a role or member."""


@dataclass(frozen=True)
class Place:
    """A channel, or a thread or forum post in it; `private_thread` is the thread if only its members can read it.

    `channel` is None if it was deleted: then only administrators can read the place. A place is for one check: it keeps
    the overwrites that the channel had.
    """

    channel: discord.abc.GuildChannel | None
    private_thread: discord.Thread | None = None

    @classmethod
    def of(cls, channel: object) -> Place:
        """Return the place that a channel or thread of discord.py is."""
        if isinstance(channel, discord.Thread):
            return cls(channel.parent, channel if channel.is_private() else None)
        return cls(channel if isinstance(channel, discord.abc.GuildChannel) else None)

    @property
    def needed(self) -> int:
        """The permissions in the channel with which everything in the place can be read, without being invited."""
        return self.needed_if_invited | (_ALL_THREADS if self.private_thread else 0)

    @property
    def needed_if_invited(self) -> int:
        """The permissions in the channel with which members of a private thread can read it."""
        return _READ | _JOIN if isinstance(self.channel, discord.VoiceChannel | discord.StageChannel) else _READ

    @cached_property
    def overwrites(self) -> Overwrites:
        """The permission overwrites of the channel, of those permissions that decide who can read it."""
        found = self.channel.overwrites if self.channel else {}
        pairs = {target.id: over.pair() for target, over in found.items()}
        decisive = {key: (allow.value & _DECISIVE, deny.value & _DECISIVE) for key, (allow, deny) in pairs.items()}
        return {key: pair for key, pair in decisive.items() if any(pair)}


def everyone_there_reads(guild: discord.Guild, here: Place | None, source: Place) -> bool:
    """Whether each combination of roles that can see `here`, any if it is None, can read `source`.

    Two roles are enough to decide it: one by which `here` is seen, and one by which a permission that `source` needs is
    denied. Each of these permissions is looked at by itself, since roles then differ in a few ways only, however many
    there are. Overwrites for single members are left out (`members_with_overwrites`).
    """
    seen = here.overwrites if here is not None and here.channel is not None else None
    each = [1 << bit for bit in range(source.needed.bit_length()) if source.needed >> bit & 1]
    return all(_everyone_there_may(guild, seen, source, one) for one in each)


def _everyone_there_may(guild: discord.Guild, seen: Overwrites | None, source: Place, needed: int) -> bool:
    """Whether each combination of roles that can see a channel with these overwrites has one permission in `source`."""
    read = source.overwrites
    for roles in _role_sets(guild, needed, seen or {}, read):
        if seen is not None and not _grants(guild, seen, roles, _VIEW):
            continue
        if source.channel is None or not _grants(guild, read, roles, needed):
            return False
    return True


def members_with_overwrites(guild: discord.Guild, *places: Place | None) -> set[int]:
    """Return the ids of the members for whom a place has overwrites of their own; without the bot's."""
    found = {key for place in places if place for key in place.overwrites}
    return {key for key in found if guild.get_role(key) is None and key != guild.me.id}


def sees(member: discord.Member, place: Place | None) -> bool:
    """Whether a member can see a place, or may be let into it; True if it is unknown."""
    return place is None or place.channel is None or place.channel.permissions_for(member).view_channel


def reads(member: discord.Member, place: Place) -> bool:
    """Whether a member can read a place without having been invited to it."""
    if place.channel is None:
        return member.guild_permissions.administrator
    return place.channel.permissions_for(member).value & place.needed == place.needed


def reads_if_invited(member: discord.Member, place: Place) -> bool:
    """Whether a member can read a private thread if they are in it."""
    needed = place.needed_if_invited
    return place.channel is not None and place.channel.permissions_for(member).value & needed == needed


def _role_sets(
    guild: discord.Guild, needed: int, seen: Overwrites, read: Overwrites
) -> Iterator[tuple[discord.Role, ...]]:
    """Yield no role, each role and each pair; of roles that mean the same for one permission in these places, one."""
    alike = {
        (role.permissions.value & (_VIEW | needed), _part(seen, role.id, _VIEW), _part(read, role.id, needed)): role
        for role in guild.roles
        # Administrators read everything; the role of a bot has no other member.
        if not (role.is_default() or role.permissions.administrator or role.is_bot_managed())
    }
    roles = list(alike.values())
    yield from chain([()], combinations(roles, 1), combinations(roles, 2))


def _part(overwrites: Overwrites, role_id: int, permissions: int) -> tuple[int, int]:
    """Return what of these permissions the overwrites allow and deny a role."""
    allowed, denied = overwrites.get(role_id, (0, 0))
    return allowed & permissions, denied & permissions


def _grants(guild: discord.Guild, overwrites: Overwrites, roles: Iterable[discord.Role], needed: int) -> bool:
    """Whether a member with these roles has the needed permissions in a channel, as Discord computes them.

    That all others go with the right to see it is left to the caller.
    """
    value = guild.default_role.permissions.value
    for role in roles:
        value |= role.permissions.value
    if value & _ADMINISTRATOR:
        return True
    allow, deny = overwrites.get(guild.default_role.id, (0, 0))
    value = (value & ~deny) | allow
    pairs = [overwrites[role.id] for role in roles if role.id in overwrites]
    for _, denied in pairs:
        value &= ~denied
    for allowed, _ in pairs:
        value |= allowed
    return value & needed == needed
