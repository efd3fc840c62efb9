"""Context menu commands inside cogs, which discord.py does not support itself."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

Callback = Callable[[discord.Interaction[Any], discord.Message], Coroutine[Any, Any, None]]


class ContextMenuCog(commands.Cog):
    """A cog that adds context menu commands to the tree when it is loaded and removes them when it is unloaded."""

    _bot: commands.Bot
    _context_menus: Sequence[app_commands.ContextMenu]

    async def cog_load(self) -> None:
        """Add the commands to the tree."""
        for command in self._context_menus:
            self._bot.tree.add_command(command)

    async def cog_unload(self) -> None:
        """Remove the commands from the tree."""
        for command in self._context_menus:
            self._bot.tree.remove_command(command.name, type=command.type)


def context_menu_entry(
    name: str, callback: Callback, permissions: discord.Permissions | None = None
) -> app_commands.ContextMenu:
    """Return a context menu command. With `permissions`, only members who have them see it, and only in servers."""
    command = app_commands.ContextMenu(
        name=name,
        callback=callback,
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=permissions is None, private_channel=False
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    command.default_permissions = permissions
    return command
