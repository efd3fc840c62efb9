"""The state of calls for a human, in discord.db, and their messages, which show it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import aiohttp
import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.background_job import BackgroundJob
from cogs.core.keyed_locks import KeyedLocks
from cogs.core.translator import server_language
from cogs.helpers.call_card import updated_card
from cogs.helpers.call_post import refresh_post
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services
from cogs.ui.components import Rows
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.human_calls import HumanCall

_log = logging.getLogger(__name__)

_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)

CallRows = Callable[[HumanCall], Rows]
"""Returns the buttons of a call's message in its present state."""


class CallStates:
    """Keeps the message of each call in step with its state. For use on the event loop."""

    def __init__(self, bot: ComponentBot, services: Services, rows: CallRows) -> None:
        """Use the client and the shared services; `rows` creates the buttons of a message."""
        self.bot = bot
        self.store = services.store
        self.calls = services.store.database.human_calls
        self.rows = rows
        self._locks = KeyedLocks()  # by call

    def lock(self, call_id: int) -> asyncio.Lock:
        """Return the lock to hold while the message of a call is sent or edited."""
        return self._locks.lock(call_id)

    async def now(self, call: HumanCall) -> HumanCall:
        """Return the present state of a call. Raises UserError if it is not stored any more."""
        found = await self.store.run(lambda: self.calls.get(call.id))
        if found is None:
            raise UserError(texts.CALL_OVER)
        return found

    async def refresh(self, call: HumanCall, message: discord.Message | None = None) -> HumanCall:
        """Edit the message of a call to its present state; return that. A failure is left to the background job.

        `message` is the message if it is at hand: reading it takes a permission that the bot may lack.
        """
        async with self.lock(call.id):
            now = await self.now(call)
            try:
                return await self._edit(now, message) or now
            except _ERRORS as error:
                _log.info("The message of call %s could not be edited: %s", call.id, error)
                return now

    async def is_gone(self, call: HumanCall) -> bool:
        """Whether the message of an open call was deleted, while the bot was away for example; the call then is too."""
        if not call.is_open or call.post_id is None:
            return False
        async with self.lock(call.id):
            try:
                return await self._edit(call) is None
            except _ERRORS:
                return False

    async def _edit(self, call: HumanCall, message: discord.Message | None = None) -> HumanCall | None:
        """Edit the message of a call; return the call, or None if its message is gone, and the call with it."""
        settings = await self.store.settings(call.guild_id)
        with speaking(server_language(settings, self.bot.get_guild(call.guild_id))):
            shown = await refresh_post(
                self.bot, call, lambda sent: (updated_card(call, sent), self.rows(call)), message
            )
        if call.withdrawn or (not shown and call.is_open):
            await self.store.run(lambda: self.calls.delete(call.id))
            if call.answer_id is not None:
                await self.set_called(call.answer_id, called=False)
            return None
        await self.store.run(lambda: self.calls.set(call.id, outdated=False))
        return replace(call, outdated=False)

    async def set_called(self, answer_id: int, *, called: bool) -> bool:
        """Store whether the helpers were called to an answer; return whether that is new."""
        return await self.store.run(lambda: self.store.database.compare_and_set(answer_id, human_asked=called))


class CallSync(BackgroundJob):
    """Withdraws calls about deleted questions, and edits messages that do not show the state of their call yet."""

    def __init__(self, states: CallStates) -> None:
        """Keep these in step."""
        self._states = states
        self._store = states.store
        self._calls = states.calls

    async def run_once(self) -> None:
        """Edit the messages that do not show the state of their call."""
        for call in await self._store.run(self._calls.outdated):
            bot = self._states.bot
            if bot.holds(call.guild_id) and bot.get_guild(call.guild_id) is not None:
                await self._states.refresh(call)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Withdraw the call about a deleted question, and forget one whose message was deleted."""
        await self._deleted({payload.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Do the same for several messages."""
        await self._deleted(payload.message_ids)

    async def _deleted(self, message_ids: set[int]) -> None:
        try:
            for call in await self._store.run(lambda: self._calls.about(message_ids)):
                if call.question_id in message_ids:
                    await self._store.run(partial(self._calls.set, call.id, withdrawn=True, outdated=True))
                    await self._states.refresh(call)
                elif call.post_id in message_ids and call.is_open:
                    await self._states.refresh(call)
        except (UserError, SQLAlchemyError):
            _log.warning("A call for a human could not be updated after a deletion", exc_info=True)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Go on without a thread that was deleted."""
        try:
            call = await self._store.run(lambda: self._calls.of_thread(payload.thread_id))
            if call is not None:
                await self._store.run(lambda: self._calls.set(call.id, thread_id=None))
        except (UserError, SQLAlchemyError):
            _log.warning("The thread of a call for a human could not be forgotten", exc_info=True)
