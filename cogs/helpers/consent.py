"""Asks the author of a message whether its words may become an article, and saves them once they agree."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final
from weakref import WeakValueDictionary

import aiohttp
import discord
from discord.ext import commands

from cogs.articles.article_cards import receipt_text
from cogs.core.translator import server_language
from cogs.helpers.asker_notice import NO_REFERENCE
from cogs.helpers.save_words import UndoButtonOf
from cogs.helpers.word_offers import PreviewRows, WordOffers, Words, saved_words
from cogs.helpers.words_reader import edited_at, place_of
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.retry import with_retries
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Rows
from cogs.ui.layout import is_plain, message_body
from cogs.ui.limits import join_fitting
from i18n import texts
from i18n.languages import speaking
from index.models import UserError
from storage.saved_words import WordOffer

_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)


class Consent(commands.Cog):
    """Saves the words of offers. Nothing of a message is stored before its author has pressed *Yes*."""

    def __init__(
        self, offers: WordOffers, request_rows: PreviewRows, undo: UndoButtonOf, on_saved: Callable[[], None]
    ) -> None:
        """Use these offers. `request_rows` and `undo` create components; `on_saved` is called once words are saved."""
        self._offers = offers
        self._store = offers.store
        self._request_rows = request_rows
        self._undo = undo
        self._on_saved = on_saved
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()  # by offer; while in use

    async def ask_author(self, interaction: discord.Interaction[Any], offer_id: int) -> None:
        """Ask the author of a message, under it, whether its words may be saved."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        offer, guild = await self._offers.own(interaction, offer_id), interaction.guild
        await self._offers.require_may_offer(interaction, own_words=False)
        if guild is None:
            raise UserError(texts.NOT_HERE)
        try:
            await guild.fetch_member(offer.author_id)
        except discord.NotFound as error:
            raise UserError(texts.WORDS_AUTHOR_LEFT) from error
        message_id = offer.messages[0].message_id
        async with self._lock(message_id):
            asked = await self._store.run(lambda: self._offers.saved.requests_for(message_id, offer.guild_id))
            if asked:
                raise UserError(texts.WORDS_ASKED_BEFORE.format(link=_request_link(asked[0])))
            offer = await self._send_request(interaction, guild, offer)
            await self._store.run(lambda: self._offers.saved.put_offer(offer))
        text = texts.WORDS_ASKED.format(author=f"<@{offer.author_id}>", link=_request_link(offer))
        await reply.show(message_body(notice_card(text), plain=is_plain(interaction)))

    async def _send_request(
        self, interaction: discord.Interaction[Any], guild: discord.Guild, offer: WordOffer
    ) -> WordOffer:
        """Reply to the message with the request, which pings its author alone; return the offer with it."""
        settings, preview = await self._store.settings(guild.id), await self._offers.preview(guild, offer)
        message, author = preview.words[0].message, discord.Object(offer.author_id)
        with speaking(server_language(settings, guild)):
            heading = texts.WORDS_REQUEST.format(author=f"<@{author.id}>", editor=interaction.user.mention)
            content = f"<@{author.id}>" if settings.plain else ""  # a mention in an embed pings nobody
            rows = self._request_rows(preview)
            body = self._offers.body(guild, preview, rows, heading, plain=settings.plain, content=content)
        mentions = discord.AllowedMentions(everyone=False, roles=False, users=[author], replied_user=False)
        reference, nonce = message.to_reference(fail_if_not_exists=False), secrets.randbits(63)
        send = partial(message.channel.send, **body.send_kwargs, allowed_mentions=mentions, nonce=nonce)
        try:
            try:
                sent = await with_retries(partial(send, reference=reference))
            except discord.HTTPException as error:
                if error.code not in NO_REFERENCE:
                    raise
                sent = await with_retries(send)
        except _ERRORS as error:
            place = place_of(guild, message.channel.id)
            raise UserError(texts.WORDS_CANNOT_ASK.format(channel=place.mention if place else "")) from error
        return replace(offer, request_channel_id=sent.channel.id, request_id=sent.id)

    async def agree(self, interaction: discord.Interaction[Any], offer_id: int, *, for_all: bool) -> None:
        """Save the words of an offer. Raises UserError unless the member wrote them, or no person did."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        async with self._lock(offer_id):
            offer, guild = await self._offers.find(interaction, offer_id), interaction.guild
            if interaction.user.id != offer.author_id or guild is None:
                raise UserError(texts.WORDS_NOT_YOURS)
            preview = await self._offers.preview(guild, offer)
            asked = offer.request_id is not None
            first = offer.messages[0].message_id
            if not asked:
                await self._offers.require_may_offer(interaction, first, own_words=not preview.by_bot)
            chosen = [words for words in preview.words if words.offered.chosen]
            public = for_all and preview.for_all
            lines, numbers = await self._save(offer, chosen, for_all=public)
            await self._store.run(lambda: self._offers.saved.drop_offer(offer.id))
        self._on_saved()
        text = texts.WORDS_SAVED.format(articles=join_fitting(lines, 3000))
        rows: Rows = [[self._undo(number) for number in numbers]] if len(numbers) == 1 and not asked else []
        await reply.show(message_body(notice_card(text), rows, plain=is_plain(interaction)))

    async def _save(self, offer: WordOffer, chosen: list[Words], *, for_all: bool) -> tuple[list[str], list[int]]:
        """Store the articles; return a line about each, and its number in discord.db."""
        lines, numbers = [], []
        for words in chosen:
            edited = edited_at(words.message)
            record = saved_words(offer, words.offered, for_all=for_all, saved_at=time.time(), edited_at=edited)
            draft = await self._offers.articles.draft(record, words.text)
            # First the record: an article without one would not follow its message.
            number = await self._store.run(partial(self._offers.saved.add, record))
            try:
                receipt = await self._offers.articles.store(record, draft, str(offer.maker_id))
            except BaseException:
                await self._store.run(partial(self._offers.saved.drop, number))
                raise
            await self._store.run(partial(self._offers.saved.set, number, compared=False))
            numbers.append(number)
            lines.append(receipt_text(receipt))
        return lines, numbers

    async def refuse(self, interaction: discord.Interaction[Any], offer_id: int) -> None:
        """Drop an offer. Raises UserError unless the member was asked, or has asked."""
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        offer = await self._offers.find(interaction, offer_id)
        if interaction.user.id not in {offer.author_id, offer.maker_id}:
            raise UserError(texts.WORDS_NOT_YOURS)
        await self._store.run(lambda: self._offers.saved.drop_offer(offer.id))
        await reply.show(message_body(notice_card(texts.WORDS_REFUSED), plain=is_plain(interaction)))

    def _lock(self, key: int) -> asyncio.Lock:
        """Return the lock to hold while an offer is used, or the author of a message asked."""
        return self._locks.setdefault(key, asyncio.Lock())


def _request_link(offer: WordOffer) -> str:
    return f"https://discord.com/channels/{offer.guild_id}/{offer.request_channel_id}/{offer.request_id}"
