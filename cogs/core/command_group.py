"""Command groups of servers."""

from __future__ import annotations

import discord
from discord import app_commands


def command_group(name: str, description: str, *, permissions: discord.Permissions | None = None) -> app_commands.Group:
    """Return an empty group for servers, to which modules add commands with its `command` decorator.

    Discord shows it only to members who have `permissions`, unless the server's Integrations page says otherwise. Who
    may use it is checked by the bot itself, too: see `cogs.core.roles`.
    """
    return app_commands.Group(
        name=name,
        description=description,
        guild_only=True,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        default_permissions=permissions,
    )
