"""The selects of `/verbatim setup`: each is one setting of the server, stored as soon as it is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

import discord
from discord import ui

from cogs.admin.reports import FLOORS, chosen_language, floor_text, languages_to_choose, way_text
from cogs.admin.setup_wizard import SetupWizard
from cogs.core.features import feature
from cogs.ui.components import PersistentItem, selected
from i18n import texts
from index.models import UserError
from storage.models import Mode, ServerSettings

_MOST: Final = 25  # channels that a select can hold
_LIMITS: Final = ((20, 60, 200), (5, 20, 60), (60, 200, 600), (0, 0, 0))
_KIND: Final = discord.ChannelType
_PLACES: Final = [_KIND.text, _KIND.news, _KIND.voice, _KIND.stage_voice, _KIND.category, _KIND.forum]


class SetupSelect(PersistentItem, action="setup-select"):
    """Base of the selects: `page` is the page that one stands on."""

    page: ClassVar[int]

    def __init_subclass__(cls, *, action: str, page: int) -> None:
        """Give the class its action and its page."""
        super().__init_subclass__(action=action)
        cls.page = page

    def __init__(self, member_id: int, select: Any = None) -> None:
        """Take who began the set-up, and the select as it is shown; without it one that was used."""
        super().__init__(select or ui.Select(custom_id=self.custom_id_of(member_id)))
        self.member_id = member_id

    def changed(self, settings: ServerSettings, values: Sequence[str], guild: discord.Guild) -> ServerSettings:
        """Return the settings after a choice. Raises ValueError for one that was never offered."""
        raise NotImplementedError

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Store the choice and show the page again."""

        def change(now: ServerSettings) -> ServerSettings:
            if interaction.guild is None:
                raise UserError(texts.NOT_HERE)
            try:
                return self.changed(now, selected(interaction), interaction.guild)
            except ValueError as error:
                raise UserError(texts.OPTION_REFUSED) from error

        await feature(interaction, SetupWizard).change(interaction, self.member_id, self.page, change)

    @classmethod
    def of_options(cls, member_id: int, label: str, options: list[discord.SelectOption]) -> Self:
        """Return a select that offers texts, of which one is chosen."""
        return cls(member_id, ui.Select(custom_id=cls.custom_id_of(member_id), placeholder=label, options=options))


class HelpersChannelSelect(SetupSelect, action="setup-channel", page=0):
    """The channel where helpers are called."""

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with what is set now."""
        channel = guild.get_channel(settings.helpers_channel or 0)
        select: ui.ChannelSelect[Any] = ui.ChannelSelect(
            custom_id=cls.custom_id_of(member_id),
            placeholder=texts.SETUP_CHANNEL,
            channel_types=[_KIND.text],
            min_values=0,
            default_values=[channel] if channel else [],
        )
        return cls(member_id, select)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the channel, or none."""
        return settings.changed(helpers_channel=int(values[0]) if values else None)


class HelpersRoleSelect(SetupSelect, action="setup-role", page=0):
    """The role of the helpers."""

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with what is set now."""
        role = guild.get_role(settings.helpers_role or 0)
        select: ui.RoleSelect[Any] = ui.RoleSelect(
            custom_id=cls.custom_id_of(member_id),
            placeholder=texts.SETUP_ROLE,
            min_values=0,
            default_values=[role] if role else [],
        )
        return cls(member_id, select)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the role, or none."""
        return settings.changed(helpers_role=int(values[0]) if values else None)


class LanguageSelect(SetupSelect, action="setup-language", page=1):
    """The language of what all can read."""

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with what is set now."""
        options = [
            discord.SelectOption(label=name, value=value, default=chosen_language(value) == settings.language)
            for value, name in languages_to_choose().items()
        ]
        return cls.of_options(member_id, texts.SETUP_LANGUAGE, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the language."""
        return settings.changed(language=chosen_language(values[0] if values else ""))


