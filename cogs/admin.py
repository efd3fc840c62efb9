"""`/verbatim`: what those who run a server set and look at. Everything it shows is private."""

from __future__ import annotations

import re
import time
from typing import Any, Final, cast

import discord
from discord import app_commands
from discord.ext import commands

from cogs import texts
from cogs.layout import face
from cogs.permissions import findings, helpers_findings, is_manager
from cogs.records import Records
from cogs.render import note
from cogs.replies import InteractionReply, deferred
from cogs.reports import gaps_text, settings_text, stats_text, why_text
from cogs.setup import page
from community.report import gaps, stats
from community.values import Given, Mode, ServerSettings
from index.values import UserError
from settings import Settings

Days = app_commands.Range[int, 1, 90]
Limit = app_commands.Range[int, 0, 1000]


class Place(app_commands.Transformer):
    """A channel or category, also one that the bot cannot see. Media channels are left out: they hold pictures."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """The kind of option."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """What can be chosen."""
        kind = discord.ChannelType
        return [kind.text, kind.news, kind.voice, kind.stage_voice, kind.category, kind.forum]

    async def transform(self, _interaction: discord.Interaction, value: Any, /) -> app_commands.AppCommandChannel:
        """Return what was chosen."""
        return cast("app_commands.AppCommandChannel", value)


_MESSAGE: Final = re.compile(r"(?:https://\S+/)?(\d{15,20})")
_DAY: Final = 86400


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Admin(commands.GroupCog, group_name=texts.ADMIN_NAME, group_description=texts.ADMIN_DESCRIPTION):
    """The commands for those who may manage the server."""

    def __init__(self, records: Records, settings: Settings) -> None:
        """Take what remembers, and the operator's settings."""
        super().__init__()
        self._records = records
        self._operator = settings

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Check the permission here too: a server can show the commands to anyone."""
        return is_manager(interaction)

    @app_commands.command(name=texts.SETUP_NAME, description=texts.SETUP_DESCRIPTION)
    async def setup(self, interaction: discord.Interaction) -> None:
        """Show the first page of the set-up; its buttons do the rest."""
        async with deferred(interaction) as reply:
            now = await self._records.settings(interaction.guild_id)
            hears_all = self._operator.message_content
            await reply.show(page(interaction, now, 0, plain=now.plain, hears_all=hears_all))

    @app_commands.command(name=texts.SETTINGS_NAME, description=texts.SETTINGS_DESCRIPTION)
    @app_commands.describe(**texts.SETTINGS_OPTIONS)
    async def settings(  # noqa: PLR0913, PLR0917 - each is an option of the command
        self,
        interaction: discord.Interaction,
        plain: bool | None = None,
        helpers_channel: discord.TextChannel | None = None,
        helpers_role: discord.Role | None = None,
        member_limit: Limit | None = None,
        channel_limit: Limit | None = None,
        server_limit: Limit | None = None,
        reset: bool = False,
    ) -> None:
        """Change what is given, and show what holds."""
        given = {
            "plain": plain,
            "helpers_channel": helpers_channel.id if helpers_channel else None,
            "helpers_role": helpers_role.id if helpers_role else None,
            "member_limit": member_limit,
            "channel_limit": channel_limit,
            "server_limit": server_limit,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        async with deferred(interaction) as reply:
            guild_id = interaction.guild_id or 0
            before = await self._records.settings(guild_id)
            now = (ServerSettings(paused=before.paused) if reset else before).changed(**changes)
            if now != before:
                await self._records.change_settings(guild_id, now)
            found = helpers_findings(interaction.guild, now) if interaction.guild else []
            await self._say(interaction, reply, "\n".join([settings_text(now), *found]))

    @app_commands.command(name=texts.CHANNEL_NAME, description=texts.CHANNEL_DESCRIPTION)
    @app_commands.describe(channel=texts.CHANNEL_CHANNEL_DESCRIPTION, mode=texts.CHANNEL_MODE_DESCRIPTION)
    @app_commands.choices(mode=[app_commands.Choice(name=texts.MODES[mode], value=mode.value) for mode in Mode])
    async def channel(
        self,
        interaction: discord.Interaction,
        channel: app_commands.Transform[app_commands.AppCommandChannel, Place],
        mode: app_commands.Choice[str],
    ) -> None:
        """Set what is answered in a channel, or in all channels of a category."""
        async with deferred(interaction) as reply:
            wanted = Mode(mode.value)
            if wanted.listens and not self._operator.message_content:
                raise UserError(texts.CHANNEL_NEEDS_CONTENT)
            guild_id = interaction.guild_id or 0
            before = await self._records.settings(guild_id)
            await self._records.change_settings(guild_id, before.with_mode(channel.id, wanted))
            await self._say(interaction, reply, f"<#{channel.id}>: {texts.MODES[wanted]}")

    @app_commands.command(name=texts.PAUSE_NAME, description=texts.PAUSE_DESCRIPTION)
    async def pause(self, interaction: discord.Interaction) -> None:
        """Stop answering in this server, or go on."""
        async with deferred(interaction) as reply:
            guild_id = interaction.guild_id or 0
            before = await self._records.settings(guild_id)
            await self._records.change_settings(guild_id, before.changed(paused=not before.paused))
            await self._say(interaction, reply, texts.GOING_ON if before.paused else texts.PAUSED_NOW)

    @app_commands.command(name=texts.CHECK_NAME, description=texts.CHECK_DESCRIPTION)
    async def check(self, interaction: discord.Interaction) -> None:
        """Name what the bot may not do where, and what breaks without it."""
        async with deferred(interaction) as reply:
            guild = interaction.guild
            if guild is None or guild.me is None:
                raise UserError(texts.NOT_HERE)
            found = findings(guild, await self._records.settings(guild.id))
            await self._say(interaction, reply, "\n".join([texts.CHECK_HEADING, *found]) if found else texts.CHECK_FINE)

    @app_commands.command(name=texts.STATS_NAME, description=texts.STATS_DESCRIPTION)
    @app_commands.describe(days=texts.DAYS_DESCRIPTION)
    async def stats(self, interaction: discord.Interaction, days: Days = 30) -> None:
        """Show how many questions were asked, what came of them, and what was quoted."""
        async with deferred(interaction) as reply:
            guild_id, since, records = interaction.guild_id or 0, time.time() - days * _DAY, self._records

            def read() -> str:
                with records.store.reading() as db:
                    figures = stats(db, guild_id, since)
                found = [records.shelves.article(*key) for key, _ in figures.most_quoted]
                return stats_text(figures, [article.title if article else None for article in found], days)

            await self._say(interaction, reply, await records.run(read))

    @app_commands.command(name=texts.GAPS_NAME, description=texts.GAPS_DESCRIPTION)
    @app_commands.describe(days=texts.DAYS_DESCRIPTION, members=texts.GAPS_MEMBERS_DESCRIPTION)
    async def gaps(
        self, interaction: discord.Interaction, days: Days = 30, members: app_commands.Range[int, 2, 50] = 2
    ) -> None:
        """Show what several members asked and the articles did not answer."""
        async with deferred(interaction) as reply:
            guild_id, since, records = interaction.guild_id or 0, time.time() - days * _DAY, self._records

            def read() -> str:
                with records.store.reading() as db:
                    return gaps_text(gaps(db, guild_id, since, members=members), days, members)

            await self._say(interaction, reply, await records.run(read))

    @app_commands.command(name=texts.WHY_NAME, description=texts.WHY_DESCRIPTION)
    @app_commands.describe(message=texts.WHY_MESSAGE_DESCRIPTION)
    async def why(self, interaction: discord.Interaction, message: str | None = None) -> None:
        """Show what an answer was weighed from."""
        async with deferred(interaction) as reply:
            guild_id, channel_id = interaction.guild_id, interaction.channel_id or 0
            await self._say(
                interaction, reply, await self._records.run(lambda: self._why(message, guild_id, channel_id))
            )

    async def _say(self, interaction: discord.Interaction, reply: InteractionReply, text: str) -> None:
        settings = await self._records.settings(interaction.guild_id)
        await reply.show(face(note(text), plain=settings.plain))

    def _why(self, message: str | None, guild_id: int | None, channel_id: int) -> str:
        store, shelves = self._records.store, self._records.shelves
        given: Given | None
        if message is None:
            given = store.last_answer(channel_id)
        else:
            found = _MESSAGE.fullmatch(message.strip())
            given = store.answer_in(int(found[1])) if found else None
        # A private answer is its asker's alone, and another server's is none of this one's business.
        if given is None or given.private or given.guild_id != guild_id:
            raise UserError(texts.WHY_NO_ANSWER)
        quotes = [kept.quote(shelves.article(kept.library, kept.article_id)) for kept in given.quotes]
        return why_text(given, quotes, self._operator.answer_confidence, self._operator.closest_confidence)
