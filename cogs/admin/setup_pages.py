"""What can be chosen on the pages of `/verbatim setup`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import discord
from discord import ui

from cogs.admin.reports import FLOORS, chosen_language, floor_text, languages_to_choose, way_text
from cogs.ui.components import Action, AnswerButton, Press, Rows
from i18n import texts
from storage.models import Mode, ServerSettings

_MOST: Final = 25  # channels that a select can hold
_LIMITS: Final = ((20, 60, 200), (5, 20, 60), (60, 200, 600), (0, 0, 0))
_KIND: Final = discord.ChannelType
_PLACES: Final = [_KIND.text, _KIND.news, _KIND.voice, _KIND.stage_voice, _KIND.category, _KIND.forum]
MODES: Final = {Action.SETUP_QUESTIONS: Mode.QUESTIONS, Action.SETUP_OFF: Mode.OFF}


def helpers(settings: ServerSettings, guild: discord.Guild, member_id: int) -> Rows:
    """Return the selects: the channel and the role of the helpers."""
    channel, role = guild.get_channel(settings.helpers_channel or 0), guild.get_role(settings.helpers_role or 0)
    channels: Any = ui.ChannelSelect(
        custom_id=Press(Action.SETUP_CHANNEL, member_id).custom_id,
        placeholder=texts.SETUP_CHANNEL,
        channel_types=[discord.ChannelType.text],
        min_values=0,
        default_values=[channel] if channel else [],
    )
    roles: Any = ui.RoleSelect(
        custom_id=Press(Action.SETUP_ROLE, member_id).custom_id,
        placeholder=texts.SETUP_ROLE,
        min_values=0,
        default_values=[role] if role else [],
    )
    return [[AnswerButton(channels)], [AnswerButton(roles)]]


def looks(settings: ServerSettings, member_id: int) -> Rows:
    """Return the selects: language, layout and limits."""
    languages = [
        discord.SelectOption(label=name, value=value, default=chosen_language(value) == settings.language)
        for value, name in languages_to_choose().items()
    ]
    holds = "plain" if settings.plain else "rich"
    layouts = [
        discord.SelectOption(label=label, value=value, default=value == holds)
        for value, label in texts.SETUP_LAYOUTS.items()
    ]
    set_now = tuple(quota.count for quota in settings.quotas)
    limits = [
        discord.SelectOption(
            label=texts.SETUP_LIMIT.format(member=counts[0], each=counts[1], server=counts[2])
            if any(counts)
            else texts.NO_LIMIT,
            value="-".join(map(str, counts)),
            default=counts == set_now,
        )
        # What was set otherwise, by a command, can be seen and kept too.
        for counts in dict.fromkeys((*_LIMITS, set_now))
    ]
    return [
        [_select(Action.SETUP_LANGUAGE, member_id, texts.SETUP_LANGUAGE, languages)],
        [_select(Action.SETUP_LAYOUT, member_id, texts.SETUP_LAYOUT, layouts)],
        [_select(Action.SETUP_LIMITS, member_id, texts.SETUP_LIMITS, limits)],
    ]


def _select(action: Action, member_id: int, label: str, options: list[discord.SelectOption]) -> AnswerButton:
    return AnswerButton(ui.Select(custom_id=Press(action, member_id).custom_id, placeholder=label, options=options))


def places(settings: ServerSettings, guild: discord.Guild, member_id: int, shown: Collection[Action]) -> Rows:
    """Return the selects: the channels of the modes `shown`."""
    labels = {Action.SETUP_QUESTIONS: texts.SETUP_QUESTIONS, Action.SETUP_OFF: texts.SETUP_OFF}
    selects: list[Any] = [
        ui.ChannelSelect(
            custom_id=Press(action, member_id).custom_id,
            placeholder=labels[action],
            channel_types=_PLACES,
            min_values=0,
            max_values=_MOST,
            default_values=[
                discord.SelectDefaultValue(id=int(place), type=discord.SelectDefaultValueType.channel)
                for place in shown_places(settings, MODES[action], guild)
            ],
        )
        for action in shown
    ]
    return [[AnswerButton(select)] for select in selects]


def unasked(settings: ServerSettings, member_id: int) -> Rows:
    """Return the selects of how the bot speaks where it was not asked, for the whole server."""
    floors = [
        # What was set otherwise, by a later version, can be seen and kept too.
        discord.SelectOption(label=floor_text(floor), value=str(floor), default=floor == settings.floor)
        for floor in sorted({*FLOORS, settings.floor})
    ]
    ways = [
        discord.SelectOption(label=way_text(thread=way), value=str(int(way)), default=way == settings.threads)
        for way in (False, True)
    ]
    return [
        [_select(Action.SETUP_FLOOR, member_id, texts.SETUP_FLOOR, floors)],
        [_select(Action.SETUP_THREADS, member_id, texts.SETUP_THREADS, ways)],
    ]


def shown_places(settings: ServerSettings, mode: Mode, guild: discord.Guild) -> list[str]:
    """Return the channels of a mode that a select shows as chosen; those that are gone are left out."""
    there = [place for place, held in settings.modes.items() if held == mode and guild.get_channel(int(place))]
    return there[:_MOST]
