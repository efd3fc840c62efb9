"""`/article export` and `import`: all articles of a server as one file, and such a file or an archive back."""

from __future__ import annotations

import asyncio
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import aiohttp
import discord
from discord import app_commands

from cogs.articles.article_cards import titled
from cogs.articles.article_service import failed
from cogs.articles.cog import ArticlesCog
from cogs.articles.drafts import Import
from cogs.articles.group import article_group
from cogs.articles.sites.progress import tell
from cogs.articles.storage_quota import StorageQuota, require_space
from cogs.articles.views import CancelButton
from cogs.core.features import feature
from cogs.core.permissions import require_manager
from cogs.messaging.replies import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, button
from cogs.ui.escape import escape
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.libraries.import_export import ImportedArticle, importing, incoming, keyed, outgoing
from index.libraries.ingestion import AT_ONCE
from index.libraries.library import Library
from index.models import Draft, UserError
from index.sources.discovery import Failure

_MOST_BYTES: Final = 50_000_000  # of a file that comes in
_MOST_UNPACKED: Final = 100_000_000
_GZIP: Final = b"\x1f\x8b"
_SAMPLE: Final = 3
_EVERY: Final = 4.0  # seconds between two edits
_FILE: Final = "articles.jsonl"


@article_group.command(name=texts.ARTICLE_EXPORT_NAME, description=texts.ARTICLE_EXPORT_DESCRIPTION)
async def export(interaction: discord.Interaction) -> None:
    """Send all articles of the server as one file."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            limit = interaction.guild.filesize_limit if interaction.guild else _MOST_BYTES
            name, data, count = await articles.service.work(
                interaction.guild_id or 0, lambda library: _exported(library, limit)
            )
            await reply.send_file(texts.ARTICLE_EXPORTED.format(count=count), name, data)


@article_group.command(name=texts.ARTICLE_IMPORT_NAME, description=texts.ARTICLE_IMPORT_DESCRIPTION)
@app_commands.describe(file=texts.ARTICLE_IMPORT_FILE_DESCRIPTION)
async def import_articles(interaction: discord.Interaction, file: discord.Attachment) -> None:
    """Show what a file would bring."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            if file.size > _MOST_BYTES:
                raise UserError(texts.ARTICLE_FILE_TOO_LARGE.format(limit=_MOST_BYTES // 1_000_000))
            await articles.quota.spend(interaction.guild_id or 0)
            try:
                sent = await file.read()
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                raise UserError(texts.ARTICLE_FILE_LOST) from error
            count, characters, titles = await articles.service.read(lambda: _looked_at(file.filename, sent))
            found = Import(lambda: incoming(file.filename, _unpacked(file.filename, sent)), count, interaction.user.id)
            await _show_import(interaction, reply, found, characters, [titled(title) for title in titles])


async def offer_archive(
    interaction: discord.Interaction, reply: InteractionReply, sent: Sequence[Draft | Failure]
) -> None:
    """Show what an archive would bring, and what of it cannot be read."""
    drafts = [item for item in sent if isinstance(item, Draft)]
    broken = [item for item in sent if isinstance(item, Failure)]
    if not drafts:
        raise failed(broken[0].source, broken[0].reason) if broken else UserError(texts.ARTICLE_IMPORT_EMPTY)
    articles = [ImportedArticle((draft,), titled=False) for draft in drafts]
    found = Import(lambda: ([], iter(articles)), len(articles), interaction.user.id)
    lines = [titled(draft.title) for draft in drafts[:_SAMPLE]]
    lines += [str(failed(item.source, item.reason)) for item in broken[:_SAMPLE]]
    lines += ["…"] if len(broken) > _SAMPLE else []
    await _show_import(interaction, reply, found, sum(len(draft.text) for draft in drafts), lines)


async def _show_import(
    interaction: discord.Interaction, reply: InteractionReply, found: Import, characters: int, lines: Sequence[str]
) -> None:
    articles = feature(interaction, ArticlesCog)
    key = articles.imports.put(found)
    said = texts.ARTICLE_IMPORT_PREVIEW.format(count=found.count, characters=characters)
    card = notice_card("\n".join([said, *(f"- {line}" for line in lines)]))
    await articles.show(interaction, reply, card, [[ImportButton(key), CancelButton(key)]])


class ImportButton(PersistentItem, action="article-import"):
    """Imports a file that was shown."""

    def __init__(self, import_id: int) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(button(self.custom_id_of(import_id), texts.ARTICLE_ADD_BUTTON, style))
        self.import_id = import_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Import it; the message says how far that is."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        found = articles.imports.get(self.import_id)
        if found is None:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        if found.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        articles.imports.forget(self.import_id)
        who, quota = str(interaction.user.id), articles.service.quota
        work = articles.service.work(interaction.guild_id or 0, lambda library: _importing(library, found, who, quota))
        await _follow(interaction, reply, found, asyncio.ensure_future(work))


async def _follow(
    interaction: discord.Interaction[Any], reply: InteractionReply, found: Import, task: asyncio.Future[Counter[str]]
) -> None:
    """Show how far an import is until it ends, then what became of it."""
    plain = is_plain(interaction)
    while not task.done():
        said = texts.ARTICLE_IMPORTING.format(done=found.done.total(), count=found.count)
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await reply.show(message_body(notice_card(said), plain=plain))
        await asyncio.wait({task}, timeout=_EVERY)
    try:
        ended = _imported(await task)
    except UserError as error:
        ended = f"{error}\n{_imported(found.done)}"
    body = message_body(notice_card(ended), plain=plain)
    try:
        await reply.show(body)
    except (discord.HTTPException, aiohttp.ClientError, OSError):
        await tell(interaction.client, interaction.user.id, interaction.channel_id or 0, body)


def _exported(library: Library, limit: int) -> Generator[None, None, tuple[str, bytes, int]]:
    """Write all articles in pieces; packed where they do not fit otherwise. Raises UserError where neither fits."""
    if not library.articles():
        raise UserError(texts.ARTICLE_LIST_EMPTY)
    plain, packed = io.BytesIO(), io.BytesIO()
    lines = 0
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:
        for line in outgoing(library.catalog):
            yield
            lines += 1
            stream.write(line)
            if plain.tell() <= limit:
                plain.write(line)
            if packed.tell() > limit:
                raise UserError(texts.ARTICLE_EXPORT_TOO_LARGE.format(limit=limit / 1_000_000))
    count = lines - 2  # its first and last line are no articles
    if plain.tell() <= limit:
        return _FILE, plain.getvalue(), count
    if len(packed.getvalue()) <= limit:
        return f"{_FILE}.gz", packed.getvalue(), count
    raise UserError(texts.ARTICLE_EXPORT_TOO_LARGE.format(limit=limit / 1_000_000))


def _unpacked(name: str, data: bytes) -> io.BytesIO:
    """Return a file as it was before it was packed. Raises UserError where that is too much, or damaged."""
    if data.startswith(_GZIP):
        unpacking = zlib.decompressobj(wbits=31)
        try:
            data = unpacking.decompress(data, _MOST_UNPACKED)
        except zlib.error as error:
            raise UserError(texts.ARTICLE_IMPORT_DAMAGED.format(name=escape(name))) from error
        if unpacking.unconsumed_tail:
            raise UserError(texts.ARTICLE_FILE_TOO_LARGE.format(limit=_MOST_UNPACKED // 1_000_000))
    return io.BytesIO(data)


def _looked_at(name: str, data: bytes) -> tuple[int, int, list[str]]:
    """Read a file whole: how many articles and characters it has, and the first titles."""
    count = characters = 0
    titles: list[str] = []
    for item in incoming(name, _unpacked(name, data))[1]:
        count += 1
        characters += len(item.drafts[0].text)
        titles += [item.drafts[0].title] if len(titles) < _SAMPLE else []
    if not count:
        raise UserError(texts.ARTICLE_IMPORT_EMPTY)
    return count, characters, titles


def _importing(library: Library, found: Import, who: str, quota: StorageQuota) -> Generator[None, None, Counter[str]]:
    """Store what a file brings, as far as there is room, and count what became of it."""
    sites, articles = found.read()
    taken: set[str] = set()

    def fitting() -> Iterator[ImportedArticle]:
        for item in articles:
            for draft in keyed(item, library.catalog, taken)[:1]:
                require_space(library, draft, quota)
            yield item

    work = importing(library, sites, fitting(), who, AT_ONCE)
    while True:
        try:
            receipt = next(work)
        except StopIteration as end:
            counts: Counter[str] = end.value
            return counts
        if receipt is not None:
            found.done[receipt.status] += 1
        yield


def _imported(counts: Counter[str]) -> str:
    told = ", ".join(
        texts.ARTICLE_IMPORT_COUNT.format(count=counts[status], what=name)
        for status, name in texts.ARTICLE_IMPORT_STATUS.items()
        if counts[status]
    )
    return texts.ARTICLE_IMPORTED.format(what=told or texts.ARTICLE_IMPORT_NONE)
