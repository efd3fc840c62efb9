"""The pages of `/config setup`, and the buttons that lead from one to another."""

from __future__ import annotations

from typing import Any, Final

import discord

from cogs.admin.reports import settings_text
from cogs.admin.setup_channel_selects import OffSelect, QuestionsSelect
from cogs.admin.setup_layout import Choice, wizard_page
from cogs.admin.setup_selects import (
    EditorRoleSelect,
    HelpersChannelSelect,
    HelpersRoleSelect,
    LanguageSelect,
    LayoutSelect,
    LimitsSelect,
    MinConfidenceSelect,
    ThreadsSelect,
)
from cogs.admin.setup_wizard import PageState, SetupWizard
from cogs.articles.add_form import AddForm
from cogs.articles.trial_question import TrialButton
from cogs.core.features import feature
from cogs.core.permissions import permission_findings
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import open_form
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.escape import utf16_length
from cogs.ui.layout import MessageBody
from cogs.ui.limits import MAX_TEXT, join_fitting
from i18n import texts

_LAST: Final = len(texts.WIZARD_PAGES) - 1
_BLUE: Final = discord.ButtonStyle.primary
_GREY: Final = discord.ButtonStyle.secondary


def page(state: PageState, number: int) -> MessageBody:
    """Return page `number` (from 0) for the member who uses the wizard."""
    lines, choices = [texts.WIZARD_PAGES[number]], list[Choice]()
    buttons: list[PersistentItem] = []
    match number:
        case 0:
            lines += [texts.COMMANDS_MOVED] if state.articles else []  # for servers that knew the old names
            choices = look_choices(state)
        case 1:
            choices = helper_choices(state)
        case 2:
            lines += [] if state.message_content else [texts.NEEDS_CONTENT]
            choices = channel_choices(state)
        case 3:
            lines += _check_lines(state, MAX_TEXT - utf16_length(lines[0]) - utf16_length(texts.WIZARD_SAVED) - 4)
        case _:
            has_articles = state.articles > 0
            lines.append(texts.WIZARD_HAS_ARTICLES.format(count=state.articles) if has_articles else texts.WIZARD_FIRST)
            buttons = [TrialButton(), AddFirstButton(more=True)] if has_articles else [AddFirstButton()]
    row = [*buttons, *_page_buttons(state.member_id, number)]
    return wizard_page(lines, choices, [row], texts.WIZARD_SAVED, plain=state.plain)


def look_choices(state: PageState) -> list[Choice]:
    """Return the choices of the first page: language, look and limits."""
    kinds = (("language", LanguageSelect), ("layout", LayoutSelect), ("limits", LimitsSelect))
    return [Choice(key, kind.from_settings(state.member_id, state.settings)) for key, kind in kinds]


def helper_choices(state: PageState) -> list[Choice]:
    """Return the choices of the second page: editors, helpers and the helpers' channel."""
    kinds = (("editors", EditorRoleSelect), ("helpers", HelpersRoleSelect), ("helpers_channel", HelpersChannelSelect))
    return [Choice(key, kind.from_settings(state.member_id, state.settings, state.guild)) for key, kind in kinds]


def channel_choices(state: PageState) -> list[Choice]:
    """Return the choices of the third page: where and how to answer; without message content only where not to."""
    member, settings = state.member_id, state.settings
    off = Choice("off", OffSelect.from_settings(member, settings, state.guild))
    if not state.message_content:
        return [off]
    return [
        Choice("questions", QuestionsSelect.from_settings(member, settings, state.guild)),
        Choice("floor", MinConfidenceSelect.from_settings(member, settings)),
        Choice("threads", ThreadsSelect.from_settings(member, settings)),
        off,
    ]


def _check_lines(state: PageState, max_units: int) -> list[str]:
    """Return what is missing and what is set; together at most `max_units` UTF-16 units."""
    warnings = permission_findings(state.guild, state.settings, has_message_content=state.message_content)
    checks = [texts.CHECK_HEADING, *warnings] if warnings else [texts.CHECK_FINE]
    shown = join_fitting(checks, max_units // 2)
    return [shown, "", settings_text(state.settings, max_units - utf16_length(shown) - 3)]


def _page_buttons(member_id: int, number: int) -> list[PersistentItem]:
    back, forward = (number - 1, texts.BACK_BUTTON, _GREY), (number + 1, texts.NEXT_BUTTON, _BLUE)
    found: list[PersistentItem] = [
        PageTurnButton(member_id, target, label, style)
        for target, label, style in (back, forward)
        if 0 <= target <= _LAST
    ]
    return [*found, SkipButton(member_id)] if number < _LAST - 1 else found


class PageTurnButton(PersistentItem, action="setup-page", ids=2):
    """Turns to another page of the wizard."""

    def __init__(self, member_id: int, number: int, label: str = "", style: discord.ButtonStyle = _GREY) -> None:
        super().__init__(button(self.custom_id_of(member_id, number), label or texts.NEXT_BUTTON, style))
        self.member_id, self.number = member_id, min(number, _LAST)

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page."""
        await feature(interaction, SetupWizard).change(interaction, self.member_id, self.number, lambda now: now)


class SkipButton(PersistentItem, action="setup-skip"):
    """Turns to the last page of the wizard."""

    def __init__(self, member_id: int) -> None:
        super().__init__(button(self.custom_id_of(member_id), texts.WIZARD_SKIP))
        self.member_id = member_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the last page."""
        await feature(interaction, SetupWizard).change(interaction, self.member_id, _LAST, lambda now: now)


class AddFirstButton(PersistentItem, action="welcome-add"):
    """Opens the form for adding an article, for those who may add one."""

    def __init__(self, _number: int = 0, *, more: bool = False) -> None:
        """Create the button; with `more` for a server that has articles."""
        label, style = (texts.WIZARD_ADD_MORE, _GREY) if more else (texts.WELCOME_ADD, _BLUE)
        super().__init__(button(self.custom_id_of(), label, style))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await require(interaction, Action.ARTICLE_ADD)
        await open_form(interaction, AddForm())


class StartSetupButton(PersistentItem, action="welcome-setup"):
    """Starts the wizard, from the welcome message."""

    def __init__(self, _number: int = 0) -> None:
        super().__init__(button(self.custom_id_of(), texts.WELCOME_SETUP))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page in a new private message."""
        await require(interaction, Action.CONFIG_SETUP)
        await feature(interaction, SetupWizard).start(interaction)


def welcome_rows() -> Rows:
    """Return the buttons of the welcome message."""
    return [[AddFirstButton(), StartSetupButton()]]