class LayoutSelect(SetupSelect, action="setup-layout", page=1):
    """Layout components, or plain embeds."""

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with what is set now."""
        holds = "plain" if settings.plain else "rich"
        options = [
            discord.SelectOption(label=label, value=value, default=value == holds)
            for value, label in texts.SETUP_LAYOUTS.items()
        ]
        return cls.of_options(member_id, texts.SETUP_LAYOUT, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the layout."""
        return settings.changed(plain=list(values[:1]) == ["plain"])


class LimitsSelect(SetupSelect, action="setup-limits", page=1):
    """How many questions may be asked in a minute: by a member, in a channel, in the server."""

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with what is set now, also if a command set something else."""
        set_now = tuple(quota.count for quota in settings.quotas)
        options = [
            discord.SelectOption(
                label=texts.SETUP_LIMIT.format(member=counts[0], each=counts[1], server=counts[2])
                if any(counts)
                else texts.NO_LIMIT,
                value="-".join(map(str, counts)),
                default=counts == set_now,
            )
            for counts in dict.fromkeys((*_LIMITS, set_now))
        ]
        return cls.of_options(member_id, texts.SETUP_LIMITS, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the three limits."""
        member, channel, server = map(int, "".join(values[:1]).split("-"))
        return settings.changed(member_limit=member, channel_limit=channel, server_limit=server)


class PlacesSelect(SetupSelect, action="setup-places", page=2):
    """Base of the selects of channels that have one mode."""

    mode: ClassVar[Mode]

    @classmethod
    def of_places(cls, member_id: int, label: str, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with the channels of its mode chosen."""
        select: ui.ChannelSelect[Any] = ui.ChannelSelect(
            custom_id=cls.custom_id_of(member_id),
            placeholder=label,
            channel_types=_PLACES,
            min_values=0,
            max_values=_MOST,
            default_values=[
                discord.SelectDefaultValue(id=int(place), type=discord.SelectDefaultValueType.channel)
                for place in _shown_places(settings, cls.mode, guild)
            ],
        )
        return cls(member_id, select)

    def changed(self, settings: ServerSettings, values: Sequence[str], guild: discord.Guild) -> ServerSettings:
        """Give the chosen channels the mode; those that were shown and are not chosen lose theirs."""
        shown = _shown_places(settings, self.mode, guild)
        modes = {place: held for place, held in settings.modes.items() if place not in shown}
        return settings.changed(modes={**modes, **dict.fromkeys(values, self.mode.value)})


class QuestionsSelect(PlacesSelect, action="setup-questions", page=2):
    """The channels where questions are answered without a mention."""

    mode = Mode.QUESTIONS

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with what is set now."""
        return cls.of_places(member_id, texts.SETUP_QUESTIONS, settings, guild)


class OffSelect(PlacesSelect, action="setup-off", page=2):
    """The channels where no message is answered."""

    mode = Mode.OFF

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with what is set now."""
        return cls.of_places(member_id, texts.SETUP_OFF, settings, guild)


class FloorSelect(SetupSelect, action="setup-floor", page=2):
    """How sure the bot must be to answer unasked."""

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with what is set now, also if a later version set something else."""
        options = [
            discord.SelectOption(label=floor_text(floor), value=str(floor), default=floor == settings.floor)
            for floor in sorted({*FLOORS, settings.floor})
        ]
        return cls.of_options(member_id, texts.SETUP_FLOOR, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the floor, a probability."""
        return settings.changed(floor=min(max(float("".join(values[:1])), 0.0), 1.0))


class ThreadsSelect(SetupSelect, action="setup-threads", page=2):
    """Whether what was not asked of the bot is answered in a new thread."""

    @classmethod
    def shown(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with what is set now."""
        options = [
            discord.SelectOption(label=way_text(thread=way), value=str(int(way)), default=way == settings.threads)
            for way in (False, True)
        ]
        return cls.of_options(member_id, texts.SETUP_THREADS, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the way."""
        return settings.changed(threads=list(values[:1]) == ["1"])


def _shown_places(settings: ServerSettings, mode: Mode, guild: discord.Guild) -> list[str]:
    """Return the channels of a mode that a select shows as chosen; those that no longer exist are left out."""
    there = [place for place, held in settings.modes.items() if held == mode and guild.get_channel(int(place))]
    return there[:_MOST]
