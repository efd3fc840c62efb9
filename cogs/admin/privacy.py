"""`/privacy` and `/forget`, and the deletion of the settings of deleted channels."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.admin.contributor_index import ContributorIndex
from cogs.admin.reports import question_policy_text
from cogs.ask.question_limits import relative_time
from cogs.core.job_queue import BusyError
from cogs.messaging.interaction_reply import deferred
from cogs.services import Services
from i18n import texts
from index.models import UserError
from storage.models import QuestionPolicy, RateLimit
from storage.rate_limits import RateLimiter

_log = logging.getLogger(__name__)

_MAX_WAITING: Final = 50  # members
_FORGET_LIMIT: Final = RateLimit(2, 600)  # for each member; it reads and rewrites much


class Privacy(commands.Cog):
    """Deletes the data of members on request, and the settings of deleted channels."""

    def __init__(self, services: Services, contributors: ContributorIndex) -> None:
        """Use the bot's shared services, and the index of the libraries that name a member."""
        self._store = services.store
        self._contributors = contributors
        self._question_policy = QuestionPolicy.of_operator(services.settings.question_days)
        self._limits = RateLimiter()
        self._waiting = 0
        self._forgetting = asyncio.Lock()  # one member at a time, whatever the number of servers

    @app_commands.command(name=texts.FORGET_NAME, description=texts.FORGET_DESCRIPTION)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def forget(self, interaction: discord.Interaction) -> None:
        """Delete what is stored about the member, and answer `/forget` privately."""
        async with deferred(interaction) as reply:
            member = interaction.user.id
            if (wait := self._limits.wait(member, _FORGET_LIMIT)) > 0:
                raise UserError(texts.FORGET_LIMITED.format(when=relative_time(wait)))
            if self._waiting >= _MAX_WAITING:
                raise BusyError(texts.BUSY)
            self._limits.count((member, _FORGET_LIMIT))
            count = await self._forget(member)
            said = [texts.FORGOTTEN.format(count=count)]
            if self._store.is_shared:  # SQLite overwrites what is deleted at once
                said.append(texts.FORGOTTEN_ON_SERVER)
            await reply.show_text("\n".join(said))

    @app_commands.command(name=texts.PRIVACY_NAME, description=texts.PRIVACY_DESCRIPTION)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def privacy(self, interaction: discord.Interaction) -> None:
        """Answer `/privacy`."""
        await self.show(interaction)

    async def show(self, interaction: discord.Interaction) -> None:
        """Show the member what is stored about them, privately, and what the server stores of questions."""
        async with deferred(interaction) as reply:
            member, database = interaction.user.id, self._store.database
            settings = await self._store.settings(interaction.guild_id)
            stored = await self._store.report(lambda: database.question_texts.of_member(member))
            calls = await self._store.report(lambda: database.human_calls.count_of_member(member))
            words = await self._store.report(lambda: database.saved_words.count_of_member(member))
            libraries = await self._contributors.libraries_of(str(member))
            waiting, _ = await self._store.run(lambda: self._store.drafts.total(member))
            text = texts.PRIVACY.format(
                questions=stored.questions,
                oldest=texts.NOT_SET if stored.oldest is None else f"<t:{int(stored.oldest)}:D>",
                recent=self._store.recent_questions.count(member),
                votes=stored.votes,
                imports=stored.imports,
                libraries=len(libraries),
            )
            helping = texts.PRIVACY_HELPERS.format(calls=calls, words=words)
            drafts = [texts.PRIVACY_DRAFTS.format(count=waiting)] if waiting else []
            policy = question_policy_text(settings.question_policy(self._question_policy))
            *stored_lines, deleting = text.split("\n")
            await reply.show_text("\n".join([*stored_lines, helping, *drafts, deleting, policy]))

    async def _forget(self, member: int) -> int:
        """Delete what is stored about a member, when it is their turn; return the number of their questions."""
        self._waiting += 1
        try:
            async with self._forgetting:
                count = await self._store.run_in_steps(self._store.database.forget_member_in_steps(member))
                await self._store.run(lambda: self._store.drafts.forget_member(member))
                self._store.recent_questions.forget_member(member)
                await self._contributors.forget_member(str(member))
        finally:
            self._waiting -= 1
        return count

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Delete the settings of a deleted channel or category."""
        try:
            if channel.id in (await self._store.settings(channel.guild.id)).places:
                await self._store.change_settings(channel.guild.id, lambda now: now.without_place(channel.id))
        except (UserError, SQLAlchemyError):
            _log.exception("The settings of channel %s could not be deleted", channel.id)
