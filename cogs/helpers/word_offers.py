"""Offers to save the words of messages as articles: what they contain, who may use them, and their preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.articles.article_service import ArticleService
from cogs.articles.channels.authors import is_automated
from cogs.core.permissions import everyone_can_read, private_source_warning
from cogs.core.roles import Action, may
from cogs.core.translator import server_language
from cogs.helpers.saved_articles import MAX_HEADING, SavedArticles
from cogs.helpers.words_cards import words_card
from cogs.helpers.words_reader import WordsReader, place_of
from cogs.messaging.message_text import without_mentions
from cogs.services import Services
from cogs.ui.answer_card import Card
from cogs.ui.components import Rows
from cogs.ui.layout import MessageBody, message_body
from i18n import texts
from i18n.languages import speaking
from index.models import Draft, UserError
from storage.human_calls import HumanCall
from storage.saved_words import OfferedMessage, SavedWords, WordOffer

MAX_MESSAGES: Final = 10
"""Messages of one offer."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message of an offer, as it is now, and the article that it would become."""

    offered: OfferedMessage
    message: discord.Message
    text: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class Preview:
    """An offer with its words. `by_bot` says that no person wrote them, `for_all` that they may be for everyone."""

    offer: WordOffer
    words: Sequence[Words]
    by_bot: bool
    for_all: bool


PreviewRows = Callable[[Preview], Rows]
"""Returns the components of a preview, or of a message that asks the author."""


