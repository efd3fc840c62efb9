"""The pages of `/config setup`: their texts and components."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from cogs.admin.reports import settings_text
from cogs.admin.setup_channel_selects import OffSelect, QuestionsSelect
from cogs.admin.setup_selects import (
    HelpersChannelSelect,
    HelpersRoleSelect,
    LanguageSelect,
    LayoutSelect,
    LimitsSelect,
    MinConfidenceSelect,
    ThreadsSelect,
)
from cogs.admin.setup_wizard import SetupWizard, require_own
from cogs.ask.cog import MAX_QUESTION
from cogs.core.features import feature
from cogs.core.permissions import permission_findings
from cogs.messaging.interaction_reply import open_form
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.escape import utf16_length
from cogs.ui.layout import MessageBody, message_body
from cogs.ui.limits import MAX_TEXT, join_fitting
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from index.models import UserError
from storage.models import ServerSettings

_LAST: Final = len(texts.SETUP_PAGES) - 1


def page(
    interaction: discord.Interaction[Any], settings: ServerSettings, number: int, plain: bool, message_content: bool
) -> MessageBody:
    """Return page `number` (from 0) for the member who uses the wizard. Raises UserError outside a server."""
    guild, member_id = interaction.guild, interaction.user.id
    if guild is None or guild.me is None:
        raise UserError(texts.NOT_HERE)
    lines = [texts.SETUP_PAGES[number]]
    match number:
        case 0:
            lines += [texts.COMMANDS_MOVED]
            rows = helper_rows(settings, guild, member_id)
        case 1:
            rows = layout_rows(settings, member_id)
        case 2:
            lines += [] if message_content else [texts.NEEDS_CONTENT]
            rows = answering_rows(settings, guild, member_id, message_content=message_content)
        case _:
            warnings = permission_findings(guild, settings, has_message_content=message_content)
            checks = [texts.CHECK_HEADING, *warnings] if warnings else [texts.CHECK_FINE]
            available = MAX_TEXT - sum(utf16_length(text) + 2 for text in (*lines, texts.SETUP_SAVED))
            shown = join_fitting(checks, available // 2)
            lines += [settings_text(settings, available - utf16_length(shown)), shown]
            rows = [[TryButton(member_id)]]
    page_buttons = [
        PageTurnButton(member_id, target, label)
        for target, label in ((number - 1, texts.BACK_BUTTON), (number + 1, texts.NEXT_BUTTON))
        if 0 <= target <= _LAST
    ]
    return message_body(notice_card("\n".join([*lines, texts.SETUP_SAVED])), [*rows, page_buttons], plain=plain)


def helper_rows(settings: ServerSettings, guild: discord.Guild, member_id: int) -> Rows:
    """Return the selects of the first page: the channel and the role of the helpers."""
    return [
        [HelpersChannelSelect.from_settings(member_id, settings, guild)],
        [HelpersRoleSelect.from_settings(member_id, settings, guild)],
    ]


def layout_rows(settings: ServerSettings, member_id: int) -> Rows:
    """Return the selects of the second page: language, layout and limits."""
    return [[kind.from_settings(member_id, settings)] for kind in (LanguageSelect, LayoutSelect, LimitsSelect)]


def answering_rows(settings: ServerSettings, guild: discord.Guild, member_id: int, *, message_content: bool) -> Rows:
    """Return the selects of the third page: where and how to answer; without message content only where not to."""
    off = OffSelect.from_settings(member_id, settings, guild)
    if not message_content:
        return [[off]]
    questions = QuestionsSelect.from_settings(member_id, settings, guild)
    return [
        [questions],
        [off],
        [MinConfidenceSelect.from_settings(member_id, settings)],
        [ThreadsSelect.from_settings(member_id, settings)],
    ]


class PageTurnButton(PersistentItem, action="setup-page", ids=2):
    """Turns to another page of the wizard."""

    def __init__(self, member_id: int, number: int, label: str = "") -> None:
        super().__init__(button(self.custom_id_of(member_id, number), label or texts.NEXT_BUTTON))
        self.member_id, self.number = member_id, min(number, _LAST)

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page."""
        await feature(interaction, SetupWizard).change(interaction, self.member_id, self.number, lambda now: now)


class TryButton(PersistentItem, action="setup-try"):
    """Opens the form for a trial question."""

    def __init__(self, member_id: int) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(button(self.custom_id_of(member_id), texts.SETUP_TRY, style))
        self.member_id = member_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form, for the member who started the wizard."""
        await require_own(interaction, self.member_id)
        await open_form(interaction, QuestionForm(self.member_id))


class QuestionForm(PersistentForm, action="setup-tried"):
    """Asks for a trial question."""

    def __init__(self, member_id: int) -> None:
        """Carry the member who started the wizard."""
        super().__init__(texts.SETUP_TRY, member_id)
        question: ui.TextInput[Any] = ui.TextInput(custom_id="question", max_length=MAX_QUESTION)
        self.add_item(ui.Label(text=texts.SETUP_QUESTION, component=question))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], first: int, _second: int) -> None:
        """Answer the question privately."""
        typed = next((str(part["value"]) for part in form_fields(interaction) if part.get("value")), "")
        await feature(interaction, SetupWizard).try_question(interaction, first, typed)
