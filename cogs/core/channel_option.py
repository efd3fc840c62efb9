"""Slash command options for channels, including channels that the bot cannot see."""

from __future__ import annotations

from typing import Any, cast

import discord
from discord import app_commands


class ChannelOption(app_commands.Transformer):
    """A channel or category, including those that the bot cannot see; media channels are not offered."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """The option type that Discord shows."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The channel types that Discord offers."""
        kind = discord.ChannelType
        return [kind.text, kind.news, kind.voice, kind.stage_voice, kind.category, kind.forum]

    async def transform(self, _interaction: discord.Interaction, value: Any, /) -> app_commands.AppCommandChannel:
        """Return the chosen channel as Discord sent it."""
        return cast("app_commands.AppCommandChannel", value)


class TextChannelOption(ChannelOption):
    """A text or announcement channel, including those that the bot cannot see."""

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The channel types that Discord offers."""
        return [discord.ChannelType.text, discord.ChannelType.news]
