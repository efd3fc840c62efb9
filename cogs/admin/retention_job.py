"""Background job that keeps the promised retention times, and forgets servers that the bot is no longer in."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from functools import partial
from typing import Final

import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.background_job import BackgroundJob
from cogs.core.gateway import SteadyClient
from cogs.services import Services
from index.models import UserError
from index.trusted_clock import ClockReading, TrustedClock
from storage.models import QuestionPolicy
from storage.question_texts import QuestionTexts

_log = logging.getLogger(__name__)

_DAY: Final = 86400.0  # seconds
_AT_ONCE: Final = 100  # servers with a policy of their own that are looked at in one job


class RetentionJob(BackgroundJob):
    """Deletes what is past its retention, once a day and after each start, in short steps.

    A server is forgotten if it is missing from the complete list of servers, which Discord sends when the bot connects,
    and was already missing from such a list seven days before. Ages are judged by a clock that does not follow jumps.
    Of several processes, each compares the servers on its shards, and the one that leads deletes what is old.
    """

    def __init__(self, bot: SteadyClient, services: Services) -> None:
        """Use the client and the bot's shared services."""
        self._bot = bot
        self._store = services.store
        self._clock = TrustedClock(services.settings.data_dir)
        self._question_policy = QuestionPolicy.of_operator(services.settings.question_days)
        self._expired_at: float | None = None  # monotonic seconds
        self._compared_at: float | None = None

    async def run_once(self) -> None:
        """Do what is due; texts that are kept for half an hour, and drafts for an hour, are looked at each time."""
        now = time.monotonic()
        if self._bot.leads:
            await self.delete_texts()
            await self._store.run(self._store.drafts.expire)
            if self._expired_at is None or now - self._expired_at >= _DAY:
                await self.expire()
                self._expired_at = now
        if self._compared_at is None or now - self._compared_at >= _DAY:
            await self.compare_servers()
            self._compared_at = now

    async def expire(self) -> None:
        """Delete the answers and site imports that are past their retention."""
        database, clock = self._store.database, await self._store.report(self._clock.read)
        await self._store.run_in_steps(database.expire_in_steps(clock))
        await self._store.run_in_steps(database.site_imports.expire_in_steps(clock))

    async def delete_texts(self) -> None:
        """Delete the texts of questions, and the ids of members, that their servers keep no longer."""
        database, clock = self._store.database, await self._store.report(self._clock.read)
        texts = database.question_texts
        await self._store.run(partial(database.correct_future, clock))

        own = await self._store.report(partial(texts.own_policies, self._question_policy))
        late = await self._store.report(partial(texts.due_by_default, self._question_policy, clock))
        policies = list(own.items())
        for first in range(0, len(policies), _AT_ONCE):
            some = policies[first : first + _AT_ONCE]
            late.update(await self._store.report(partial(_due_of, texts, some, clock)))
        for guild_id in late:
            policy = own.get(guild_id, self._question_policy)
            await self._store.run_in_steps(texts.apply_in_steps(guild_id, policy, clock))

    async def compare_servers(self, now: float | None = None) -> None:
        """Compare the servers with those recorded, and forget those that have been missing for seven days.

        `now` is Unix time, by default the present one; another one is trusted.
        """
        application_id = self._bot.application_id
        if application_id is None:
            return
        present = {guild.id for guild in self._bot.guilds}  # unavailable ones included
        memberships = self._store.database.memberships
        clock = await self._store.report(self._clock.read) if now is None else None
        # A server that is missing may be on a shard that has not listed its servers yet.
        compare = partial(memberships.compare, application_id, present, self._bot.knows_whether_in, now, clock)
        gone = await self._store.run(compare)
        for guild_id in gone:
            if self._bot.get_guild(guild_id) is None:  # it may have come back meanwhile
                _log.info("Server %s removed the bot while it was away; its data is deleted", guild_id)
                await self._store.forget_server(guild_id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Record a new server."""
        memberships, application_id = self._store.database.memberships, self._bot.application_id or 0
        try:
            await self._store.run(lambda: memberships.join(application_id, guild.id))
        except (UserError, SQLAlchemyError):
            _log.warning("Joining server %s is recorded later", guild.id, exc_info=True)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Delete all data of a server that the bot has left, unless another application with this data is in it."""
        memberships, application_id = self._store.database.memberships, self._bot.application_id or 0
        try:
            if await self._store.run(lambda: memberships.leave(application_id, guild.id)):
                await self._store.forget_server(guild.id)
        except (UserError, SQLAlchemyError):
            _log.exception("The data of server %s could not be deleted", guild.id)


def _due_of(
    texts: QuestionTexts, policies: Iterable[tuple[int | None, QuestionPolicy]], clock: ClockReading
) -> list[int | None]:
    """Return which of these servers have something to delete by their policies."""
    return [guild_id for guild_id, policy in policies if texts.is_due(guild_id, policy, clock)]
