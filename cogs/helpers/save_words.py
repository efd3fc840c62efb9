"""*Save as article* in the menu of a message, and *Save my words* in the thread of a call: previews of both."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands

from cogs.articles.article_cards import bold_title
from cogs.articles.channels.authors import USER_MESSAGES, is_automated
from cogs.articles.cog import ArticlesCog
from cogs.core.context_menu import ContextMenuCog, context_menu_entry
from cogs.core.features import feature
from cogs.helpers.helper_messages import helper_messages
from cogs.helpers.word_offers import MAX_MESSAGES, PreviewRows, WordOffers, one_line, saved_words
from cogs.helpers.words_reader import edited_at
from cogs.messaging.in_flight import InFlight
from cogs.messaging.interaction_reply import InteractionReply, deferred
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem
from cogs.ui.layout import is_plain, message_body
from i18n import texts
from index.models import UserError
from storage.human_calls import HumanCall
from storage.saved_words import OfferedMessage, SavedWords, WordOffer, new_offer

UndoButtonOf = Callable[[int], PersistentItem]
"""Returns the button that removes a saved message, from its number."""


class SaveWords(ContextMenuCog):
    """Makes offers and previews them to the member who makes them, privately."""

    def __init__(
        self, bot: commands.Bot, offers: WordOffers, in_flight: InFlight, rows: PreviewRows, undo: UndoButtonOf
    ) -> None:
        """Create the entry of the message menu; the last arguments create the components of the messages."""
        self._bot = bot
        self._offers = offers
        self._store = offers.store
        self._in_flight = in_flight
        self._rows = rows
        self._undo = undo
        entry = context_menu_entry(texts.SAVE_AS_ARTICLE, self.save_message)
        entry.allowed_contexts = discord.app_commands.AppCommandContext(
            guild=True, dm_channel=False, private_channel=False
        )
        self._context_menus = [entry]

    async def save_message(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """Show a preview of a message as an article; for one that is saved, show how to undo it."""
        with self._in_flight.answering():
            async with deferred(interaction) as reply:
                await self._save_message(interaction, reply, message)

    async def _save_message(
        self, interaction: discord.Interaction[Any], reply: InteractionReply, message: discord.Message
    ) -> None:
        by_bot, own = is_automated(message), message.author.id == interaction.user.id
        if self._bot.user and message.author.id == self._bot.user.id:
            raise UserError(texts.WORDS_OWN)
        await self._offers.require_may_offer(interaction, message.id, own_words=own)
        if not message.content.strip() or not (by_bot or message.type in USER_MESSAGES):
            raise UserError(texts.NOTHING_TO_READ)
        guild_id, channel_id = interaction.guild_id or 0, interaction.channel_id or 0
        known = await self._store.run(lambda: self._offers.saved.of_messages({message.id}))
        if known:
            await self._show_saved(interaction, reply, known[0], message)
            return
        call = await self._store.run(lambda: self._store.database.human_calls.of_thread(channel_id))
        author_id = interaction.user.id if by_bot else message.author.id
        title = await self._heading(call, message)
        offered = [OfferedMessage(channel_id, message.id)]
        offer = new_offer(guild_id, interaction.user.id, author_id, title, offered, call.id if call else None)
        followed = await self._offers.articles.followed_article(saved_words(offer, offered[0], for_all=False))
        if followed is not None:
            raise UserError(texts.WORDS_ALREADY.format(article=bold_title(followed.title)))
        self._offers.reader.remember(message)
        await feature(interaction, ArticlesCog).quota.consume(guild_id)
        await self._show_new(interaction, reply, offer)

    async def save_own_words(self, interaction: discord.Interaction[Any], call_id: int) -> None:
        """Show a preview of what the member has written for a call. Raises UserError if that is nothing."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer()
        await self._offers.require_may_offer(interaction, own_words=True)
        guild, call = interaction.guild, await self._store.run(lambda: self._store.database.human_calls.get(call_id))
        if guild is None or call is None or call.guild_id != guild.id:
            raise UserError(texts.CALL_OVER)
        settings = await self._store.settings(guild.id)
        written = await helper_messages(guild, call, settings)
        own = [one for one in written if one.author.id == interaction.user.id and one.content.strip()]
        saved = await self._store.run(lambda: self._offers.saved.of_messages({one.id for one in own}))
        done = {words.message_id for words in saved}
        left = [OfferedMessage(one.channel.id, one.id) for one in own if one.id not in done][-MAX_MESSAGES:]
        if not left:
            raise UserError(texts.WORDS_NONE)
        title = await self._heading(call, own[0])
        member = interaction.user.id
        await feature(interaction, ArticlesCog).quota.consume(guild.id)
        await self._show_new(interaction, reply, new_offer(guild.id, member, member, title, left, call.id))

    async def choose(self, interaction: discord.Interaction[Any], offer_id: int, message_ids: Collection[int]) -> None:
        """Show the preview with these messages chosen."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        offer = (await self._offers.own(interaction, offer_id)).choosing(message_ids)
        if not offer.chosen:
            raise UserError(texts.OPTION_REFUSED)
        await self._show(interaction, reply, offer)

    async def retitle(self, interaction: discord.Interaction[Any], offer_id: int, title: str) -> None:
        """Show the preview with another heading."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        offer = await self._offers.own(interaction, offer_id)
        await self._show(interaction, reply, replace(offer, title=one_line(title) or offer.title))

    async def cancel(self, interaction: discord.Interaction[Any], offer_id: int) -> None:
        """Drop an offer of the member."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        offer = await self._offers.own(interaction, offer_id)
        await self._store.run(lambda: self._offers.saved.drop_offer(offer.id))
        await reply.show(message_body(notice_card(texts.ARTICLE_CANCELLED), plain=is_plain(interaction)))

    async def _heading(self, call: HumanCall | None, message: discord.Message) -> str:
        """Return the question that a message answers: of its call, else the message that it replies to.

        Without either it is empty, and the first line of the message becomes the title.
        """
        if call is not None and (asked := await self._offers.heading_of(call)):
            return asked
        replied_to = message.reference.resolved if message.reference else None
        if isinstance(replied_to, discord.Message) and not replied_to.author.bot:
            return one_line(replied_to.content)
        return ""

    async def _show_new(self, interaction: discord.Interaction[Any], reply: InteractionReply, offer: WordOffer) -> None:
        settings = await self._store.settings(interaction.guild_id)
        await self._show(interaction, reply, offer, plain=settings.plain)

    async def _show(
        self,
        interaction: discord.Interaction[Any],
        reply: InteractionReply,
        offer: WordOffer,
        *,
        plain: bool | None = None,
    ) -> None:
        """Show a preview and store its offer, without words."""
        guild = interaction.guild
        if guild is None:
            raise UserError(texts.NOT_HERE)
        preview = await self._offers.preview(guild, offer)
        chosen = next(words for words in preview.words if words.offered.chosen)
        offer = replace(offer, title=offer.title or chosen.draft.title)
        stored = await self._store.run(lambda: self._offers.saved.put_offer(offer))
        preview = replace(preview, offer=stored)
        if preview.by_bot:
            heading = texts.WORDS_PREVIEW_BOT
        elif stored.author_id == stored.maker_id:
            heading = texts.WORDS_PREVIEW
        else:
            heading = texts.WORDS_PREVIEW_OTHERS.format(author=f"<@{stored.author_id}>")
        shown_plain = is_plain(interaction) if plain is None else plain
        await reply.show(self._offers.body(guild, preview, self._rows(preview), heading, plain=shown_plain))

    async def _show_saved(
        self,
        interaction: discord.Interaction[Any],
        reply: InteractionReply,
        known: SavedWords,
        message: discord.Message,
    ) -> None:
        """Show that a message is an article, with the button that removes it.

        If the bot could not read an edit, its author brings the new words with the menu.
        """
        settings = await self._store.settings(interaction.guild_id)
        article = await self._offers.articles.article(known)
        if article is None:
            await self._store.run(lambda: self._offers.saved.drop(known.id))
            await self._save_message(interaction, reply, message)
            return
        text = texts.WORDS_ALREADY
        if known.unread and message.author.id == interaction.user.id:
            draft = await self._offers.articles.draft(known, message.content)
            await self._offers.articles.store(known, draft, str(interaction.user.id))
            values = {"unread": False, "compared": False, "edited_at": edited_at(message)}
            await self._store.run(lambda: self._offers.saved.set(known.id, **values))
            text = texts.WORDS_UPDATED
        card = notice_card(text.format(article=bold_title(article.title)))
        await reply.show(message_body(card, [[self._undo(known.id)]], plain=settings.plain))
