"""Previews of what a member gave: the page or site at an address, or a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import aiohttp
import discord

from cogs.articles.cog import ArticlesCog
from cogs.articles.import_export import offer_archive
from cogs.articles.sites.views import SitesCog
from cogs.articles.source_reader import MAX_UPLOAD, source_error
from cogs.articles.views import show_preview
from cogs.core.features import feature
from cogs.messaging.interaction_reply import InteractionReply
from i18n import texts
from index.models import Draft
from index.sources.discovery import Failure


class Upload(Protocol):
    """A file that a member sent with a command or a form; `size` is in bytes, as Discord names it."""

    filename: str
    size: int

    async def read(self) -> bytes:
        """Download the file. Raises discord.HTTPException, or an error of the connection."""
        ...


@dataclass(slots=True)
class FormFile:
    """A file that was attached to a form. discord.py creates attachments for the forms that it dispatches only."""

    filename: str
    size: int
    url: str
    download: Callable[[str], Awaitable[bytes]]

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> FormFile | None:
        """Return the first file of a submitted form, None if it has none."""
        data: dict[str, Any] = dict(interaction.data or {})
        sent = next(iter(data.get("resolved", {}).get("attachments", {}).values()), None)
        if sent is None:
            return None
        return cls(str(sent["filename"]), int(sent["size"]), str(sent["url"]), interaction.client.http.get_from_cdn)

    async def read(self) -> bytes:
        """Download the file. Raises discord.HTTPException, or an error of the connection."""
        return await self.download(self.url)


async def offer_address(
    interaction: discord.Interaction[Any],
    reply: InteractionReply,
    address: str,
    pages: int | None = None,
    note: str = "",
    *,
    tags: tuple[str, ...] = (),
) -> None:
    """Show a preview of the page or site at an address; `note` is shown with that of a page.

    `tags` are the collections that it is put into.
    """
    articles, sites = feature(interaction, ArticlesCog), feature(interaction, SitesCog)
    await articles.quota.consume(interaction.guild_id or 0)
    limit = sites.limit(pages)
    found = await articles.service.reader.inspect(interaction.guild_id or 0, address, limit)
    if isinstance(found, Draft):
        await show_preview(interaction, reply, replace(found, tags=tags), note)
    else:
        await sites.offer(interaction, reply, found, limit, tags)


async def offer_file(
    interaction: discord.Interaction[Any],
    reply: InteractionReply,
    file: Upload,
    note: str = "",
    *,
    tags: tuple[str, ...] = (),
) -> None:
    """Show a preview of an attached article or archive; `note` is shown with that of an article.

    `tags` are the collections that they are put into.
    """
    found = await _read_upload(interaction, file)
    if isinstance(found, Draft):
        await show_preview(interaction, reply, replace(found, tags=tags), note)
    else:
        items = [replace(one, tags=tags) if isinstance(one, Draft) else one for one in found]
        await offer_archive(interaction, reply, items)


async def _read_upload(interaction: discord.Interaction[Any], file: Upload) -> Draft | list[Draft | Failure]:
    if file.size > MAX_UPLOAD:
        raise source_error(file.filename, texts.ARTICLE_FILE_TOO_LARGE.format(limit=MAX_UPLOAD // 1_000_000))
    articles, guild_id = feature(interaction, ArticlesCog), interaction.guild_id or 0
    reader = articles.service.reader
    with reader.uploads.hold(guild_id, file.size):
        await articles.quota.consume(guild_id)
        try:
            data = await file.read()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise source_error(file.filename, texts.ARTICLE_FILE_LOST) from error
        return await reader.read_upload(guild_id, file.filename, data)
