"""Chooses the language of replies, and translates command descriptions for Discord."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Final

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from i18n.catalogue import dictionary
from i18n.languages import ENGLISH, language_of, speak, speaking
from i18n.translation import translation
from index.models import UserError
from storage.models import ServerSettings

_log = logging.getLogger(__name__)

_NAMES: Final = frozenset({Location.command_name, Location.group_name})
_TRANSLATED: Final = frozenset(
    {
        Location.command_name,  # of menu entries
        Location.command_description,
        Location.group_description,
        Location.parameter_description,
        Location.choice_name,
    }
)
_COMMAND: Final = re.compile(r"(?<![\w/])/[a-z]+(?: [a-z]+){0,2}")


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
        last = await store.read_sources(lambda: store.database.last_answer(channel_id))
        speak(last.language if last else ENGLISH)
    except (UserError, SQLAlchemyError):
        _log.exception("The language of channel %s could not be read", channel_id)


class CommandTranslator(app_commands.Translator):
    """Translates names, descriptions and choices of commands; names of options stay English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the text in the language of `locale`; None if only English exists."""
        language = language_of(locale)
        if language == ENGLISH:
            return None
        if context.location in _NAMES and not isinstance(context.data, app_commands.ContextMenu):
            return localized_word(string.message, language)
        if context.location not in _TRANSLATED:
            return None
        render: Callable[[], str] | None = string.extras.get("render")
        if render is None:
            translated = dictionary(language).get(string.message)
            # A description cannot show mentions, so it names commands as the member's Discord does.
            return translated and _COMMAND.sub(lambda named: _localized_command(named[0], language), translated)
        with speaking(language):
            return render()


def localized_word(word: str, language: str) -> str:
    """Return a word of a command's name in a language; the English one if it has no translation."""
    words: Mapping[str, str] = translation(language).get("COMMAND_WORDS", {})
    return str(words.get(word, word))


def _localized_command(named: str, language: str) -> str:
    """Return a command such as `/article add`, and the words after it, with the words of its name in a language."""
    first, *others = named.removeprefix("/").split()
    known = translation(language).get("COMMAND_WORDS", {})
    if first not in known:
        return named
    return " ".join([f"/{known[first]}", *(str(known.get(word, word)) for word in others)])


def translatable(render: Callable[[], str]) -> app_commands.locale_str:
    """Return a translatable string for a composed or formatted text; `render` returns it in the current language."""
    return app_commands.locale_str(render(), render=render)
