"""`/article add`, `progress`, `follow thread` and `follow channel`."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.articles.add_form import AddForm
from cogs.articles.channels.views import offer_channel
from cogs.articles.cog import ArticlesCog, article_group, follow_group
from cogs.articles.collection_choice import new_tags, send_collection_lists
from cogs.articles.offers import offer_address, offer_file
from cogs.articles.sites.views import SitesCog
from cogs.articles.thread_source import read_thread, resolve_thread
from cogs.articles.views import show_preview
from cogs.core.channel_option import TextChannelOption
from cogs.core.features import feature
from cogs.core.permissions import private_source_warning
from cogs.messaging.interaction_reply import InteractionReply, deferred, open_form
from cogs.messaging.replies import report_errors
from i18n import texts
from index.models import UserError


@article_group.command(name=texts.ARTICLE_ADD_NAME, description=texts.ARTICLE_ADD_DESCRIPTION)
@app_commands.describe(
    address=texts.ARTICLE_ADDRESS_DESCRIPTION,
    file=texts.ARTICLE_FILE_DESCRIPTION,
    pages=texts.ARTICLE_PAGES_DESCRIPTION,
    collections=texts.COLLECTION_ADD_DESCRIPTION,
)
async def add(
    interaction: discord.Interaction,
    address: app_commands.Range[str, 1, 2000] | None = None,
    file: discord.Attachment | None = None,
    pages: app_commands.Range[int, 1, 100_000] | None = None,
    collections: app_commands.Range[str, 1, 500] | None = None,
) -> None:
    """Show a preview of a page, site or file; without options, open the form."""
    if address is None and file is None and pages is None and collections is None:
        await _open_form(interaction)
        return
    with feature(interaction, ArticlesCog).in_flight.answering():
        async with deferred(interaction) as reply:
            if address is not None and file is not None:
                raise UserError(texts.ARTICLE_ONE_SOURCE)
            tags = new_tags(collections or "")
            if file is not None:
                await offer_file(interaction, reply, file, tags=tags)
            elif address is not None:
                await offer_address(interaction, reply, address.strip(), pages, tags=tags)
            else:
                raise UserError(texts.ARTICLE_PAGES_OF_WHAT if pages else texts.COLLECTION_OF_WHAT)


@add.autocomplete("collections")
async def add_collections(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest collections for the end of the list."""
    articles = feature(interaction, ArticlesCog)
    return await send_collection_lists(articles.store, articles.visibility, interaction, typed)


async def _open_form(interaction: discord.Interaction) -> None:
    """Open the form."""
    async with report_errors(InteractionReply(interaction, private=True)):
        if interaction.response.is_done():  # the member's right had to be asked for, and a form must come first
            raise UserError(texts.USE_AGAIN)
        await open_form(interaction, AddForm())


@article_group.command(name=texts.LOAD_PROGRESS_NAME, description=texts.LOAD_PROGRESS_DESCRIPTION)
async def progress(interaction: discord.Interaction) -> None:
    """Show the progress of the server's newest site import."""
    await feature(interaction, SitesCog).progress(interaction)


@follow_group.command(name=texts.THREAD_NAME, description=texts.THREAD_DESCRIPTION)
@app_commands.describe(thread=texts.THREAD_CHOICE_DESCRIPTION)
async def thread(interaction: discord.Interaction, thread: app_commands.AppCommandThread | None = None) -> None:
    """Show a preview of a thread as an article."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            guild, guild_id = interaction.guild, interaction.guild_id or 0
            source = await resolve_thread(thread, interaction.channel)
            await articles.require_reader(interaction, source)
            await articles.quota.consume(guild_id)
            transcript = await read_thread(
                source, guild.me if guild else None, message_content=articles.message_content
            )
            draft = await articles.service.reader.read_thread(guild_id, transcript)
            notes = filter(None, (private_source_warning(source), transcript.missing))
            await show_preview(interaction, reply, draft, "\n".join(notes))


@follow_group.command(name=texts.WATCH_NAME, description=texts.WATCH_DESCRIPTION)
@app_commands.describe(channel=texts.WATCH_CHANNEL_DESCRIPTION, role=texts.WATCH_ROLE_DESCRIPTION)
async def channel(
    interaction: discord.Interaction,
    channel: app_commands.Transform[app_commands.AppCommandChannel, TextChannelOption],
    role: discord.Role | None = None,
) -> None:
    """Offer to make a channel a source, or show the status of one that is."""
    with feature(interaction, ArticlesCog).in_flight.answering():
        async with deferred(interaction) as reply:
            await offer_channel(interaction, reply, channel, role)
