"""`/article export` and `import`: all articles of a server as one file, and back from such a file or an archive."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any, Final

import aiohttp
import discord
from discord import app_commands

from cogs.articles.article_cards import bold_title
from cogs.articles.cog import ArticlesCog, article_group
from cogs.articles.drafts import Owner, PendingImport
from cogs.articles.export_files import decompress, export_in_steps, import_pending_in_steps, inspect_export
from cogs.articles.sites.progress import notify_member
from cogs.articles.source_reader import source_error
from cogs.articles.views import CancelButton
from cogs.core.errors import error_message
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, button
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.libraries.export_file import Export, ImportedArticle, read_export_in_steps
from index.memory import size_of
from index.models import Draft, UserError
from index.sources.discovery import Failure

_MAX_UPLOAD: Final = 50_000_000  # bytes
_SAMPLE: Final = 3  # articles, and failures, named before an import
_EDIT_INTERVAL: Final = 4.0  # seconds


@article_group.command(name=texts.ARTICLE_EXPORT_NAME, description=texts.ARTICLE_EXPORT_DESCRIPTION)
async def export(interaction: discord.Interaction) -> None:
    """Send all articles of the server's library, of those that the member may read, as one file."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            limit = interaction.guild.filesize_limit if interaction.guild else _MAX_UPLOAD
            left_out = await articles.visibility.own_hidden(interaction)
            name, data, count = await articles.service.run_in_steps(
                interaction.guild_id or 0, lambda library: export_in_steps(library, limit, left_out)
            )
            await reply.send_file(texts.ARTICLE_EXPORTED.format(count=count), name, data)


@article_group.command(name=texts.ARTICLE_IMPORT_NAME, description=texts.ARTICLE_IMPORT_DESCRIPTION)
@app_commands.describe(file=texts.ARTICLE_IMPORT_FILE_DESCRIPTION)
async def import_articles(interaction: discord.Interaction, file: discord.Attachment) -> None:
    """Show a preview of the articles in an export file."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            if file.size > _MAX_UPLOAD:
                raise UserError(texts.ARTICLE_FILE_TOO_LARGE.format(limit=_MAX_UPLOAD // 1_000_000))
            await articles.quota.consume(interaction.guild_id or 0)
            try:
                data = await file.read()
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                raise UserError(texts.ARTICLE_FILE_LOST) from error
            count, characters, titles = await articles.service.reader.run_in_steps(
                interaction.guild_id or 0, inspect_export(file.filename, data), len(data)
            )
            pending = PendingImport(
                lambda: read_export_in_steps(file.filename, decompress(file.filename, data)),
                count,
                size_of(data),
            )
            await _show_import_preview(interaction, reply, pending, characters, [bold_title(title) for title in titles])


async def offer_archive(
    interaction: discord.Interaction, reply: InteractionReply, items: Sequence[Draft | Failure]
) -> None:
    """Show a preview of an archive's articles, and which of its files cannot be read.

    Raises UserError if there are no articles in it.
    """
    drafts = [item for item in items if isinstance(item, Draft)]
    failures = [item for item in items if isinstance(item, Failure)]
    if not drafts:
        raise (
            source_error(failures[0].source, failures[0].reason) if failures else UserError(texts.ARTICLE_IMPORT_EMPTY)
        )
    articles = [ImportedArticle((draft,), titled=False) for draft in drafts]
    pending = PendingImport(lambda: _as_export(articles), len(articles), size_of(articles))
    lines = [bold_title(draft.title) for draft in drafts[:_SAMPLE]]
    lines += [str(source_error(item.source, item.reason)) for item in failures[:_SAMPLE]]
    lines += ["…"] if len(failures) > _SAMPLE else []
    await _show_import_preview(interaction, reply, pending, sum(len(draft.text) for draft in drafts), lines)


def _as_export(articles: Sequence[ImportedArticle]) -> Generator[None, None, Export]:
    """Return articles that have been parsed already, as `read_export_in_steps` does."""
    yield
    return [], iter(articles)


async def _show_import_preview(
    interaction: discord.Interaction,
    reply: InteractionReply,
    pending: PendingImport,
    characters: int,
    lines: Sequence[str],
) -> None:
    articles = feature(interaction, ArticlesCog)
    key = articles.imports.put(pending, Owner.of(interaction), pending.size)
    heading = texts.ARTICLE_IMPORT_PREVIEW.format(count=pending.count, characters=characters)
    card = notice_card("\n".join([heading, *(f"- {line}" for line in lines)]))
    await articles.show(interaction, reply, card, [[ImportButton(key), CancelButton(key)]])


class ImportButton(PersistentItem, action="article-import"):
    """Imports the file that the preview shows."""

    def __init__(self, import_id: int) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(button(self.custom_id_of(import_id), texts.ARTICLE_ADD_BUTTON, style))
        self.import_id = import_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Import the file and show the progress in this message."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_IMPORT)
        pending = articles.imports.take(self.import_id, Owner.of(interaction))
        who, quota = str(interaction.user.id), articles.service.quota
        work = articles.service.run_in_steps(
            interaction.guild_id or 0, lambda library: import_pending_in_steps(library, pending, who, quota)
        )
        running_id = articles.imports.put(pending, Owner.of(interaction))
        try:
            await _show_progress(interaction, reply, pending, asyncio.ensure_future(work), running_id)
        finally:
            articles.imports.discard(running_id)


class StopImportButton(PersistentItem, action="article-import-stop"):
    """Ends an import that is running; what is stored stays."""

    def __init__(self, import_id: int) -> None:
        super().__init__(button(self.custom_id_of(import_id), texts.LOAD_STOP_BUTTON))
        self.import_id = import_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Let the import end; its own message then shows what was stored."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_IMPORT)
        articles.imports.own(self.import_id, Owner.of(interaction)).stopped = True


async def _show_progress(
    interaction: discord.Interaction[Any],
    reply: InteractionReply,
    pending: PendingImport,
    task: asyncio.Future[Counter[str]],
    running_id: int,
) -> None:
    """Show the progress of an import, with a button that stops it, until it ends; then a summary."""
    plain = is_plain(interaction)
    while not task.done():
        text = texts.ARTICLE_IMPORTING.format(done=pending.done.total(), count=pending.count)
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await reply.show(message_body(notice_card(text), [[StopImportButton(running_id)]], plain=plain))
        await asyncio.wait({task}, timeout=_EDIT_INTERVAL)
    try:
        summary = _summary(await task)
    except UserError as error:
        summary = f"{error_message(error)}\n{_summary(pending.done)}"
    body = message_body(notice_card(summary), plain=plain)
    try:
        await reply.show(body)
    except (discord.HTTPException, aiohttp.ClientError, OSError):
        await notify_member(interaction.client, interaction.user.id, interaction.channel_id or 0, body)


def _summary(counts: Counter[str]) -> str:
    parts = ", ".join(
        texts.ARTICLE_IMPORT_COUNT.format(count=counts[status], what=name)
        for status, name in texts.ARTICLE_IMPORT_STATUS.items()
        if counts[status]
    )
    return texts.ARTICLE_IMPORTED.format(what=parts or texts.ARTICLE_IMPORT_NONE)
