"""The interface that all replies share, and how errors are reported through it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

import aiohttp
import discord

from cogs.core.errors import error_message
from cogs.ui.layout import MessageBody
from storage.accepted_questions import TakenOverError

_log = logging.getLogger(__name__)

SILENT: Final = discord.AllowedMentions.none()
# Discord's codes for an interaction that is over: unknown interaction, unknown webhook, invalid webhook token.
EXPIRED: Final = frozenset({10062, 10015, 50027})


class Reply(Protocol):
    """A place for an answer or a notice: `InteractionReply`, `MessageReply` or `ThreadReply`."""

    @property
    def channel_id(self) -> int:
        """The channel that holds the answer after it was shown."""
        ...

    async def show(self, body: MessageBody, *, brief: bool = False) -> int:
        """Send the answer and return the id of its message; a `brief` one, without a quote, opens no thread."""
        ...

    def further(self) -> Reply:
        """Return a reply that sends another message after this one has sent its own."""
        ...

    async def show_privately(self, body: MessageBody, bare: MessageBody) -> int | None:
        """Show the answer to the person alone and return the id of its message, or None if that is impossible.

        `bare` is the answer without buttons, for a direct message, in which the buttons of a server do not work. If it
        is impossible the person is told how to ask instead.
        """
        ...

    async def notice(self, text: str) -> None:
        """Send a sentence to the person alone, as far as Discord allows."""
        ...


@asynccontextmanager
async def report_errors(reply: Reply) -> AsyncIterator[None]:
    """Send any exception raised inside the block to the person as one sentence; nothing is raised further.

    But TakenOverError is: another process answers.
    """
    try:
        yield
    except TakenOverError:
        raise
    except Exception as error:  # noqa: BLE001 - any error must reach the person who asked
        if isinstance(error, discord.HTTPException) and error.code in EXPIRED:
            # Discord already shows "did not respond" and accepts nothing more for this interaction.
            _log.warning("An interaction expired before it could be answered: %s", error)
            return
        try:
            await reply.notice(error_message(error))
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.warning("A notice could not be sent", exc_info=True)
