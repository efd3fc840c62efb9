"""What those who run a server look at: figures, what is not covered, and what an answer was weighed from."""

from __future__ import annotations

import re
import time
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.admin.chart import draw_chart
from cogs.admin.reports import gaps_text, stats_text, why_text
from cogs.core.async_store import AsyncStore
from cogs.messaging.replies import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import AttachedImage, message_body, with_image
from i18n import texts
from index.models import UserError
from settings import Settings
from storage.analytics import gaps, stats
from storage.models import StoredAnswer

Days = app_commands.Range[int, 1, 90]

_MESSAGE: Final = re.compile(r"(?:https://\S+/)?(\d{15,20})")
_DAY: Final = 86400


class StatsCommands(commands.Cog):
    """Commands of `/verbatim` that change nothing; they are a part of the group that brings what they read."""

    _store: AsyncStore
    _operator: Settings

    @app_commands.command(name=texts.STATS_NAME, description=texts.STATS_DESCRIPTION)
    @app_commands.describe(days=texts.DAYS_DESCRIPTION)
    async def stats(self, interaction: discord.Interaction, days: Days = 30) -> None:
        """Show how many questions were asked, what came of them, and what was quoted."""
        async with deferred(interaction) as reply:
            guild_id, since, store = interaction.guild_id or 0, time.time() - days * _DAY, self._store

            def read() -> tuple[str, AttachedImage | None]:
                with store.database.reading() as db:
                    figures = stats(db, guild_id, since)
                found = [store.read_only.article(*key) for key, _ in figures.most_quoted]
                titles = [article.title if article else None for article in found]
                shown = draw_chart(figures, days) if figures.questions else None
                return stats_text(figures, titles, days, guild_id), shown

            text, drawn = await store.run(read)
            if drawn is None:
                await say(store, interaction, reply, text)
                return
            settings = await store.settings(guild_id)
            await reply.show(with_image(notice_card(text), drawn, plain=settings.plain))

    @app_commands.command(name=texts.GAPS_NAME, description=texts.GAPS_DESCRIPTION)
    @app_commands.describe(days=texts.DAYS_DESCRIPTION, members=texts.GAPS_MEMBERS_DESCRIPTION)
    async def gaps(
        self, interaction: discord.Interaction, days: Days = 30, members: app_commands.Range[int, 2, 50] = 2
    ) -> None:
        """Show what several members asked and the articles did not answer."""
        async with deferred(interaction) as reply:
            guild_id, since, store = interaction.guild_id or 0, time.time() - days * _DAY, self._store

            def read() -> str:
                with store.database.reading() as db:
                    return gaps_text(gaps(db, guild_id, since, members=members), days, members)

            await say(self._store, interaction, reply, await store.run(read))

    @app_commands.command(name=texts.WHY_NAME, description=texts.WHY_DESCRIPTION)
    @app_commands.describe(message=texts.WHY_MESSAGE_DESCRIPTION)
    async def why(self, interaction: discord.Interaction, message: str | None = None) -> None:
        """Show what an answer was weighed from."""
        async with deferred(interaction) as reply:
            guild_id, channel_id = interaction.guild_id, interaction.channel_id or 0
            await say(
                self._store,
                interaction,
                reply,
                await self._store.run(lambda: self._why(message, guild_id, channel_id)),
            )

    def _why(self, message: str | None, guild_id: int | None, channel_id: int) -> str:
        database, read_only = self._store.database, self._store.read_only
        given: StoredAnswer | None
        if message is None:
            given = database.last_answer(channel_id)
        else:
            found = _MESSAGE.fullmatch(message.strip())
            given = database.answer_in(int(found[1])) if found else None
        # A private answer is its asker's alone, and another server's is none of this one's business.
        if given is None or given.private or given.guild_id != guild_id:
            raise UserError(texts.WHY_NO_ANSWER)
        quotes = [kept.quote(read_only.article(kept.library, kept.article_id)) for kept in given.quotes]
        return why_text(given, quotes, self._operator.answer_confidence, self._operator.closest_confidence)


async def say(store: AsyncStore, interaction: discord.Interaction, reply: InteractionReply, text: str) -> None:
    """Show a text in the layout of the server."""
    settings = await store.settings(interaction.guild_id)
    await reply.show(message_body(notice_card(text), plain=settings.plain))
