"""The article preview and its buttons."""

from __future__ import annotations

from typing import Any

import discord

from cogs.articles.article_cards import preview_card, receipt_text
from cogs.articles.cog import ArticlesCog
from cogs.articles.draft_kinds import Preview
from cogs.articles.drafts import Confirmation, Owner
from cogs.articles.trial_question import TrialButton
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.models import Draft, UserError


async def show_preview(
    interaction: discord.Interaction[Any], reply: InteractionReply, draft: Draft, missing: str = ""
) -> None:
    """Show the preview of an article; `missing` says what was left out of it, and who may see it."""
    articles = feature(interaction, ArticlesCog)
    key = await articles.previews.put(Preview(draft, missing), Owner.of(interaction))
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
        """Store the article; if that fails, show the preview again. A restart in between is continued after it."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_ADD)
        owner, plain = Owner.of(interaction), is_plain(interaction)
        pending = await articles.previews.own(self.preview_id, owner)
        if not await articles.visibility.may_read_source(interaction, pending.draft.key):
            raise UserError(texts.CHANNEL_HIDDEN.format(channel=pending.draft.source))
        # No second press finds it from here on, so that nothing is added twice.
        await articles.previews.confirm(self.preview_id, owner, Confirmation.of(interaction))
        try:
            await reply.show(message_body(notice_card(texts.ARTICLE_ADDING), plain=plain))
            receipt = await articles.service.add(interaction.guild_id or 0, pending.draft, str(interaction.user.id))
        except Exception:
            await articles.previews.release(self.preview_id)
            rows = _preview_buttons(self.preview_id)
            await reply.show(message_body(preview_card(pending.draft, pending.missing), rows, plain=plain))
            raise
        await articles.previews.discard(self.preview_id)
        await reply.show(message_body(notice_card(receipt_text(receipt)), [[TrialButton()]], plain=plain))


class CancelButton(PersistentItem, action="article-cancel"):
    """Closes a preview or a confirmation; `pending_id` is the stored preview or import to drop, 0 if there is none."""

    def __init__(self, pending_id: int = 0) -> None:
        super().__init__(button(self.custom_id_of(pending_id), texts.CANCEL_BUTTON))
        self.pending_id = pending_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Drop the preview or import."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        if self.pending_id:
            for pending in (articles.previews, articles.imports):
                await pending.drop(self.pending_id, Owner.of(interaction))
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=is_plain(interaction)))
