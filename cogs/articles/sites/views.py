"""Whole sites inside Discord: shown first, begun with a press, looked at and stopped at any time."""

from __future__ import annotations

import time
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.articles.article_cards import titled
from cogs.articles.cog import ArticlesCog
from cogs.articles.sites.progress import Progress, named
from cogs.articles.sites.site_import import SiteImports
from cogs.core.features import feature
from cogs.core.permissions import require_manager
from cogs.messaging.replies import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.escape import escape
from cogs.ui.layout import message_body
from i18n import texts
from i18n.languages import in_force
from index.models import Draft, UserError
from index.sources.crawler import PAGES, SiteListing
from qa.ask import own_library
from settings import Settings
from storage.site_imports import ImportStage, SiteImport

_SAMPLE: Final = 3  # pages whose titles are shown before anything is added


class SitesCog(commands.Cog):
    """Offers the pages of a site, and lets those who run the server begin, follow and stop their import."""

    def __init__(self, bot: commands.Bot, articles: ArticlesCog, settings: Settings) -> None:
        """Take what sends, what reads and stores, and the operator's limits."""
        self._store = articles.store
        self._articles = articles
        self._most = settings.site_pages
        self._most_articles = settings.server_articles
        self._progress = Progress(bot, articles.store, controls_of)
        self.loads = SiteImports(articles.store, articles.service, articles.quota, self._progress)

    async def cog_load(self) -> None:
        """Go on with what was running when the bot ended."""
        await self.loads.resume()

    async def cog_unload(self) -> None:
        """Stop; the next start goes on."""
        await self.loads.close()

    def limit(self, pages: int | None) -> int | None:
        """Return how many pages may be read at once, of those that a member wants."""
        return None if pages is None else min(pages, self._most)

    async def offer(
        self, interaction: discord.Interaction, reply: InteractionReply, site: SiteListing, wanted: int | None
    ) -> None:
        """Show what would be added of a site; it is remembered, so its buttons work after a restart."""
        guild_id, limit = interaction.guild_id or 0, min(wanted or PAGES, self._most)
        plain = (await self._store.settings(guild_id)).plain
        keys = site.keys[:limit]
        load = SiteImport(
            guild_id=guild_id,
            channel_id=interaction.channel_id or 0,
            member_id=interaction.user.id,
            origin=site.origin,
            inside=site.inside,
            most=limit,
            more=len(site.keys) > limit,
            plain=plain,
            begun_at=time.time(),
            language=in_force(),
        )
        sample = await self._sample(guild_id, site, limit)
        load_id = await self._store.run(lambda: self._store.database.site_imports.offer(load, keys))
        count = await self._store.run(lambda: len(self._store.read_only.titles([own_library(guild_id)])))
        lines = [
            (texts.SITE_LISTED if site.inside is None else texts.SITE_LINKED).format(
                site=named(site.origin), count=len(keys), most=limit
            ),
            *(f"- {line}" for line in sample),
            *([texts.SITE_MORE.format(count=len(site.keys), most=limit)] if load.more else []),
            f"-# {texts.SITE_ROOM.format(count=count, limit=self._most_articles)}",
        ]
        await reply.show(
            message_body(notice_card("\n".join(lines)), [[StartButton(load_id), DropButton(load_id)]], plain=plain)
        )

    async def progress(self, interaction: discord.Interaction) -> None:
        """Show the newest load of the server, with the button to stop it while it runs."""
        async with deferred(interaction) as reply:
            guild_id = interaction.guild_id or 0
            load = await self._store.run(lambda: self._store.database.site_imports.newest(guild_id))
            if load is None:
                raise UserError(texts.LOAD_NONE)
            await self._follow(interaction, reply, load)

    async def start(self, interaction: discord.Interaction, load_id: int) -> None:
        """Begin a load that was shown."""
        reply, load = await self._pressed(interaction, load_id, own=True)
        loads, message_id = self._store.database.site_imports, interaction.message.id if interaction.message else None
        # Noted before it begins: a small site may end before this message is answered.
        await self._store.run(lambda: loads.set_progress_message(load.id, message_id, interaction.token))
        await self.loads.begin(load)
        await self._follow(interaction, reply, load)

    async def drop(self, interaction: discord.Interaction, load_id: int) -> None:
        """Drop a load that was shown."""
        reply, load = await self._pressed(interaction, load_id, own=True)
        loads = self._store.database.site_imports
        await self._store.run(lambda: loads.drop(load.id))
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=load.plain))

    async def show(self, interaction: discord.Interaction, load_id: int) -> None:
        """Bring a message up to date, and keep it so for a while."""
        reply, load = await self._pressed(interaction, load_id)
        await self._follow(interaction, reply, load)

    async def stop(self, interaction: discord.Interaction, load_id: int) -> None:
        """Stop a load, and say how much of it is stored."""
        reply, load = await self._pressed(interaction, load_id)
        await self.loads.stop(load)
        await self._follow(interaction, reply, load)

    async def _pressed(
        self, interaction: discord.Interaction[Any], load_id: int, *, own: bool = False
    ) -> tuple[InteractionReply, SiteImport]:
        """Acknowledge a press and return the load that it is about. Raises UserError where it is not the member's."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        load = await self._store.run(lambda: self._store.database.site_imports.get(load_id))
        if load is None or load.guild_id != interaction.guild_id:
            raise UserError(texts.PREVIEW_FORGOTTEN if own else texts.LOAD_FORGOTTEN)
        if own and load.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        if own and load.state != ImportStage.OFFERED:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        return reply, load

    async def _follow(self, interaction: discord.Interaction, reply: InteractionReply, load: SiteImport) -> None:
        """Show a load, and let this message follow it from now on: it can be edited for longest."""
        loads = self._store.database.site_imports
        before, shown = await self._progress.message(load.id)
        message_id = await reply.show(shown)
        await self._store.run(lambda: loads.set_progress_message(load.id, message_id, interaction.token))
        after, shown = await self._progress.message(load.id)
        if before and after and before.state != after.state:  # it has ended meanwhile, and was told elsewhere
            await reply.show(shown)

    async def _sample(self, guild_id: int, site: SiteListing, limit: int) -> list[str]:
        """Return the titles of the first pages; where one cannot be read, its address and why."""
        found = []
        for key in site.keys[: min(limit, _SAMPLE)]:
            seen = site.first if key == site.origin and site.first else None
            if seen is None:
                await self._articles.quota.spend(guild_id)
                seen = await self._articles.service.visit(guild_id, key, site.origin, site.inside)
            item = seen.item
            if isinstance(item, Draft):
                found.append(titled(item.title))
            else:
                found.append(texts.ARTICLE_FAILED.format(source=escape(key), reason=getattr(item, "reason", "")))
        return found


class StartButton(PersistentItem, action="load-start"):
    """Begins an import that was shown."""

    def __init__(self, load_id: int) -> None:
        super().__init__(button(self.custom_id_of(load_id), texts.ARTICLE_ADD_BUTTON, discord.ButtonStyle.primary))
        self.load_id = load_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Begin it, if the member asked for it."""
        await feature(interaction, SitesCog).start(interaction, self.load_id)


