"""Buttons and the form that several commands of `/article` use."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from cogs.articles.article_cards import preview, received
from cogs.articles.cog import ArticlesCog
from cogs.articles.drafts import Preview
from cogs.core.features import feature
from cogs.core.permissions import require_manager
from cogs.core.translator import language_of_server
from cogs.messaging.replies import InteractionReply
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.modals import PersistentForm, form_fields
from i18n import texts
from i18n.languages import speaking
from index.models import Draft, UserError

_MAX_TITLE: Final = 200
_MAX_PASTED: Final = 4000


async def show_preview(
    interaction: discord.Interaction[Any], reply: InteractionReply, draft: Draft, missing: str = ""
) -> None:
    """Show an article that the member may add, and what is missing in it."""
    articles = feature(interaction, ArticlesCog)
    key = articles.previews.put(Preview(draft, interaction.user.id, missing))
    await articles.show(interaction, reply, preview(draft, missing), _under_preview(key))


def _under_preview(preview_id: int) -> Rows:
    return [[AddButton(preview_id), CancelButton(preview_id)]]


class AddButton(PersistentItem, action="article-add"):
    """Adds the article of a preview."""

    def __init__(self, preview_id: int) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(button(self.custom_id_of(preview_id), texts.ARTICLE_ADD_BUTTON, style))
        self.preview_id = preview_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Add it; if that fails, the preview stays."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        found = articles.previews.get(self.preview_id)
        if found is None:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        if found.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        articles.previews.forget(self.preview_id)  # so that a second press cannot add it twice
        plain = is_plain(interaction)
        try:
            await reply.show(message_body(notice_card(texts.ARTICLE_ADDING), plain=plain))
            receipt = await articles.service.add(interaction.guild_id or 0, found.draft, str(interaction.user.id))
        except Exception:
            rows = _under_preview(articles.previews.put(found))
            await reply.show(message_body(preview(found.draft, found.missing), rows, plain=plain))
            raise
        await reply.show(message_body(notice_card(received(receipt)), plain=plain))


class CancelButton(PersistentItem, action="article-cancel"):
    """Drops a preview, an import or a question; 0 where nothing is stored."""

    def __init__(self, pending_id: int = 0) -> None:
        super().__init__(button(self.custom_id_of(pending_id), texts.ARTICLE_CANCEL_BUTTON))
        self.pending_id = pending_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop what was asked for."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.turn()
        found = articles.previews.get(self.pending_id)
        if found is not None and found.member_id != interaction.user.id:
            raise UserError(texts.PREVIEW_NOT_YOURS)
        articles.previews.forget(self.pending_id)
        articles.imports.forget(self.pending_id)
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=is_plain(interaction)))


class PasteForm(PersistentForm, action="article-form"):
    """Asks for a title and a text."""

    def __init__(self) -> None:
        super().__init__(texts.ARTICLE_FORM_TITLE)
        title: ui.TextInput[Any] = ui.TextInput(custom_id="title", max_length=_MAX_TITLE)
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id="text", style=discord.TextStyle.paragraph, max_length=_MAX_PASTED
        )
        self.add_item(ui.Label(text=texts.ARTICLE_FORM_HEADING, component=title))
        self.add_item(ui.Label(text=texts.ARTICLE_FORM_TEXT, component=text))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], _first: int, _second: int) -> None:
        """Show what would be added of the text."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer()
        require_manager(interaction)
        title, text = _pasted(interaction)
        guild_id = interaction.guild_id or 0
        await articles.quota.spend(guild_id)
        # Stored with the article, and seen by all who get a quotation of it.
        with speaking(language_of_server(await articles.store.settings(guild_id), interaction.guild)):
            source = texts.ARTICLE_PASTED
        await show_preview(interaction, reply, await articles.service.text(guild_id, title, text, source))


def _pasted(interaction: discord.Interaction[Any]) -> tuple[str, str]:
    """Return title and text of a form that was sent."""
    values = {part.get("custom_id"): str(part.get("value", "")) for part in form_fields(interaction)}
    return " ".join(values.get("title", "").split())[:_MAX_TITLE], values.get("text", "")
