"""`/article schedule`: says when the sources of an article are read again, and changes it."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.articles.article_cards import titled
from cogs.articles.cog import ArticlesCog
from cogs.articles.group import article_choices, article_group
from cogs.articles.sites.progress import named
from cogs.core.features import feature
from cogs.messaging.replies import deferred
from cogs.ui.answer_card import notice_card
from i18n import texts
from index.libraries.library import Library
from index.models import UserError
from index.refreshing.schedule import ScheduledRefresh, scheduled
from index.sources.http.addresses import is_address

_USUAL = "usual"


@article_group.command(name=texts.SCHEDULE_NAME, description=texts.SCHEDULE_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION, every=texts.SCHEDULE_EVERY_DESCRIPTION)
@app_commands.choices(every=[app_commands.Choice(name=name, value=value) for value, name in texts.SCHEDULES.items()])
@app_commands.autocomplete(article=article_choices)
async def schedule(
    interaction: discord.Interaction, article: str, every: app_commands.Choice[str] | None = None
) -> None:
    """Set how often the sources of an article are read again, if that is given, and say when they are."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        guild_id = interaction.guild_id or 0
        found = await articles.listing.own(guild_id, article)
        hours, wanted = articles.refresh_hours, every.value if every else None
        plans = await articles.service.job(guild_id, lambda library: _planned(library, found.id, hours, wanted))
        if not plans:
            raise UserError(texts.ARTICLE_NO_ADDRESS.format(article=titled(found.title)))
        await articles.show(interaction, reply, notice_card("\n".join(map(_told, plans))))


def _planned(library: Library, article_id: int, hours: float, wanted: str | None) -> list[ScheduledRefresh]:
    """Return when the addresses of an article, or the sites that led to them, are looked at; set it first if wanted.

    Files of the machine are none of a server's business, though the operator may have added some to its library.
    """

    def of_article() -> list[ScheduledRefresh]:
        plans = scheduled(catalog.sources.known(), hours) if catalog else []
        return [
            one
            for one in plans
            if is_address(one.target.key) and any(source.article_id == article_id for source in one.target.known)
        ]

    catalog = library.catalog
    found = of_article()
    if catalog is None or wanted is None:
        return found
    for one in found:
        catalog.sources.schedule(one.target.key, None if wanted == _USUAL else float(wanted))
    return of_article()


def _told(plan: ScheduledRefresh) -> str:
    site = texts.SCHEDULE_SITE.format(count=len(plan.target.known)) if plan.target.origin else ""
    if plan.at is None:
        when = texts.SCHEDULE_NEVER
    else:
        when = texts.SCHEDULE_WHEN.format(hours=plan.every, next=discord.utils.format_dt(plan.at, "R"))
    return " · ".join(part for part in (named(plan.target.name), site, when) if part)