class DropButton(PersistentItem, action="load-drop"):
    """Drops an import that was shown."""

    def __init__(self, load_id: int) -> None:
        super().__init__(button(self.custom_id_of(load_id), texts.ARTICLE_CANCEL_BUTTON))
        self.load_id = load_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop it, if the member asked for it."""
        await feature(interaction, SitesCog).drop(interaction, self.load_id)


class ProgressButton(PersistentItem, action="load-show"):
    """Brings the message about an import up to date."""

    def __init__(self, load_id: int) -> None:
        super().__init__(button(self.custom_id_of(load_id), texts.LOAD_SHOW_BUTTON))
        self.load_id = load_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show how far it is, and let this message follow it."""
        await feature(interaction, SitesCog).show(interaction, self.load_id)


class StopButton(PersistentItem, action="load-stop"):
    """Stops an import."""

    def __init__(self, load_id: int) -> None:
        super().__init__(button(self.custom_id_of(load_id), texts.LOAD_STOP_BUTTON, discord.ButtonStyle.danger))
        self.load_id = load_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Stop it; what is stored stays."""
        await feature(interaction, SitesCog).stop(interaction, self.load_id)


def controls_of(load: SiteImport) -> Rows:
    """Return the buttons of an import: none once it has ended."""
    if load.state != ImportStage.RUNNING:
        return []
    return [[ProgressButton(load.id), StopButton(load.id)]]
