"""What the admins of servers have set on Discord's Integrations page: who may and who may not use which command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import discord

from cogs.core.backoff import CONNECTION_ERRORS
from cogs.core.brief_cache import BriefCache
from cogs.core.command_ids import CommandIds

_log = logging.getLogger(__name__)

_SECONDS: Final = 300.0  # for which the overrides of a server are remembered
_PATIENCE: Final = 2.0  # seconds for Discord to answer
_ROLE: Final = 1  # types of targets
_USER: Final = 2

Targets = Mapping[tuple[int, int], bool]
"""Whether a target, given by its type and id, may use a command."""


class Overrides:
    """Reads the overrides of servers, and remembers them for some minutes. For use on the event loop."""

    def __init__(self, ids: CommandIds) -> None:
        """Find commands by these ids."""
        self._ids = ids
        self._cache: BriefCache[int, Mapping[int, Targets]] = BriefCache(_SECONDS)

    async def verdict(
        self, interaction: discord.Interaction[Any], commands: Sequence[str], *, seconds: float
    ) -> bool | None:
        """Return whether overrides allow or forbid a member one of these commands; None if they say nothing.

        The first command with an override for the member decides, then what is set for the whole application, which can
        only forbid: on Discord, too, permission for the application gives nobody a command that it does not show
        them. Discord is asked for at most `seconds`; with 0, only what is remembered counts.
        """
        guild_id, client = interaction.guild_id or 0, interaction.client
        found = await self._of(client, guild_id, seconds) if seconds else self._cache.known(guild_id)
        if not found:
            return None
        for name in commands:
            targets = found.get(self._ids.get(name) or 0, {})
            verdict = _verdict(targets, interaction.user, guild_id)
            if verdict is not None or targets.get((_ROLE, guild_id)):
                return verdict
        # What is set for the whole application has the application's own id.
        forbidden = _verdict(found.get(client.application_id or 0, {}), interaction.user, guild_id) is False
        return False if forbidden else None

    async def _of(self, client: discord.Client, guild_id: int, seconds: float) -> Mapping[int, Targets]:
        """Return the overrides of a server by command id; empty if they are not there within `seconds`."""
        try:
            return await asyncio.wait_for(self._cache.get(guild_id, lambda: _read(client, guild_id), guild_id), seconds)
        except TimeoutError:
            return {}


async def _read(client: discord.Client, guild_id: int) -> Mapping[int, Targets]:
    """Return the overrides of a server; empty if they cannot be read, which is remembered, too."""
    request = client.http.get_guild_application_command_permissions
    try:
        async with asyncio.timeout(_PATIENCE):  # discord.py would try again for a minute
            listed = await request(client.application_id or 0, guild_id)
    except (TimeoutError, discord.DiscordException, *CONNECTION_ERRORS) as error:
        _log.debug("The overrides of server %s could not be read: %s", guild_id, error)
        return {}
    return {int(one["id"]): _targets(one["permissions"]) for one in listed}


def _targets(permissions: Iterable[Mapping[str, Any]]) -> Targets:
    return {(int(one["type"]), int(one["id"])): bool(one["permission"]) for one in permissions}


def _verdict(targets: Targets, member: discord.abc.User, guild_id: int) -> bool | None:
    """Return what is set for a member: for them, else for their roles (one that allows wins), else for everyone.

    That everyone is allowed gives nobody a right: Discord's page sets it, too, when only another line is changed.
    """
    own = targets.get((_USER, member.id))
    if own is not None:
        return own
    roles = member.roles if isinstance(member, discord.Member) else []
    found = [targets[_ROLE, role.id] for role in roles if role.id != guild_id and (_ROLE, role.id) in targets]
    if found:
        return any(found)
    return False if targets.get((_ROLE, guild_id)) is False else None
