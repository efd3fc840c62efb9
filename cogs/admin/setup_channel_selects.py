"""The selects of `/config setup` that set how the bot answers in some channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

import discord
from discord import ui

from cogs.admin.setup_selects import SetupSelect
from i18n import texts
from storage.models import Mode, ServerSettings

_MAX_CHANNELS: Final = 25  # Discord's limit for one select
_KIND: Final = discord.ChannelType
_CHANNEL_TYPES: Final = [_KIND.text, _KIND.news, _KIND.voice, _KIND.stage_voice, _KIND.category, _KIND.forum]


class ChannelModeSelect(SetupSelect, action="setup-places", page=2):
    """Base of the selects that give channels a mode."""

    mode: ClassVar[Mode]

    @classmethod
    def of_mode(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with the channels that have the mode chosen."""
        select: ui.ChannelSelect[Any] = ui.ChannelSelect(
            custom_id=cls.custom_id_of(member_id),
            placeholder=texts.WIZARD_CHOOSE_CHANNELS,
            channel_types=_CHANNEL_TYPES,
            min_values=0,
            max_values=_MAX_CHANNELS,
            default_values=[
                discord.SelectDefaultValue(id=int(channel), type=discord.SelectDefaultValueType.channel)
                for channel in _shown_channels(settings, cls.mode, guild)
            ],
        )
        return cls(member_id, select)

    def changed(self, settings: ServerSettings, values: Sequence[str], guild: discord.Guild) -> ServerSettings:
        """Give the chosen channels the mode, and remove it from channels that are no longer chosen."""
        if not all(guild.get_channel(int(channel)) for channel in values):
            raise ValueError("a channel of another server")
        previous = _shown_channels(settings, self.mode, guild)
        modes = {channel: mode for channel, mode in settings.modes.items() if channel not in previous}
        return settings.changed(modes={**modes, **dict.fromkeys(values, self.mode.value)})


class QuestionsSelect(ChannelModeSelect, action="setup-questions", page=2):
    """Sets the channels where questions are answered without a mention."""

    mode = Mode.QUESTIONS

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with the current setting chosen."""
        return cls.of_mode(member_id, settings, guild)


class OffSelect(ChannelModeSelect, action="setup-off", page=2):
    """Sets the channels where no message is answered."""

    mode = Mode.OFF

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with the current setting chosen."""
        return cls.of_mode(member_id, settings, guild)


def _shown_channels(settings: ServerSettings, mode: Mode, guild: discord.Guild) -> list[str]:
    """Return the ids of the existing channels that have a mode, as many as a select can show."""
    channels = [key for key, set_mode in settings.modes.items() if set_mode == mode and guild.get_channel(int(key))]
    return channels[:_MAX_CHANNELS]
