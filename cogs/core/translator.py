"""Chooses the language of replies, and translates command descriptions for Discord."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from i18n.catalogue import dictionary
from i18n.languages import ENGLISH, language_of, speak, speaking
from index.models import UserError
from storage.models import ServerSettings

_log = logging.getLogger(__name__)

_TRANSLATED: Final = frozenset(
    {Location.command_description, Location.group_description, Location.parameter_description, Location.choice_name}
)


def use_member_language(interaction: discord.Interaction) -> None:
    """Use the member's language in this task; the server's if the bot has no translation for it."""
    speak(language_of(interaction.locale, interaction.guild_locale))


def server_language(settings: ServerSettings, guild: discord.Guild | None) -> str:
    """Return the language of public messages in a server: its setting, else the locale of the server on Discord."""
    return settings.language or language_of(guild.preferred_locale if guild else None)


async def use_channel_language(store: AsyncStore, guild: discord.Guild | None, channel_id: int) -> None:
    """Use the language of a channel in this task; Discord sends no member locale with messages.

    In a server it is the server's language, in direct messages that of the last answer there.
    """
    if guild is not None:
        speak(server_language(await store.settings(guild.id), guild))
        return
    try:
        last = await store.run(lambda: store.database.last_answer(channel_id))
        speak(last.language if last else ENGLISH)
    except (UserError, SQLAlchemyError):
        _log.exception("The language of channel %s could not be read", channel_id)


class CommandTranslator(app_commands.Translator):
    """Translates descriptions, choices and context menu names; names of slash commands stay English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the text in the language of `locale`; None if only English exists."""
        context_menu_entry = context.location is Location.command_name and isinstance(
            context.data, app_commands.ContextMenu
        )
        language = language_of(locale)
        if language == ENGLISH or not (context_menu_entry or context.location in _TRANSLATED):
            return None
        render: Callable[[], str] | None = string.extras.get("render")
        if render is None:
            return dictionary(language).get(string.message)
        with speaking(language):
            return render()


def translatable(render: Callable[[], str]) -> app_commands.locale_str:
    """Return a translatable string for a composed or formatted text; `render` returns it in the current language."""
    return app_commands.locale_str(render(), render=render)
