"""Turns exceptions into sentences for members; details go to the log only."""

from __future__ import annotations

import logging

import discord
from discord import app_commands
from sqlalchemy.exc import OperationalError

from i18n import texts
from i18n.sentences import say
from index.models import OperatorError, UserError
from index.sqlite_errors import SearchUnreachableError, UnreachableError
from observability.outages import OUTAGES
from observability.request_ids import request_id

_log = logging.getLogger(__name__)


def error_message(error: BaseException) -> str:
    """Return the sentence to show for `error`; an unexpected one is logged, and its sentence names the request's id.

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
            return _other_message(error)


def _other_message(error: BaseException) -> str:
    if isinstance(error, OperationalError):  # discord.db is locked, or the disk is full
        _log.error("The bot's memory cannot be used: %s", error.orig)
        return texts.DATA_UNREACHABLE
    name = request_id()
    _log.error("Unexpected error %s", name, exc_info=error)
    return texts.UNEXPECTED.format(id=name)


def _user_message(error: UserError) -> str:
    if isinstance(error, UnreachableError):
        OUTAGES.begun(error)
        _log.error("%s", error)  # dropped in an outage, which is logged once
        return texts.SEARCH_UNREACHABLE if isinstance(error, SearchUnreachableError) else texts.DATA_UNREACHABLE
    if not isinstance(error, OperatorError):
        return say(error.sentence)
    _log.error("%s", error)
    return texts.ARTICLES_UNAVAILABLE
