"""`/article remove` and `refresh`."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from cogs.articles.article_cards import article_card, bold_title, receipt_text
from cogs.articles.cog import ArticlesCog, article_choices, article_group
from cogs.articles.views import CancelButton
from cogs.core.features import feature
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.limits import join_fitting
from i18n import texts
from index.libraries.library_names import own_library
from index.models import UserError


@article_group.command(name=texts.ARTICLE_REMOVE_NAME, description=texts.ARTICLE_REMOVE_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION)
@app_commands.autocomplete(article=article_choices)
async def remove(interaction: discord.Interaction, article: str) -> None:
    """Ask for confirmation before removing an article."""
    articles = feature(interaction, ArticlesCog)
    async with deferred(interaction) as reply:
        found = await articles.listing.find_own(interaction, article)
        card = article_card(found, texts.ARTICLE_REMOVE_QUESTION)
        await articles.show(interaction, reply, card, [[RemoveButton(found.id), CancelButton()]])


@article_group.command(name=texts.ARTICLE_REFRESH_NAME, description=texts.ARTICLE_REFRESH_DESCRIPTION)
@app_commands.describe(article=texts.ARTICLE_CHOICE_DESCRIPTION)
@app_commands.autocomplete(article=article_choices)
async def refresh(interaction: discord.Interaction, article: str) -> None:
    """Fetch an article again from its address."""
    articles = feature(interaction, ArticlesCog)
    with articles.in_flight.answering():
        async with deferred(interaction) as reply:
            guild_id = interaction.guild_id or 0
            found = await articles.listing.find_own(interaction, article)
            await articles.quota.consume(guild_id)
            receipts = await articles.service.refresh(guild_id, found, str(interaction.user.id))
            await articles.show(
                interaction, reply, notice_card(join_fitting([receipt_text(receipt) for receipt in receipts]))
            )


class RemoveButton(PersistentItem, action="article-remove"):
    """Removes the article of the confirmation message."""

    def __init__(self, article_id: int) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(button(self.custom_id_of(article_id), texts.ARTICLE_REMOVE_BUTTON, style))
        self.article_id = article_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Remove the article from the server's own library."""
        articles, reply = feature(interaction, ArticlesCog), InteractionReply(interaction, private=True)
        await reply.defer_update()
        await require(interaction, Action.ARTICLE_REMOVE)
        guild_id, who = interaction.guild_id or 0, str(interaction.user.id)
        visible = await articles.visibility.articles_for(interaction)
        article = await articles.store.read(lambda: visible.article(own_library(guild_id), self.article_id))
        if article is None or not await articles.service.run(guild_id, lambda own: own.remove(article.id, who)):
            raise UserError(texts.ARTICLE_REMOVED_BEFORE)
        text = texts.ARTICLE_REMOVED.format(article=bold_title(article.title))
        await reply.show(message_body(notice_card(text), plain=is_plain(interaction)))
