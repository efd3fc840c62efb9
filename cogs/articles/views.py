"""The article preview, its buttons, and the form for pasting a text."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from cogs.articles.article_cards import preview_card, receipt_text
from cogs.articles.cog import ArticlesCog
from cogs.articles.drafts import Owner, Preview
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.core.translator import server_language
from cogs.messaging.interaction_reply import InteractionReply
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
    """Show the preview of an article; `missing` says what was left out of it, and who may see it."""
    articles = feature(interaction, ArticlesCog)
    key = articles.previews.put(Preview(draft, missing), Owner.of(interaction))
    await articles.show(interaction, reply, preview_card(draft, missing), _preview_buttons(key))


def _preview_buttons(preview_id: int) -> Rows:
    return [[AddButton(preview_id), CancelButton(preview_id)]]


class AddButton(PersistentItem, action="article-add"):
    """Adds the article that the preview shows."""

    def __init__(self, preview_id: int) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(button(self.custom_id_of(preview_id), texts.ARTICLE_ADD_BUTTON, style))
        self.preview_id = preview_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Store the article; if that fails, show the preview again."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_ADD)
        draft = articles.previews.own(self.preview_id, Owner.of(interaction)).draft
        if not await articles.visibility.may_read_source(interaction, draft.key):
            raise UserError(texts.CHANNEL_HIDDEN.format(channel=draft.source))
        # Dropped at once, so that a second press does not add it again.
        pending = articles.previews.take(self.preview_id, Owner.of(interaction))
        plain = is_plain(interaction)
        try:
            await reply.show(message_body(notice_card(texts.ARTICLE_ADDING), plain=plain))
            receipt = await articles.service.add(interaction.guild_id or 0, pending.draft, str(interaction.user.id))
        except Exception:
            rows = _preview_buttons(articles.previews.put(pending, Owner.of(interaction)))
            await reply.show(message_body(preview_card(pending.draft, pending.missing), rows, plain=plain))
            raise
        await reply.show(message_body(notice_card(receipt_text(receipt)), plain=plain))


class CancelButton(PersistentItem, action="article-cancel"):
    """Closes a preview or a confirmation; `pending_id` is the stored preview or import to drop, 0 if there is none."""

    def __init__(self, pending_id: int = 0) -> None:
        super().__init__(button(self.custom_id_of(pending_id), texts.CANCEL_BUTTON))
        self.pending_id = pending_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop the preview or import."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        for pending in (articles.previews, articles.imports):
            if self.pending_id in pending:
                pending.take(self.pending_id, Owner.of(interaction))
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=is_plain(interaction)))


class PasteForm(PersistentForm, action="article-form"):
    """Asks for the title and text of an article."""

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
        """Show the preview of the pasted text."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer()
        await require(interaction, Action.ARTICLE_ADD)
        title, text = _form_values(interaction)
        guild_id = interaction.guild_id or 0
        await articles.quota.consume(guild_id)
        # Stored with the article and shown under its quotes, so it is in the server's language.
        with speaking(server_language(await articles.store.settings(guild_id), interaction.guild)):
            source = texts.ARTICLE_PASTED
        await show_preview(interaction, reply, await articles.service.reader.read_text(guild_id, title, text, source))


def _form_values(interaction: discord.Interaction[Any]) -> tuple[str, str]:
    """Return (title, text) of a submitted form."""
    values = {part.get("custom_id"): str(part.get("value", "")) for part in form_fields(interaction)}
    return " ".join(values.get("title", "").split())[:_MAX_TITLE], values.get("text", "")
