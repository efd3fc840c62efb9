"""`/verbatim setup`: leads through a server's settings in one private message, page by page.

Nothing is held in memory: each choice is stored at once, and every button carries its page and who began, so a
set-up goes on after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import discord
from discord import ui

from cogs.admin import setup_pages
from cogs.admin.reports import chosen_language, settings_text
from cogs.admin.setup_pages import MODES
from cogs.ask.ask_service import AskService
from cogs.ask.cog import MAX_QUESTION
from cogs.core.async_store import AsyncStore
from cogs.core.permissions import findings, require_manager
from cogs.messaging.replies import InteractionReply, deferred
from cogs.messaging.retry import acknowledge
from cogs.services import Inquiry
from cogs.ui import modals
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Action, Press, Rows, button
from cogs.ui.layout import MessageBody, is_plain, message_body
from i18n import texts
from index.models import UserError
from settings import Settings
from storage.models import ServerSettings

_LAST: Final = len(texts.SETUP_PAGES) - 1
_PAGE_OF: Final = {
    Action.SETUP_CHANNEL: 0,
    Action.SETUP_ROLE: 0,
    Action.SETUP_LANGUAGE: 1,
    Action.SETUP_LAYOUT: 1,
    Action.SETUP_LIMITS: 1,
    Action.SETUP_QUESTIONS: 2,
    Action.SETUP_OFF: 2,
    Action.SETUP_FLOOR: 2,
    Action.SETUP_THREADS: 2,
}

ACTIONS: Final = (Action.SETUP_PAGE, *_PAGE_OF, Action.SETUP_TRY, Action.SETUP_TRIED)


class SetupWizard:
    """Shows the pages and stores what is chosen on them."""

    def __init__(self, ask: AskService, store: AsyncStore, settings: Settings) -> None:
        """Take what answers, what remembers, and the operator's settings."""
        self._ask = ask
        self._store = store
        self._hears_all = settings.message_content

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Do what a button, a select or the form of the set-up says."""
        _require_own(interaction, press)
        match press.action:
            case Action.SETUP_TRY:
                await acknowledge(lambda: interaction.response.send_modal(QuestionForm(press.answer_id)))
            case Action.SETUP_TRIED:
                await self._tried(interaction)
            case _:
                await self._turned(interaction, press)

    async def _turned(self, interaction: discord.Interaction, press: Press) -> None:
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        guild_id = interaction.guild_id or 0
        before = await self._store.settings(guild_id)
        data: dict[str, Any] = dict(interaction.data or {})
        now = _changed(before, press.action, data.get("values", ()), interaction.guild)
        if now != before:
            await self._store.change_settings(guild_id, now)
        number = min(press.page, _LAST) if press.action is Action.SETUP_PAGE else _PAGE_OF[press.action]
        # Whatever is set on this page.
        await reply.show(page(interaction, now, number, plain=is_plain(interaction), hears_all=self._hears_all))

    async def _tried(self, interaction: discord.Interaction) -> None:
        async with deferred(interaction) as reply:
            question = " ".join(_written(interaction).split())
            if not question:
                raise UserError(texts.HOW_TO_ASK)
            inquiry = Inquiry(
                question[:MAX_QUESTION],
                interaction.user.id,
                interaction.channel_id or 0,
                interaction.guild_id,
                private=True,
                show_question=True,
            )
            await self._ask.answer(inquiry, reply)


def page(
    interaction: discord.Interaction, settings: ServerSettings, number: int, *, plain: bool, hears_all: bool
) -> MessageBody:
    """Return a page of the set-up, from 0, for the member who began it. Raises UserError outside a server."""
    guild, member_id = interaction.guild, interaction.user.id
    if guild is None or guild.me is None:
        raise UserError(texts.NOT_HERE)
    said = [texts.SETUP_PAGES[number]]
    rows: Rows = []
    match number:
        case 0:
            rows = setup_pages.helpers(settings, guild, member_id)
        case 1:
            rows = setup_pages.looks(settings, member_id)
        case 2:
            said += [] if hears_all else [texts.CHANNEL_NEEDS_CONTENT]
            rows = setup_pages.places(settings, guild, member_id, MODES if hears_all else [Action.SETUP_OFF])
            rows += setup_pages.unasked(settings, member_id) if hears_all else []
        case _:
            found = findings(guild, settings, hears_all=hears_all)
            said += [settings_text(settings), *([texts.CHECK_HEADING, *found] if found else [texts.CHECK_FINE])]
            rows = [[button(Press(Action.SETUP_TRY, member_id), texts.SETUP_TRY, discord.ButtonStyle.primary)]]
    turning = [
        button(Press(Action.SETUP_PAGE, member_id, at), label)
        for at, label in ((number - 1, texts.BACK_BUTTON), (number + 1, texts.NEXT_BUTTON))
        if 0 <= at <= _LAST
    ]
    return message_body(notice_card("\n".join([*said, texts.SETUP_SAVED])), [*rows, turning], plain=plain)


def _changed(
    settings: ServerSettings, action: Action, values: Sequence[str], guild: discord.Guild | None
) -> ServerSettings:
    """Return the settings after a choice. Raises UserError for a choice that was never offered."""
    first = values[0] if values else None
    change: dict[Action, Callable[[], ServerSettings]] = {
        Action.SETUP_CHANNEL: lambda: settings.changed(helpers_channel=int(first) if first else None),
        Action.SETUP_ROLE: lambda: settings.changed(helpers_role=int(first) if first else None),
        Action.SETUP_LANGUAGE: lambda: settings.changed(language=chosen_language(str(first))),
        Action.SETUP_LAYOUT: lambda: settings.changed(plain=first == "plain"),
        Action.SETUP_LIMITS: lambda: _limited(settings, str(first)),
        Action.SETUP_FLOOR: lambda: settings.changed(floor=min(max(float(str(first)), 0.0), 1.0)),
        Action.SETUP_THREADS: lambda: settings.changed(threads=first == "1"),
    }
    if action in MODES and guild is not None:
        mode = MODES[action]
        modes = {
            place: held
            for place, held in settings.modes.items()
            if place not in setup_pages.shown_places(settings, mode, guild)
        }
        return settings.changed(modes={**modes, **dict.fromkeys(values, mode.value)})
    try:
        return change[action]() if action in change else settings
    except ValueError as error:
        raise UserError(texts.OPTION_REFUSED) from error


def _limited(settings: ServerSettings, value: str) -> ServerSettings:
    member, channel, server = map(int, value.split("-"))
    return settings.changed(member_limit=member, channel_limit=channel, server_limit=server)


class QuestionForm(ui.Modal):
    """Asks for a question to try."""

    def __init__(self, member_id: int) -> None:
        """Take who began the set-up."""
        custom_id = Press(Action.SETUP_TRIED, member_id).custom_id
        super().__init__(title=texts.SETUP_TRY, timeout=modals.SECONDS, custom_id=custom_id)
        question: ui.TextInput[Any] = ui.TextInput(custom_id="question", max_length=MAX_QUESTION)
        self.add_item(ui.Label(text=texts.SETUP_QUESTION, component=question))


def _written(interaction: discord.Interaction) -> str:
    parts = modals.fields(interaction)
    return next((part["value"] for part in parts if part.get("value")), "")


def _require_own(interaction: discord.Interaction, press: Press) -> None:
    """Raise UserError unless it is the member who began, still allowed to manage the server."""
    require_manager(interaction)
    if interaction.user.id != press.answer_id:
        raise UserError(texts.SETUP_NOT_YOURS)
