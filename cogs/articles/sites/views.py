"""The preview of a site, and the buttons that start, show and stop its import."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any, Final

import discord
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.article_cards import bold_title
from cogs.articles.cog import ArticlesCog
from cogs.articles.collection_choice import listed
from cogs.articles.sites.progress import Progress, site_link
from cogs.articles.sites.site_import import SiteImportRunner
from cogs.articles.source_reader import source_error
from cogs.core.features import feature
from cogs.core.gateway import SteadyClient
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.escape import utf16_length
from cogs.ui.layout import message_body
from cogs.ui.limits import MAX_TEXT, join_fitting
from i18n import texts
from i18n.languages import in_force
from index.libraries.library_names import own_library
from index.models import Draft, UserError
from index.sources.crawler import PAGES, SiteListing
from settings import Settings
from storage.import_models import ImportStage, SiteImport

_log = logging.getLogger(__name__)

_SAMPLE: Final = 3  # pages whose titles are shown before anything is added


class SitesCog(commands.Cog):
    """Lets managers of a server preview a site, then start, follow and stop its import."""

    def __init__(self, bot: SteadyClient, articles: ArticlesCog, settings: Settings) -> None:
        """Use the services of `/article` and the operator's limits."""
        self._bot = bot
        self._store = articles.store
        self._articles = articles
        self._max_pages = settings.site_pages
        self._max_articles = settings.server_articles
        self._progress = Progress(bot, articles.store, import_buttons)
        self.runner = SiteImportRunner(articles.store, articles.service, articles.quota, self._progress)

    async def cog_load(self) -> None:
        """Continue all imports, unless the database is shared: then it is known later which are this process's."""
        if not self._store.is_shared:
            await self.runner.resume()

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Continue the imports of a shard's servers that ran in a process that is gone, or has given it up."""
        shards = self._bot.own_shards
        try:
            await self.runner.resume(lambda guild_id: shards.of(guild_id) == shard_id and self._bot.holds(guild_id))
        except (UserError, SQLAlchemyError):
            _log.warning("The site imports of shard %s are not continued yet", shard_id, exc_info=True)

    @commands.Cog.listener()
    async def on_shard_lost(self, shard_id: int) -> None:
        """Leave the imports of a shard's servers to the process that runs it now."""
        shards = self._bot.own_shards
        self.runner.give_up(lambda guild_id: shards.of(guild_id) == shard_id)

    async def cog_unload(self) -> None:
        """Cancel the tasks; the imports continue after the next start."""
        await self.runner.close()

    def limit(self, pages: int | None) -> int | None:
        """Return the number of pages that a member asked for, at most the operator's limit; None if none was given."""
        return None if pages is None else min(pages, self._max_pages)

    async def offer(
        self,
        interaction: discord.Interaction,
        reply: InteractionReply,
        site: SiteListing,
        wanted: int | None,
        tags: Sequence[str] = (),
    ) -> None:
        """Show the preview of a site; it is stored, so that its buttons work after a restart.

        `tags` are the collections that the site is put into.
        """
        guild_id, limit = interaction.guild_id or 0, min(wanted or PAGES, self._max_pages)
        plain = (await self._store.settings(guild_id)).plain
        keys = site.keys[:limit]
        site_import = SiteImport(
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
            tags=",".join(tags),
        )
        sample = await self._sample(guild_id, site, limit)
        import_id = await self._store.run_in_steps(self._store.database.site_imports.offer_in_steps(site_import, keys))
        count = await self._store.read(lambda: len(self._store.read_only.titles([own_library(guild_id)])))
        room = texts.SITE_ROOM.format(count=count, limit=self._max_articles)
        if tags:
            room = f"{room}\n{texts.ARTICLE_TAGS.format(names=listed(tags))}"
        rows: Rows = [[StartButton(import_id), DropButton(import_id)]]
        await reply.show(message_body(notice_card(_preview_text(site, limit, sample, room)), rows, plain=plain))

    async def progress(self, interaction: discord.Interaction) -> None:
        """Show the server's newest import, with buttons while it runs."""
        async with deferred(interaction) as reply:
            guild_id = interaction.guild_id or 0
            site_import = await self._store.run(lambda: self._store.database.site_imports.newest(guild_id))
            if site_import is None:
                raise UserError(texts.LOAD_NONE)
            await self._follow(interaction, reply, site_import)

    async def start(self, interaction: discord.Interaction, import_id: int) -> None:
        """Start an import that was previewed."""
        reply, site_import = await self._acknowledge(interaction, import_id, own=True)
        imports, message_id = self._store.database.site_imports, interaction.message.id if interaction.message else None
        # Stored first, because the import of a small site may end before this interaction is answered.
        await self._store.run(lambda: imports.set_progress_message(site_import.id, message_id, interaction.token))
        await self.runner.start(site_import)
        await self._follow(interaction, reply, site_import)

    async def drop(self, interaction: discord.Interaction, import_id: int) -> None:
        """Drop an import that was previewed."""
        reply, site_import = await self._acknowledge(interaction, import_id, own=True)
        imports = self._store.database.site_imports
        await self._store.run(lambda: imports.drop(site_import.id))
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=site_import.plain))

    async def show(self, interaction: discord.Interaction, import_id: int) -> None:
        """Show an import in this message, which is updated from then on."""
        reply, site_import = await self._acknowledge(interaction, import_id)
        await self._follow(interaction, reply, site_import)

    async def stop(self, interaction: discord.Interaction, import_id: int) -> None:
        """Stop an import, and show how many pages are stored."""
        reply, site_import = await self._acknowledge(interaction, import_id)
        await self.runner.stop(site_import)
        await self._follow(interaction, reply, site_import)

    async def _acknowledge(
        self, interaction: discord.Interaction[Any], import_id: int, *, own: bool = False
    ) -> tuple[InteractionReply, SiteImport]:
        """Acknowledge a press and return its reply and import.

        Raises UserError if the import is not of this server; with `own` also if it is not the member's, or started.
        """
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_ADD if own else Action.ARTICLE_PROGRESS)
        site_import = await self._store.run(lambda: self._store.database.site_imports.get(import_id))
        if site_import is None or site_import.guild_id != interaction.guild_id:
            raise UserError(texts.PREVIEW_FORGOTTEN if own else texts.LOAD_FORGOTTEN)
        if own and site_import.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        if own and site_import.state != ImportStage.OFFERED:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        return reply, site_import

    async def _follow(self, interaction: discord.Interaction, reply: InteractionReply, site_import: SiteImport) -> None:
        """Show an import and make this its progress message: the newest message can be edited for longest."""
        imports = self._store.database.site_imports
        before, body = await self._progress.render(site_import.id)
        message_id = await reply.show(body)
        await self._store.run(lambda: imports.set_progress_message(site_import.id, message_id, interaction.token))
        after, body = await self._progress.render(site_import.id)
        # If the import ended in between, its result went to the earlier message.
        if before and after and before.state != after.state:
            await reply.show(body)

    async def _sample(self, guild_id: int, site: SiteListing, limit: int) -> list[str]:
        """Return the titles of the first pages; for one that cannot be read, its address and the reason."""
        titles = []
        for key in site.keys[: min(limit, _SAMPLE)]:
            page = site.first if key == site.origin and site.first else None
            if page is None:
                await self._articles.quota.consume(guild_id)
                page = await self._articles.service.read_page(guild_id, key, site.origin, site.inside)
            item = page.item
            if isinstance(item, Draft):
                titles.append(bold_title(item.title))
            else:
                titles.append(str(source_error(key, getattr(item, "reason", ""))))
        return titles


