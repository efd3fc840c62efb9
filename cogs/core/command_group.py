"""Base of the command groups for those who manage a server."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from cogs.core.permissions import is_manager


class ManagerGroup(app_commands.Group):
    """A command group for members who may manage the server; not available in direct messages."""

    def __init__(self, name: str, description: str) -> None:
        """Create an empty group; modules add commands with its `command` decorator."""
        super().__init__(
            name=name,
            description=description,
            guild_only=True,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            default_permissions=discord.Permissions(manage_guild=True),
        )

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Check the permission here too, because a server can show the commands to anyone."""
        return is_manager(interaction)
