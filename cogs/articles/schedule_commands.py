"""The part of `/article` that says when a source is looked at again, and changes it."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.articles.article_cards import titled
from cogs.articles.autocomplete import choices
from cogs.articles.import_export import ImportExport
from cogs.articles.sites.progress import named
from cogs.messaging.replies import deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts
from index.libraries.library import Library
from index.models import UserError
from index.refreshing.schedule import ScheduledRefresh, scheduled
from index.sources.http.addresses import is_address

_USUAL = "usual"


class ScheduleCommands(ImportExport):
    """Tells and sets how often sources are looked at; `_every` are the hours where nothing else is set."""

    _every: float

    @app_commands.command(name=texts.SCHEDULE_NAME, description=texts.SCHEDULE_DESCRIPTION)
    @app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION, every=texts.SCHEDULE_EVERY_DESCRIPTION)
    @app_commands.choices(
        every=[app_commands.Choice(name=name, value=value) for value, name in texts.SCHEDULES.items()]
    )
    async def schedule(
        self, interaction: discord.Interaction, article: str, every: app_commands.Choice[str] | None = None
    ) -> None:
        """Set how often the sources of an article are looked at, where that is given, and say when they are."""
        async with deferred(interaction) as reply:
            found = await self._listing.own(interaction.guild_id, article)
            wanted = every.value if every else None
            plans = await self._article_service.job(
                interaction.guild_id or 0, lambda library: _planned(library, found.id, self._every, wanted)
            )
            if not plans:
                raise UserError(texts.ARTICLE_NO_ADDRESS.format(article=titled(found.title)))
            settings = await self._store.settings(interaction.guild_id)
            await reply.show(message_body(notice_card("\n".join(map(_told, plans))), plain=settings.plain))

    @schedule.autocomplete("article")
    async def scheduled_choices(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the articles whose titles are like what was typed."""
        return await choices(self._store, interaction, typed)


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