def _preview_text(site: SiteListing, limit: int, sample: Sequence[str], room: str) -> str:
    """Return the text of a preview: how many pages there are, a sample of their titles, and the room for articles."""
    heading = texts.SITE_LISTED if site.inside is None else texts.SITE_LINKED
    lines = [heading.format(site=site_link(site.origin), count=min(len(site.keys), limit), most=limit)]
    lines += [f"- {line}" for line in sample]
    lines += [texts.SITE_MORE.format(count=len(site.keys), most=limit)] if len(site.keys) > limit else []
    room = f"-# {room}"
    return f"{join_fitting(lines, MAX_TEXT - utf16_length(room) - 1)}\n{room}"


class StartButton(PersistentItem, action="load-start"):
    """Starts an import that was previewed."""

    def __init__(self, import_id: int) -> None:
        super().__init__(button(self.custom_id_of(import_id), texts.ARTICLE_ADD_BUTTON, discord.ButtonStyle.primary))
        self.import_id = import_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Start it, if the member asked for the preview."""
        await feature(interaction, SitesCog).start(interaction, self.import_id)


class DropButton(PersistentItem, action="load-drop"):
    """Drops an import that was previewed."""

    def __init__(self, import_id: int) -> None:
        super().__init__(button(self.custom_id_of(import_id), texts.CANCEL_BUTTON))
        self.import_id = import_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop it, if the member asked for the preview."""
        await feature(interaction, SitesCog).drop(interaction, self.import_id)


class ProgressButton(PersistentItem, action="load-show"):
    """Shows the progress of an import."""

    def __init__(self, import_id: int) -> None:
        super().__init__(button(self.custom_id_of(import_id), texts.LOAD_SHOW_BUTTON))
        self.import_id = import_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the progress in this message, which is updated from then on."""
        await feature(interaction, SitesCog).show(interaction, self.import_id)


class StopButton(PersistentItem, action="load-stop"):
    """Stops an import."""

    def __init__(self, import_id: int) -> None:
        super().__init__(button(self.custom_id_of(import_id), texts.LOAD_STOP_BUTTON, discord.ButtonStyle.danger))
        self.import_id = import_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Stop it; pages that are stored stay."""
        await feature(interaction, SitesCog).stop(interaction, self.import_id)


def import_buttons(site_import: SiteImport) -> Rows:
    """Return the buttons of an import; none if it is not running."""
    if site_import.state != ImportStage.RUNNING:
        return []
    return [[ProgressButton(site_import.id), StopButton(site_import.id)]]
