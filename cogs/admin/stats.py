"""`/insights stats`, `gaps` and `why`: usage figures, unanswered questions, and the candidates behind an answer."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Final

import discord
from discord import app_commands

from cogs.admin.chart import draw_chart
from cogs.admin.cog import AdminCog, insights_group, say
from cogs.admin.reports import gap_places_text, gaps_text, stats_text, why_text
from cogs.core.async_store import AsyncStore
from cogs.core.features import feature
from cogs.core.visible_articles import VisibleArticles
from cogs.messaging.interaction_reply import deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import AttachedImage, with_image
from i18n import texts
from index.models import UserError
from storage import analytics
from storage.gaps import channels_of_answers, channels_of_gaps, gaps_with_answers
from storage.models import MAX_ID
from storage.stored_answers import StoredAnswer

Days = app_commands.Range[int, 1, 90]

_MESSAGE_LINK: Final = re.compile(r"(?:https://\S+/)?(\d{15,19})")
_DAY: Final = 86400  # seconds
_MONTH: Final = "month"
_PERIODS: Final = {"week": 7, _MONTH: 30}  # days of the figures
_LOOKING_UP: Final = 10.0  # seconds for channels; Discord is asked for each archived thread


@insights_group.command(name=texts.STATS_NAME, description=texts.STATS_DESCRIPTION)
@app_commands.describe(period=texts.PERIOD_DESCRIPTION)
@app_commands.choices(period=[app_commands.Choice(name=texts.PERIODS[key], value=key) for key in _PERIODS])
async def stats(interaction: discord.Interaction, period: app_commands.Choice[str] | None = None) -> None:
    """Show the number of questions, their outcomes, votes and times, and the most quoted articles."""
    async with deferred(interaction) as reply:
        days = _PERIODS[period.value if period else _MONTH]
        guild_id, _, store = _scope(interaction, days)
        since = _first_day(days)
        visible = await feature(interaction, AdminCog).visibility.articles_for(interaction, store.report_catalogues)

        def read() -> tuple[str, AttachedImage | None]:
            with store.database.reading() as db:
                figures = analytics.stats(db, guild_id, since)
            articles = [visible.article(*key) for key, _ in figures.most_quoted]
            titles = [article.title if article else None for article in articles]
            chart = draw_chart(figures, days) if figures.questions else None
            return stats_text(figures, titles, days, guild_id), chart

        text, chart = await store.report(read)
        if chart is None:
            await say(interaction, reply, text)
            return
        settings = await store.settings(guild_id)
        await reply.show(with_image(notice_card(text), chart, plain=settings.plain))


@insights_group.command(name=texts.GAPS_NAME, description=texts.GAPS_DESCRIPTION)
@app_commands.describe(days=texts.DAYS_DESCRIPTION, members=texts.GAPS_MEMBERS_DESCRIPTION)
async def gaps(interaction: discord.Interaction, days: Days = 30, members: app_commands.Range[int, 2, 50] = 2) -> None:
    """Show questions that several members asked and the articles do not answer."""
    visibility = feature(interaction, AdminCog).visibility
    async with deferred(interaction) as reply:
        guild_id, since, store = _scope(interaction, days)

        def channels() -> set[int]:
            with store.database.reading() as db:
                return channels_of_gaps(db, guild_id, since)

        asked_in = await store.report(channels)
        readable = await visibility.readers.readable(guild_id, interaction.user, asked_in, seconds=_LOOKING_UP)

        limits = {one: await visibility.limits.names(guild_id, one) for one in readable}

        def read() -> str:
            with store.database.reading() as db:
                found = gaps_with_answers(db, guild_id, since, members=members, channels=readable)
                channel_of = channels_of_answers(db, (key for _, keys in found for key in keys))
            places = [list(dict.fromkeys(channel_of[key] for key in keys if key in channel_of)) for _, keys in found]
            shown = [gap_places_text(channels, limits) for channels in places]
            return gaps_text([gap for gap, _ in found], days, members, shown)

        await say(interaction, reply, await store.report(read))


@insights_group.command(name=texts.WHY_NAME, description=texts.WHY_DESCRIPTION)
@app_commands.describe(message=texts.WHY_MESSAGE_DESCRIPTION)
async def why(interaction: discord.Interaction, message: str | None = None) -> None:
    """Show the quotes that were considered for an answer, with their confidences."""
    admin = feature(interaction, AdminCog)
    async with deferred(interaction) as reply:
        articles = await admin.visibility.articles_for(interaction, admin.store.report_catalogues)
        answer = await admin.store.report(lambda: _find_answer(admin, message, interaction))
        channel_id = answer.channel_id
        if channel_id != interaction.channel_id and not await admin.visibility.readers.readable(
            answer.guild_id, interaction.user, {channel_id}
        ):
            raise UserError(texts.WHY_NO_ANSWER)
        await say(interaction, reply, await admin.store.report(lambda: _why(admin, articles, answer)))


def _find_answer(admin: AdminCog, message: str | None, interaction: discord.Interaction) -> StoredAnswer:
    """Return the answer in a message, by default the channel's newest. Raises UserError if there is none to explain."""
    database = admin.store.database
    answer: StoredAnswer | None
    if message is None:
        answer = database.last_answer(interaction.channel_id or 0)
    else:
        match = _MESSAGE_LINK.fullmatch(message.strip())
        answer = database.answer_in(min(int(match[1]), MAX_ID)) if match else None
    # Private answers and answers of other servers are treated as unknown.
    if answer is None or answer.private or answer.guild_id != interaction.guild_id:
        raise UserError(texts.WHY_NO_ANSWER)
    return answer


def _why(admin: AdminCog, articles: VisibleArticles, answer: StoredAnswer) -> str:
    answer = replace(answer, question=admin.store.recent_questions.text_of(answer) or texts.QUESTION_NOT_KEPT)
    quotes = [stored.quote(articles.article(stored.library, stored.article_id)) for stored in answer.quotes]
    return why_text(answer, quotes, admin.settings.answer_confidence, admin.settings.closest_confidence)


def _first_day(days: int) -> float:
    """Return the beginning, in Unix time, of the first of the last `days` days (UTC), of which today is the last."""
    now = time.time()
    return now - now % _DAY - (days - 1) * _DAY


def _scope(interaction: discord.Interaction, days: int) -> tuple[int, float, AsyncStore]:
    """Return the server's id, the start of the period (seconds since 1970, UTC), and the store to read from."""
    return interaction.guild_id or 0, time.time() - days * _DAY, feature(interaction, AdminCog).store
