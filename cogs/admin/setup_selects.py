"""The selects of `/config setup`: each changes one setting of the server, as soon as something is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, Self

import discord
from discord import ui

from cogs.admin.reports import (
    MIN_CONFIDENCES,
    chosen_language,
    languages_to_choose,
    min_confidence_text,
    reply_mode_text,
)
from cogs.admin.setup_wizard import SetupWizard
from cogs.core.features import feature
from cogs.ui.components import PersistentItem, selected
from i18n import texts
from index.models import UserError
from storage.models import ServerSettings

_LIMITS: Final = ((20, 60, 200), (5, 20, 60), (60, 200, 600), (0, 0, 0))


class SetupSelect(PersistentItem, action="setup-select"):
    """Base of the selects; `page` is the page of the wizard that shows it."""

    page: ClassVar[int]

    def __init_subclass__(cls, *, action: str, page: int) -> None:
        """Set the action and the page of a subclass."""
        super().__init_subclass__(action=action)
        cls.page = page

    def __init__(self, member_id: int, select: Any = None) -> None:
        """Carry the member who started the wizard; `select` is left out when a used component is recreated."""
        super().__init__(select or ui.Select(custom_id=self.custom_id_of(member_id)))
        self.member_id = member_id

    def changed(self, settings: ServerSettings, values: Sequence[str], guild: discord.Guild) -> ServerSettings:
        """Return the settings after a choice. Raises ValueError if the value was not among the options."""
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
    def of_options(cls, member_id: int, options: list[discord.SelectOption]) -> Self:
        """Return a select with text options, of which one is chosen."""
        return cls(member_id, ui.Select(custom_id=cls.custom_id_of(member_id), options=options))


class SettingSelect(SetupSelect, action="setup-any-setting", page=1):
    """Base of the selects of one setting; `setting` is its name."""

    setting: ClassVar[str]

    def __init_subclass__(cls, *, action: str, page: int, setting: str = "") -> None:
        """Set the action, the page and the setting of a subclass."""
        super().__init_subclass__(action=action, page=page)
        cls.setting = setting


class RoleSelect(SettingSelect, action="setup-any-role", page=1):
    """Base of the selects of a role."""

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with the current setting chosen."""
        role = guild.get_role(getattr(settings, cls.setting) or 0)
        select: ui.RoleSelect[Any] = ui.RoleSelect(
            custom_id=cls.custom_id_of(member_id),
            placeholder=texts.WIZARD_CHOOSE_ROLE,
            min_values=0,
            default_values=[role] if role else [],
        )
        return cls(member_id, select)

    def changed(self, settings: ServerSettings, values: Sequence[str], guild: discord.Guild) -> ServerSettings:
        """Set the role, or none."""
        role_id = _id_in(guild.get_role, values[0]) if values else None
        if role_id == guild.default_role.id:
            raise UserError(texts.WIZARD_NOT_EVERYONE)
        return settings.changed(**{self.setting: role_id})


class EditorRoleSelect(RoleSelect, action="setup-editors", page=1, setting="editor_role"):
    """Sets the role of those who may add and change articles."""


class HelpersRoleSelect(RoleSelect, action="setup-role", page=1, setting="helpers_role"):
    """Sets the role of the helpers."""


class ChannelSelect(SettingSelect, action="setup-any-channel", page=1):
    """Base of the selects of a text channel."""

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings, guild: discord.Guild) -> Self:
        """Return the select with the current setting chosen."""
        channel = guild.get_channel(getattr(settings, cls.setting) or 0)
        select: ui.ChannelSelect[Any] = ui.ChannelSelect(
            custom_id=cls.custom_id_of(member_id),
            placeholder=texts.WIZARD_CHOOSE_CHANNEL,
            channel_types=[discord.ChannelType.text],
            min_values=0,
            default_values=[channel] if channel else [],
        )
        return cls(member_id, select)

    def changed(self, settings: ServerSettings, values: Sequence[str], guild: discord.Guild) -> ServerSettings:
        """Set the channel, or none."""
        return settings.changed(**{self.setting: _id_in(guild.get_channel, values[0]) if values else None})


class HelpersChannelSelect(ChannelSelect, action="setup-channel", page=1, setting="helpers_channel"):
    """Sets the channel where helpers are called."""


class DigestChannelSelect(ChannelSelect, action="setup-digest", page=1, setting="digest_channel"):
    """Sets the channel where staff reads the weekly digest and votes."""


class LanguageSelect(SetupSelect, action="setup-language", page=0):
    """Sets the language of the bot's public messages."""

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with the current setting chosen."""
        options = [
            discord.SelectOption(label=name, value=value, default=chosen_language(value) == settings.language)
            for value, name in languages_to_choose().items()
        ]
        return cls.of_options(member_id, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the language."""
        return settings.changed(language=chosen_language(values[0] if values else ""))


class LayoutSelect(SetupSelect, action="setup-layout", page=0):
    """Sets whether messages use layout components or plain embeds."""

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with the current setting chosen."""
        current = "plain" if settings.plain else "rich"
        options = [
            discord.SelectOption(label=label, value=value, default=value == current)
            for value, label in texts.LAYOUTS.items()
        ]
        return cls.of_options(member_id, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the layout."""
        return settings.changed(plain=list(values[:1]) == ["plain"])


class LimitsSelect(SetupSelect, action="setup-limits", page=0):
    """Sets the number of questions per minute for a member, a channel and the server."""

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with the current setting chosen, which is added to the options if it is not among them."""
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
        return cls.of_options(member_id, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the three limits."""
        member, channel, server = map(int, "".join(values[:1]).split("-"))
        return settings.changed(member_limit=member, channel_limit=channel, server_limit=server)


class MinConfidenceSelect(SetupSelect, action="setup-floor", page=2):
    """Sets the lowest confidence at which the bot answers without being asked."""

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with the current setting chosen, which is added to the options if it is not among them."""
        options = [
            discord.SelectOption(label=min_confidence_text(value), value=str(value), default=value == settings.floor)
            for value in sorted({*MIN_CONFIDENCES, settings.floor})
        ]
        return cls.of_options(member_id, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set the lowest confidence, a probability from 0 to 1."""
        return settings.changed(floor=min(max(float("".join(values[:1])), 0.0), 1.0))


class ThreadsSelect(SetupSelect, action="setup-threads", page=2):
    """Sets whether unprompted answers go to a new thread."""

    @classmethod
    def from_settings(cls, member_id: int, settings: ServerSettings) -> Self:
        """Return the select with the current setting chosen."""
        options = [
            discord.SelectOption(
                label=reply_mode_text(thread=thread), value=str(int(thread)), default=thread == settings.threads
            )
            for thread in (False, True)
        ]
        return cls.of_options(member_id, options)

    def changed(self, settings: ServerSettings, values: Sequence[str], _guild: discord.Guild) -> ServerSettings:
        """Set whether threads are used."""
        return settings.changed(threads=list(values[:1]) == ["1"])


def _id_in(find: Callable[[int], object], value: str) -> int:
    """Return the id of something of the server. Raises ValueError if `find`, which looks it up there, returns None."""
    if find(int(value)) is None:
        raise ValueError(value)
    return int(value)
