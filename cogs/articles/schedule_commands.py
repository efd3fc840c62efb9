"""`/article schedule`: shows and sets how often the sources of an article are refreshed."""

from __future__ import annotations

from typing import Final

import discord
from discord import app_commands

from cogs.articles.article_cards import bold_title
from cogs.articles.cog import ArticlesCog, article_choices, article_group
from cogs.articles.sites.progress import site_link
from cogs.core.features import feature
from cogs.messaging.interaction_reply import deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.limits import join_fitting
from i18n import texts
from index.libraries.library import Library
from index.models import UserError
from index.refreshing.schedule import ScheduledRefresh, scheduled
from index.sources.http.addresses import is_address

_DEFAULT: Final = "usual"  # the choice that removes a source's own interval


@article_group.command(name=texts.SCHEDULE_NAME, description=texts.SCHEDULE_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION, every=texts.SCHEDULE_EVERY_DESCRIPTION)
@app_commands.choices(every=[app_commands.Choice(name=name, value=value) for value, name in texts.SCHEDULES.items()])
@app_commands.autocomplete(article=article_choices)
async def schedule(
    interaction: discord.Interaction, article: str, every: app_commands.Choice[str] | None = None
) -> None:
    """Set the refresh interval of an article's sources if one is given, and show when they are refreshed next."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        guild_id = interaction.guild_id or 0
        found = await articles.listing.find_own(interaction, article)
        hours, interval = articles.refresh_hours, every.value if every else None
        schedules = await articles.service.run(
            guild_id, lambda library: _schedule_of(library, found.id, hours, interval)
        )
        if not schedules:
            raise UserError(texts.ARTICLE_NO_ADDRESS.format(article=bold_title(found.title)))
        await articles.show(
            interaction, reply, notice_card(join_fitting([_schedule_line(schedule) for schedule in schedules]))
        )


def _schedule_of(library: Library, article_id: int, hours: float, interval: str | None) -> list[ScheduledRefresh]:
    """Return when an article's addresses, or the sites that they belong to, are refreshed next.

    `hours` is the default interval; `interval` sets another one first, in hours or `_DEFAULT`. Files that the operator
    has added to the server's library are left out: their paths are private.
    """

    def schedules() -> list[ScheduledRefresh]:
        planned = scheduled(catalog.sources.known(), hours) if catalog else []
        return [
            one
            for one in planned
            if is_address(one.target.key) and any(source.article_id == article_id for source in one.target.known)
        ]

    catalog = library.catalog
    found = schedules()
    if catalog is None or interval is None:
        return found
    for one in found:
        catalog.sources.set_interval(one.target.key, None if interval == _DEFAULT else float(interval))
    return schedules()


def _schedule_line(schedule: ScheduledRefresh) -> str:
    site = texts.SCHEDULE_SITE.format(count=len(schedule.target.known)) if schedule.target.origin else ""
    if schedule.at is None:
        when = texts.SCHEDULE_NEVER
    else:
        when = texts.SCHEDULE_WHEN.format(hours=schedule.every, next=discord.utils.format_dt(schedule.at, "R"))
    return " · ".join(part for part in (site_link(schedule.target.name), site, when) if part)
