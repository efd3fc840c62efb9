"""`/article`: the articles of a server, kept by those who may manage it. Everything it shows is private."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs.articles.article_cards import preview, received
from cogs.articles.article_service import MAX_UPLOAD, ArticleService, failed
from cogs.articles.channels.views import ChannelViews
from cogs.articles.drafts import PasteForm, PendingStore, Preview, pasted, under_preview
from cogs.articles.schedule_commands import ScheduleCommands
from cogs.articles.sites.views import SiteViews
from cogs.articles.thread_source import found_thread, read_thread
from cogs.core.channel_option import TextChannelOption
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.permissions import is_manager, require_manager
from cogs.core.translator import language_of_server
from cogs.messaging.replies import InteractionReply, deferred, told
from cogs.messaging.retry import acknowledge
from cogs.services import Services
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Action, Press
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from i18n.languages import speaking
from index.models import Draft, UserError
from index.sources.discovery import Failure


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ArticleGroup(
    ScheduleCommands,
    ContextMenuCog,
    commands.GroupCog,
    group_name=texts.ARTICLE_NAME,
    group_description=texts.ARTICLE_GROUP_DESCRIPTION,
):
    """Adds articles to a server's own library, shows them and takes them away."""

    def __init__(
        self,
        bot: commands.Bot,
        services: Services,
        article_service: ArticleService,
        sites: SiteViews,
        watch: ChannelViews,
    ) -> None:
        """Take what all features share, what keeps the libraries, and what adds whole sites and channels."""
        super().__init__(services, article_service, sites.quotas)
        self._bot = bot
        self._sites = sites
        self._every = sites.every
        self._watch = watch
        self._previews: PendingStore[Preview] = PendingStore()
        self._context_menus = [
            context_menu_entry(texts.SAVE_AS_ARTICLE, self.save_message, discord.Permissions(manage_guild=True)),
        ]

    @property
    def presses(self) -> dict[Action, Callable[[discord.Interaction, Press], Awaitable[None]]]:
        """What the buttons and forms of articles do."""
        return {
            Action.ARTICLE_FORM: self.form_sent,
            Action.ARTICLE_ADD: self.add_pressed,
            Action.ARTICLE_CANCEL: self.cancel_pressed,
            **self.keeping_presses,
            **self._sites.presses,
            **self._watch.presses,
        }

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Check the permission here too: a server can show the commands to anyone."""
        return is_manager(interaction)

    @app_commands.command(name=texts.ARTICLE_ADD_NAME, description=texts.ARTICLE_ADD_DESCRIPTION)
    @app_commands.describe(
        address=texts.ARTICLE_ADDRESS_DESCRIPTION,
        file=texts.ARTICLE_FILE_DESCRIPTION,
        pages=texts.ARTICLE_PAGES_DESCRIPTION,
    )
    async def add(
        self,
        interaction: discord.Interaction,
        address: app_commands.Range[str, 1, 2000] | None = None,
        file: discord.Attachment | None = None,
        pages: app_commands.Range[int, 1, 100_000] | None = None,
    ) -> None:
        """Show what would be added; with nothing given, open the form for a text."""
        if address is None and file is None and pages is None:
            async with told(InteractionReply(interaction, private=True)):
                await acknowledge(lambda: interaction.response.send_modal(PasteForm()))
            return
        with self._in_flight.answering():
            async with deferred(interaction) as reply:
                if address is not None and file is not None:
                    raise UserError(texts.ARTICLE_ONE_SOURCE)
                if file is not None:
                    sent = await self._uploaded(interaction, file)
                    if isinstance(sent, Draft):
                        await self._show(interaction, reply, sent)
                    else:
                        await self._offer_archive(interaction, reply, sent)
                elif address is not None:
                    await self._look(interaction, reply, address.strip(), pages)
                else:
                    raise UserError(texts.ARTICLE_PAGES_OF_WHAT)

    @app_commands.command(name=texts.LOAD_PROGRESS_NAME, description=texts.LOAD_PROGRESS_DESCRIPTION)
    async def progress(self, interaction: discord.Interaction) -> None:
        """Show how far the newest whole site is."""
        await self._sites.progress(interaction)

    @app_commands.command(name=texts.THREAD_NAME, description=texts.THREAD_DESCRIPTION)
    @app_commands.describe(thread=texts.THREAD_CHOICE_DESCRIPTION)
    async def thread(
        self, interaction: discord.Interaction, thread: app_commands.AppCommandThread | None = None
    ) -> None:
        """Show what would be added of a thread."""
        with self._in_flight.answering():
            async with deferred(interaction) as reply:
                guild = interaction.guild
                place = await found_thread(thread, interaction.channel)
                await self._quotas.spend(interaction.guild_id or 0)
                talk = await read_thread(place, guild.me if guild else None, hears_all=self._watch.hears_all)
                draft = await self._article_service.talk(interaction.guild_id or 0, talk.link, talk.title, talk.said)
                await self._show(interaction, reply, draft, talk.missing)

    @app_commands.command(name=texts.WATCH_NAME, description=texts.WATCH_DESCRIPTION)
    @app_commands.describe(channel=texts.WATCH_CHANNEL_DESCRIPTION, role=texts.WATCH_ROLE_DESCRIPTION)
    async def channel(
        self,
        interaction: discord.Interaction,
        channel: app_commands.Transform[app_commands.AppCommandChannel, TextChannelOption],
        role: discord.Role | None = None,
    ) -> None:
        """Make a channel a source, or say how it stands."""
        with self._in_flight.answering():
            async with deferred(interaction) as reply:
                await self._watch.offer(interaction, reply, channel, role)

    async def save_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show what would be added of a message's text."""
        with self._in_flight.answering():
            async with deferred(interaction) as reply:
                require_manager(interaction)
                if not message.content.strip():
                    raise UserError(texts.NOTHING_TO_READ)
                guild_id = interaction.guild_id or 0
                await self._quotas.spend(guild_id)
                link = f"https://discord.com/channels/{guild_id}/{message.channel.id}/{message.id}"
                draft = await self._article_service.message(guild_id, link, message.content)
                await self._show(interaction, reply, draft)

    async def form_sent(self, interaction: discord.Interaction, _press: Press) -> None:
        """Show what would be added of a text that was pasted into the form."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        require_manager(interaction)
        title, text = pasted(interaction)
        await self._quotas.spend(interaction.guild_id or 0)
        # Stored with the article, and seen by all who get a quotation of it.
        with speaking(language_of_server(await self._store.settings(interaction.guild_id), interaction.guild)):
            source = texts.ARTICLE_PASTED
        await self._show(
            interaction, reply, await self._article_service.text(interaction.guild_id or 0, title, text, source)
        )

    async def add_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Add the article of a preview; where that fails the preview stays."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        found = self._previews.get(press.answer_id)
        if found is None:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        if found.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        self._previews.forget(press.answer_id)  # so that a second press cannot add it twice
        plain = is_plain(interaction)
        try:
            await reply.show(message_body(notice_card(texts.ARTICLE_ADDING), plain=plain))
            receipt = await self._article_service.add(interaction.guild_id or 0, found.draft, str(interaction.user.id))
        except Exception:
            again = self._previews.put(found)
            await reply.show(message_body(preview(found.draft, found.missing), under_preview(again), plain=plain))
            raise
        await reply.show(message_body(notice_card(received(receipt)), plain=plain))

    async def cancel_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Drop what was asked for."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        found = self._previews.get(press.answer_id)
        if found is not None and found.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        self._previews.forget(press.answer_id)
        self._imports.forget(press.answer_id)
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=is_plain(interaction)))

    async def _look(
        self, interaction: discord.Interaction, reply: InteractionReply, address: str, pages: int | None
    ) -> None:
        """Show the page or the site that is at an address."""
        await self._quotas.spend(interaction.guild_id or 0)
        limit = self._sites.limit(pages)
        found = await self._article_service.look(address, limit)
        if isinstance(found, Draft):
            await self._show(interaction, reply, found)
        else:
            await self._sites.offer(interaction, reply, found, limit)

    async def _uploaded(
        self, interaction: discord.Interaction, file: discord.Attachment
    ) -> Draft | list[Draft | Failure]:
        if file.size > MAX_UPLOAD:
            raise failed(file.filename, texts.ARTICLE_FILE_TOO_LARGE.format(limit=MAX_UPLOAD // 1_000_000))
        await self._quotas.spend(interaction.guild_id or 0)
        try:
            data = await file.read()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise failed(file.filename, texts.ARTICLE_FILE_LOST) from error
        return await self._article_service.upload(interaction.guild_id or 0, file.filename, data)

    async def _show(
        self, interaction: discord.Interaction, reply: InteractionReply, draft: Draft, missing: str = ""
    ) -> None:
        """Show a preview, which the member who asked for it may add, and what is missing in it."""
        settings = await self._store.settings(interaction.guild_id)
        key = self._previews.put(Preview(draft, interaction.user.id, missing))
        await reply.show(message_body(preview(draft, missing), under_preview(key), plain=settings.plain))
