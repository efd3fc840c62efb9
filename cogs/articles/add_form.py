"""The form for adding an article: a pasted text, a web address, or a file."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from cogs.articles.cog import ArticlesCog
from cogs.articles.offers import FormFile, offer_address, offer_file
from cogs.articles.source_reader import MAX_UPLOAD, first_line_title
from cogs.articles.views import show_preview
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.core.translator import server_language
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from index.sources.http.addresses import is_address

_MAX_TITLE: Final = 200
_MAX_PASTED: Final = 4000
_MAX_ADDRESS: Final = 2000


class AddForm(PersistentForm, action="article-form"):
    """Asks for a text with its title, for a web address, or for a file; one of them is used."""

    def __init__(self) -> None:
        super().__init__(texts.ARTICLE_FORM_TITLE)
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id="text", style=discord.TextStyle.paragraph, max_length=_MAX_PASTED, required=False
        )
        title: ui.TextInput[Any] = ui.TextInput(custom_id="title", max_length=_MAX_TITLE, required=False)
        address: ui.TextInput[Any] = ui.TextInput(custom_id="address", max_length=_MAX_ADDRESS, required=False)
        file: ui.FileUpload[Any] = ui.FileUpload(custom_id="file", required=False)
        megabytes = MAX_UPLOAD // 1_000_000
        for label, hint, component in (
            (texts.ARTICLE_FORM_TEXT, texts.ADD_FORM_TEXT_HINT, text),
            (texts.ARTICLE_FORM_HEADING, texts.ADD_FORM_TITLE_HINT, title),
            (texts.ADD_FORM_ADDRESS, texts.ADD_FORM_ADDRESS_HINT, address),
            (texts.ADD_FORM_FILE, texts.ADD_FORM_FILE_HINT.format(limit=megabytes), file),
        ):
            self.add_item(ui.Label(text=label, description=hint, component=component))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], _first: int, _second: int) -> None:
        """Show the preview of what was given: the file, else the text, else what is at the address."""
        values = {str(part.get("custom_id")): str(part.get("value") or "") for part in form_fields(interaction)}
        title, text = " ".join(values.get("title", "").split())[:_MAX_TITLE], values.get("text", "")
        address, file = values.get("address", "").strip(), FormFile.of(interaction)
        if not address and is_address(text) and len(text.split()) == 1:
            address, text = text.strip(), ""
        given = [kind for kind, value in (("file", file), ("text", text.strip()), ("address", address)) if value]
        async with deferred(interaction) as reply:
            await require(interaction, Action.ARTICLE_ADD)
            if not given:
                raise UserError(texts.ADD_NOTHING)
            # What was typed would be lost if more than one were refused.
            note = texts.ADD_ONLY_ONE.format(used=texts.ADD_USED[given[0]]) if len(given) > 1 else ""
            if file is not None:
                await offer_file(interaction, reply, file, note)
            elif text.strip():
                await _offer_text(interaction, reply, title or first_line_title(text), text, note)
            else:
                address = address if "://" in address else f"https://{address}"
                await offer_address(interaction, reply, address, note=note)


async def _offer_text(
    interaction: discord.Interaction[Any], reply: InteractionReply, title: str, text: str, note: str
) -> None:
    """Show the preview of a pasted text."""
    articles, guild_id = feature(interaction, ArticlesCog), interaction.guild_id or 0
    await articles.quota.consume(guild_id)
    # Stored with the article and shown under its quotes, so it is in the server's language.
    with speaking(server_language(await articles.store.settings(guild_id), interaction.guild)):
        source = texts.ARTICLE_PASTED
    await show_preview(interaction, reply, await articles.service.reader.read_text(guild_id, title, text, source), note)