class WordOffers:
    """Reads and previews offers. For use on the event loop."""

    def __init__(self, bot: commands.Bot, services: Services, service: ArticleService) -> None:
        """Use the client, the shared services and the servers' libraries."""
        self.bot = bot
        self.store = services.store
        self.saved = services.store.database.saved_words
        self.articles = SavedArticles(service)
        self.reader = WordsReader(bot)
        self._visibility = services.visibility

    async def find(self, interaction: discord.Interaction[Any], offer_id: int) -> WordOffer:
        """Return an offer of the server. Raises UserError if it is over."""
        offer = await self.store.run(lambda: self.saved.offer(offer_id))
        if offer is None or offer.guild_id != interaction.guild_id:
            raise UserError(texts.OFFER_OVER)
        return offer

    async def own(self, interaction: discord.Interaction[Any], offer_id: int) -> WordOffer:
        """Return an offer that the member has made. Raises UserError if it is over, or of another member."""
        offer = await self.find(interaction, offer_id)
        if offer.maker_id != interaction.user.id or offer.request_id is not None:
            raise UserError(texts.OFFER_OVER)
        return offer

    async def require_may_offer(
        self, interaction: discord.Interaction[Any], message_id: int | None = None, *, own_words: bool
    ) -> None:
        """Raise UserError unless the member may save their own words, or those of others.

        Helpers may save their own, and so may everybody whose message `message_id` an editor has asked for.
        """
        if own_words:
            allowed = await may(interaction, Action.SAVE_OWN_WORDS) or await self._is_asked_for(interaction, message_id)
        else:
            allowed = await self.may_save_others(interaction)
        if not allowed:
            raise UserError(texts.WORDS_NOT_ALLOWED)

    async def may_save_others(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether the member may save words of others, and remove them: moderators and editors."""
        return await may(interaction, Action.SAVE_OTHERS_WORDS) or await may(interaction, Action.ARTICLE_ADD)

    async def _is_asked_for(self, interaction: discord.Interaction[Any], message_id: int | None) -> bool:
        if message_id is None:
            return False
        asked = await self.store.run(lambda: self.saved.requests_for(message_id, interaction.guild_id or 0))
        return any(offer.author_id == interaction.user.id for offer in asked)

    async def preview(self, guild: discord.Guild, offer: WordOffer) -> Preview:
        """Return an offer with its words as they are now, without messages that are gone.

        Raises UserError if no message is left.
        """
        found: list[Words] = []
        trouble = UserError(texts.WORDS_GONE)
        for one in offer.messages:
            try:
                message, text = await self.reader.read(offer.guild_id, one.channel_id, one.message_id)
                draft = await self.articles.draft(saved_words(offer, one, for_all=False), text)
            except UserError as error:
                trouble = error
                continue
            if message.author.id == offer.author_id or is_automated(message):
                found.append(Words(one, message, text, draft))
        if not any(words.offered.chosen for words in found):
            raise trouble
        by_bot = any(is_automated(words.message) for words in found)
        places = [place_of(guild, words.offered.channel_id) for words in found if words.offered.chosen]
        hidden = any(not everyone_can_read(place) for place in places)
        for_all = hidden and not by_bot and await self._question_is_public(guild, offer)
        return Preview(offer, found, by_bot, for_all)

    def body(
        self, guild: discord.Guild, preview: Preview, rows: Rows, heading: str, *, plain: bool, content: str = ""
    ) -> MessageBody:
        """Return the message that shows an offer below a heading, with a warning if not everyone can read the place."""
        return message_body(self._card(guild, preview, heading), rows, plain=plain, content=content)

    def _card(self, guild: discord.Guild, preview: Preview, heading: str) -> Card:
        chosen = [words for words in preview.words if words.offered.chosen]
        places = {words.offered.channel_id: place_of(guild, words.offered.channel_id) for words in chosen}
        warnings = dict.fromkeys(filter(None, map(private_source_warning, places.values())))
        notes = [*warnings, texts.WORDS_FOR_ALL] if preview.for_all else list(warnings)
        return words_card("\n".join([heading, *notes]), [words.draft for words in chosen])

    async def _question_is_public(self, guild: discord.Guild, offer: WordOffer) -> bool:
        """Whether everyone can read where the question was asked: the heading of the article tells it."""
        call_id = offer.call_id
        call = await self.store.run(lambda: self.store.database.human_calls.get(call_id)) if call_id else None
        return call is None or everyone_can_read(place_of(guild, call.channel_id))

    async def collections(self, offer: WordOffer, words: Words) -> tuple[str, ...]:
        """Return the collections of a message's article: those that the channel of the question is limited to.

        Without them the answer would not be quoted where it was asked for.
        """
        call_id = offer.call_id
        call = await self.store.run(lambda: self.store.database.human_calls.get(call_id)) if call_id else None
        try:
            return await self._visibility.limits.names(
                offer.guild_id, call.channel_id if call else words.offered.channel_id
            )
        except UserError:  # the thread is gone, and with it the place that would quote the answer
            return ()

    async def heading_of(self, call: HumanCall) -> str:
        """Return the question of a call: from its answer, or the name of its thread; empty if neither is known.

        The answer counts only if all who see the call can read where the question was asked: a moderator may have
        called. The thread is named like the question if its author has called, and until the question is deleted.
        """
        if call.withdrawn:
            return ""
        answer_id = call.answer_id
        answer = await self.store.run(lambda: self.store.database.answer(answer_id)) if answer_id else None
        asked = self.store.recent_questions.text_of(answer) if answer else ""
        if asked and await self._visibility.readers.readable_to_all(
            call.guild_id, call.post_channel_id, {call.channel_id}
        ):
            return one_line(asked)
        thread = self.bot.get_channel(call.thread_id or 0)
        if not isinstance(thread, discord.Thread):
            return ""
        with speaking(server_language(await self.store.settings(call.guild_id), thread.guild)):
            unnamed = str(texts.CALL_THREAD_TITLE)
        return "" if thread.name == unnamed else one_line(thread.name)


def saved_words(
    offer: WordOffer, one: OfferedMessage, *, for_all: bool, saved_at: float = 0.0, edited_at: float | None = None
) -> SavedWords:
    """Return what is stored of a message once its author has agreed."""
    return SavedWords(
        offer.guild_id,
        one.channel_id,
        one.message_id,
        offer.author_id,
        offer.title,
        for_all,
        saved_at,
        edited_at,
        offer.call_id,
    )


def one_line(text: str) -> str:
    """Return a text without mentions on one line, as long as a heading may be."""
    return without_mentions(text)[:MAX_HEADING]
