"""Answers the questions that a process had accepted which is gone: an earlier run, or another one of the cluster."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.background_job import BackgroundJob
from cogs.core.gateway import SteadyClient
from cogs.services import Services
from index.models import UserError
from observability.request_ids import request
from storage.accepted_questions import MOST_TRIES, AcceptedQuestion

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 8  # questions; the others of a process that is gone wait, as new ones come too
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError, UserError, SQLAlchemyError)


class Takeover(BackgroundJob):
    """Looks for questions of processes that are gone when a shard is connected, and every few seconds."""

    interval_seconds = 10.0

    def __init__(self, bot: SteadyClient, services: Services) -> None:
        """Take the client and its services."""
        self._client = bot
        self._accepted = services.accepted
        self._in_flight = services.in_flight
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._running: dict[int, asyncio.Task[None]] = {}

    async def cog_unload(self) -> None:
        """Stop the job, and what it answers."""
        await super().cog_unload()
        for task in self._running.values():
            task.cancel()

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Answer what was left in the servers of a shard."""
        shards = self._client.own_shards
        await self.adopt(lambda guild_id: shards.of(guild_id) == shard_id)

    async def run_once(self) -> None:
        """Answer what was left in the servers of this process, and delete what is too old."""
        await self.adopt(self._client.holds)

    async def adopt(self, holds: Callable[[int | None], bool]) -> None:
        """Begin to answer the questions that were left in the servers that `holds` names (None: direct messages)."""
        try:
            left = await self._accepted.left(holds)
        except (UserError, SQLAlchemyError) as error:
            _log.warning("Questions of other processes could not be looked for: %s", error)
            return
        for question, details in left:
            if question.tries >= MOST_TRIES:
                _log.error(
                    "A question in channel %s was given up: each process that answered it ended", question.channel_id
                )
                await self._accepted.drop(question)
            elif question.question_id not in self._running:
                self._running[question.question_id] = asyncio.create_task(self._resume(question, details))

    async def _resume(self, question: AcceptedQuestion, details: Mapping[str, Any]) -> None:
        try:
            async with self._room:
                with request(), self._in_flight.answering():
                    await self._accepted.resume(question, details)
        except (discord.NotFound, discord.Forbidden) as error:
            _log.info("A question in channel %s cannot be answered any more: %s", question.channel_id, error)
            await self._accepted.drop(question)
        except _ERRORS as error:
            _log.warning("A question in channel %s could not be answered again: %s", question.channel_id, error)
        except Exception:  # noqa: BLE001 - nothing awaits the task
            _log.exception("A question in channel %s could not be answered again", question.channel_id)
        finally:
            del self._running[question.question_id]
