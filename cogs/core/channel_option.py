"""Command options that take a channel, also one that the bot cannot see."""

from __future__ import annotations

from typing import Any, cast

import discord
from discord import app_commands


class ChannelOption(app_commands.Transformer):
    """A channel or category, also one that the bot cannot see. Media channels are left out: they hold pictures."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """The kind of option."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """What can be chosen."""
        kind = discord.ChannelType
        return [kind.text, kind.news, kind.voice, kind.stage_voice, kind.category, kind.forum]

    async def transform(self, _interaction: discord.Interaction, value: Any, /) -> app_commands.AppCommandChannel:
        """Return what was chosen."""
        return cast("app_commands.AppCommandChannel", value)


class TextChannelOption(ChannelOption):
    """A channel that people write in, also one that the bot cannot see."""

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """What can be chosen."""
        return [discord.ChannelType.text, discord.ChannelType.news]
