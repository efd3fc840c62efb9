"""Which language is spoken to whom, and the words of the commands in every language."""

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

_WORDS: Final = frozenset(
    {Location.command_description, Location.group_description, Location.parameter_description, Location.choice_name}
)


def speak_to_member(interaction: discord.Interaction) -> None:
    """Speak the member's own language in this task, the server's where the bot does not know that one."""
    speak(language_of(interaction.locale, interaction.guild_locale))


def language_of_server(settings: ServerSettings, guild: discord.Guild | None) -> str:
    """Return the language for what all in a server read: the one that was set, or Discord's setting of the server."""
    return settings.language or language_of(guild.preferred_locale if guild else None)


async def speak_in(store: AsyncStore, guild: discord.Guild | None, channel_id: int) -> None:
    """Speak the language of a place in this task, for Discord tells no member's own with a message.

    In a direct message that is the language of the last answer there.
    """
    if guild is not None:
        speak(language_of_server(await store.settings(guild.id), guild))
        return
    try:
        last = await store.run(lambda: store.database.last_answer(channel_id))
        speak(last.language if last else ENGLISH)
    except (UserError, SQLAlchemyError):
        _log.exception("The language of channel %s could not be read", channel_id)


class CommandTranslator(app_commands.Translator):
    """Gives Discord the descriptions, choices and menu entries in every language; what is typed stays English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return a text in the language of a locale, None where there is none but English."""
        context_menu_entry = context.location is Location.command_name and isinstance(
            context.data, app_commands.ContextMenu
        )
        language = language_of(locale)
        if language == ENGLISH or not (context_menu_entry or context.location in _WORDS):
            return None
        say: Callable[[], str] | None = string.extras.get("say")
        if say is None:
            return dictionary(language).get(string.message)
        with speaking(language):
            return say()


def spoken(say: Callable[[], str]) -> app_commands.locale_str:
    """Return what `say` says in every language: a text that is put together, or has gaps."""
    return app_commands.locale_str(say(), say=say)
