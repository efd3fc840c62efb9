"""`/article export` and `import`: all articles of a server as one file, and back from such a file or an archive."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import aiohttp
import discord
from discord import app_commands

from cogs.articles.article_cards import bold_title
from cogs.articles.cog import ArticlesCog, article_group
from cogs.articles.draft_texts import pack_drafts
from cogs.articles.drafts import Confirmation, Owner
from cogs.articles.export_files import PendingImport, export_in_steps, inspect_export
from cogs.articles.import_run import ImportRun, carry_out
from cogs.articles.source_reader import source_error
from cogs.articles.views import CancelButton
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import MessageBody
from i18n import texts
from index.models import Draft, UserError
from index.sources.discovery import Failure

_MAX_UPLOAD: Final = 50_000_000  # bytes
_MOST_ATTEMPTS: Final = 3  # to export, if articles or permissions change meanwhile
_SAMPLE: Final = 3  # articles, and failures, named before an import


@article_group.command(name=texts.ARTICLE_EXPORT_NAME, description=texts.ARTICLE_EXPORT_DESCRIPTION)
async def export(interaction: discord.Interaction) -> None:
    """Send all articles of the server's library, of those that the member may read, as one file."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            limit = interaction.guild.filesize_limit if interaction.guild else _MAX_UPLOAD
            name, data, count = await _exported(articles, interaction, limit)
            await reply.send_file(texts.ARTICLE_EXPORTED.format(count=count), name, data)


async def _exported(articles: ArticlesCog, interaction: discord.Interaction, limit: int) -> tuple[str, bytes, int]:
    """Return what `export_in_steps` does, of the articles that the member may read when it is done.

    Raises UserError as it does, and if messages that they may not read keep becoming articles meanwhile.
    """
    left_out = await articles.visibility.own_hidden(interaction)
    for _ in range(_MOST_ATTEMPTS):
        steps = partial(export_in_steps, limit=limit, left_out=left_out)
        found = await articles.service.run_in_steps(interaction.guild_id or 0, steps)
        before, left_out = left_out, await articles.visibility.own_hidden(interaction)
        if left_out <= before:
            return found
    raise UserError(texts.CHANGED_MEANWHILE)


@article_group.command(name=texts.ARTICLE_IMPORT_NAME, description=texts.ARTICLE_IMPORT_DESCRIPTION)
@app_commands.describe(file=texts.ARTICLE_IMPORT_FILE_DESCRIPTION)
async def import_articles(interaction: discord.Interaction, file: discord.Attachment) -> None:
    """Show a preview of the articles in an export file."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            if file.size > _MAX_UPLOAD:
                raise UserError(texts.ARTICLE_FILE_TOO_LARGE.format(limit=_MAX_UPLOAD // 1_000_000))
            guild_id, reader = interaction.guild_id or 0, articles.service.reader
            with reader.uploads.hold(guild_id, file.size):
                await articles.quota.consume(guild_id)
                try:
                    data = await file.read()
                except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                    raise UserError(texts.ARTICLE_FILE_LOST) from error
                steps = inspect_export(file.filename, data)
                count, characters, titles = await reader.run_in_steps(guild_id, steps, len(data))
                pending, lines = PendingImport(file.filename, data, count), [bold_title(title) for title in titles]
                await _show_import_preview(interaction, reply, pending, characters, lines)


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
    reader, size = feature(interaction, ArticlesCog).service.reader, sum(len(draft.text) for draft in drafts)
    data = await reader.run_in_steps(interaction.guild_id or 0, pack_drafts(drafts), size)
    pending = PendingImport("", data, len(drafts), packed=True)
    lines = [bold_title(draft.title) for draft in drafts[:_SAMPLE]]
    lines += [str(source_error(item.source, item.reason)) for item in failures[:_SAMPLE]]
    lines += ["…"] if len(failures) > _SAMPLE else []
    await _show_import_preview(interaction, reply, pending, size, lines)


async def _show_import_preview(
    interaction: discord.Interaction,
    reply: InteractionReply,
    pending: PendingImport,
    characters: int,
    lines: Sequence[str],
) -> None:
    articles = feature(interaction, ArticlesCog)
    key = await articles.imports.put(pending, Owner.of(interaction))
    heading = texts.ARTICLE_IMPORT_PREVIEW.format(count=pending.count, characters=characters)
    card = notice_card("\n".join([heading, *(f"- {line}" for line in lines)]))
    await articles.show(interaction, reply, card, import_rows(key))


def import_rows(import_id: int) -> Rows:
    """Return the buttons of an import that waits for a decision."""
    return [[ImportButton(import_id), CancelButton(import_id)]]


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
        owner, place = Owner.of(interaction), Confirmation.of(interaction)
        await articles.imports.confirm(self.import_id, owner, place)
        pending = await articles.imports.confirmed(self.import_id)
        if pending is None:
            raise UserError(texts.PREVIEW_FORGOTTEN)

        async def show(body: MessageBody) -> bool:
            with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
                await reply.show(body)
                return True
            return False

        run = ImportRun(self.import_id, owner, place, pending)
        await carry_out(articles, interaction.client, run, show, StopImportButton(self.import_id))


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
        await articles.imports.stop(self.import_id, Owner.of(interaction))  # no process continues it
        _, pending = articles.running_imports.get(self.import_id, (None, None))
        if pending is not None:  # otherwise the process that carries it out notices within seconds
            pending.stopped = True
