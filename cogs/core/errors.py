"""Turns exceptions into sentences for members; details go to the log only."""

from __future__ import annotations

import logging
import secrets

import discord
from discord import app_commands

from i18n import texts
from index.models import OperatorError, UserError

_log = logging.getLogger(__name__)


def error_message(error: BaseException) -> str:
    """Return the sentence to show for `error`; an unexpected error is logged under an id that the sentence names.

    What only the operator can solve is logged, too: members are told that the articles cannot be read.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    match error:
        case UserError():
            return _user_message(error)
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return texts.COMMAND_CHANGED
        case app_commands.TransformerError():
            return texts.OPTION_REFUSED
        case app_commands.BotMissingPermissions() | discord.Forbidden():
            return texts.NOT_HERE
        case app_commands.CheckFailure():
            return texts.NOT_ALLOWED
        case _:
            name = secrets.token_hex(3)
            _log.error("Unexpected error %s", name, exc_info=error)
            return texts.UNEXPECTED.format(id=name)


def _user_message(error: UserError) -> str:
    if not isinstance(error, OperatorError):
        return str(error)
    _log.error("%s", error)
    return texts.ARTICLES_UNAVAILABLE
