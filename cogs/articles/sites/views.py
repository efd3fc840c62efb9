"""Whole sites inside Discord: shown first, begun with a press, looked at and stopped at any time."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord

from cogs.articles.article_cards import titled
from cogs.articles.article_service import ArticleService
from cogs.articles.import_quota import ImportQuota
from cogs.articles.sites.progress import Progress, named
from cogs.articles.sites.site_import import SiteImports
from cogs.core.async_store import AsyncStore
from cogs.core.permissions import require_manager
from cogs.messaging.replies import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Action, Press, Rows, button
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


class SiteViews:
    """Offers the pages of a site, and lets those who run the server begin, follow and stop a load."""

    def __init__(
        self, bot: discord.Client, store: AsyncStore, article_service: ArticleService, settings: Settings
    ) -> None:
        """Take what sends, what remembers, and what reads and stores."""
        self._store = store
        self._article_service = article_service
        self._most = settings.site_pages
        self._room = settings.server_articles
        self.every = settings.refresh_hours  # between two looks at a source that has no interval of its own
        self.quotas = ImportQuota(store, settings.server_loads)
        self._progress = Progress(bot, store)
        self.loads = SiteImports(store, article_service, self.quotas, self._progress)

    @property
    def presses(self) -> dict[Action, Callable[[discord.Interaction, Press], Awaitable[None]]]:
        """What the buttons do."""
        return {
            Action.LOAD_START: self.start_pressed,
            Action.LOAD_DROP: self.drop_pressed,
            Action.LOAD_SHOW: self.show_pressed,
            Action.LOAD_STOP: self.stop_pressed,
        }

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
        load_id = await self._store.run(lambda: self._store.database.loads.offer(load, keys))
        count = await self._store.run(lambda: len(self._store.read_only.titles([own_library(guild_id)])))
        lines = [
            (texts.SITE_LISTED if site.inside is None else texts.SITE_LINKED).format(
                site=named(site.origin), count=len(keys), most=limit
            ),
            *(f"- {line}" for line in sample),
            *([texts.SITE_MORE.format(count=len(site.keys), most=limit)] if load.more else []),
            f"-# {texts.SITE_ROOM.format(count=count, limit=self._room)}",
        ]
        await reply.show(message_body(notice_card("\n".join(lines)), _under_offer(load_id), plain=plain))

    async def progress(self, interaction: discord.Interaction) -> None:
        """Show the newest load of the server, with the button to stop it while it runs."""
        async with deferred(interaction) as reply:
            guild_id = interaction.guild_id or 0
            load = await self._store.run(lambda: self._store.database.loads.newest(guild_id))
            if load is None:
                raise UserError(texts.LOAD_NONE)
            await self._follow(interaction, reply, load)

    async def start_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Begin a load that was shown."""
        reply, load = await self._pressed(interaction, press, own=True)
        loads, message_id = self._store.database.loads, interaction.message.id if interaction.message else None
        # Noted before it begins: a small site may end before this message is answered.
        await self._store.run(lambda: loads.shown_in(load.id, message_id, interaction.token))
        await self.loads.begin(load)
        await self._follow(interaction, reply, load)

    async def drop_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Drop a load that was shown."""
        reply, load = await self._pressed(interaction, press, own=True)
        loads = self._store.database.loads
        await self._store.run(lambda: loads.drop(load.id))
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=load.plain))

    async def show_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Bring a message up to date, and keep it so for a while."""
        reply, load = await self._pressed(interaction, press)
        await self._follow(interaction, reply, load)

    async def stop_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Stop a load, and say how much of it is stored."""
        reply, load = await self._pressed(interaction, press)
        await self.loads.stop(load)
        await self._follow(interaction, reply, load)

    async def _pressed(
        self, interaction: discord.Interaction[Any], press: Press, *, own: bool = False
    ) -> tuple[InteractionReply, SiteImport]:
        """Acknowledge a press and return the load that it is about. Raises UserError where it is not the member's."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        load = await self._store.run(lambda: self._store.database.loads.get(press.answer_id))
        if load is None or load.guild_id != interaction.guild_id:
            raise UserError(texts.PREVIEW_FORGOTTEN if own else texts.LOAD_FORGOTTEN)
        if own and load.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        if own and load.state != ImportStage.OFFERED:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        return reply, load

    async def _follow(self, interaction: discord.Interaction, reply: InteractionReply, load: SiteImport) -> None:
        """Show a load, and let this message follow it from now on: it can be edited for longest."""
        loads = self._store.database.loads
        before, shown = await self._progress.message(load.id)
        message_id = await reply.show(shown)
        await self._store.run(lambda: loads.shown_in(load.id, message_id, interaction.token))
        after, shown = await self._progress.message(load.id)
        if before and after and before.state != after.state:  # it has ended meanwhile, and was told elsewhere
            await reply.show(shown)

    async def _sample(self, guild_id: int, site: SiteListing, limit: int) -> list[str]:
        """Return the titles of the first pages; where one cannot be read, its address and why."""
        found = []
        for key in site.keys[: min(limit, _SAMPLE)]:
            seen = site.first if key == site.origin and site.first else None
            if seen is None:
                await self.quotas.spend(guild_id)
                seen = await self._article_service.visit(guild_id, key, site.origin, site.inside)
            item = seen.item
            if isinstance(item, Draft):
                found.append(titled(item.title))
            else:
                found.append(texts.ARTICLE_FAILED.format(source=escape(key), reason=getattr(item, "reason", "")))
        return found


def _under_offer(load_id: int) -> Rows:
    add = button(Press(Action.LOAD_START, load_id), texts.ARTICLE_ADD_BUTTON, discord.ButtonStyle.primary)
    return [[add, button(Press(Action.LOAD_DROP, load_id), texts.ARTICLE_CANCEL_BUTTON)]]
