"""Commands in the menu of a message; discord.py knows none inside a feature."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

Callback = Callable[[discord.Interaction[Any], discord.Message], Coroutine[Any, Any, None]]


class ContextMenuCog(commands.Cog):
    """A feature that adds commands to the menu, for as long as it is there itself."""

    _bot: commands.Bot
    _context_menus: Sequence[app_commands.ContextMenu]

    async def cog_load(self) -> None:
        """Add the commands."""
        for command in self._context_menus:
            self._bot.tree.add_command(command)

    async def cog_unload(self) -> None:
        """Take them away."""
        for command in self._context_menus:
            self._bot.tree.remove_command(command.name, type=command.type)


def context_menu_entry(
    name: str, callback: Callback, needed: discord.Permissions | None = None
) -> app_commands.ContextMenu:
    """Return a command; where permissions are needed it is shown to those alone who have them, in servers alone."""
    found = app_commands.ContextMenu(
        name=name,
        callback=callback,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=needed is None, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    found.default_permissions = needed
    return found
