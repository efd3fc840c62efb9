"""Sends and edits the message of a call for a human, and makes the thread on it."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import aiohttp
import discord

from cogs.ask.thread_reply import can_create_thread, create_thread
from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.visible_articles import VisibleArticles
from cogs.helpers.call_card import call_card
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import with_retries
from cogs.ui.answer_card import Card
from cogs.ui.components import Rows
from cogs.ui.layout import card_texts, message_body
from i18n import texts
from index.models import UserError
from index.text.display_names import display_line
from qa.outcome import Quote
from storage.human_calls import HumanCall
from storage.models import ServerSettings
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)

_MOST_QUOTES: Final = 3
_FORBIDDEN: Final = 403
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)


def helpers_place(guild: discord.Guild | None, settings: ServerSettings) -> Any:
    """Return the helpers' channel. Raises UserError if there is none in which the bot can write."""
    channel = guild.get_channel_or_thread(settings.helpers_channel or 0) if guild else None
    if guild is None or not isinstance(channel, discord.abc.Messageable):
        raise UserError(texts.HELPERS_MISSING)
    return channel


class CallPost:
    """Sends the message of a new call."""

    def __init__(self, store: AsyncStore, visibility: Visibility, settings: ServerSettings) -> None:
        """Take the store of articles, what may be shown to whom, and the server's settings."""
        self._store = store
        self._visibility = visibility
        self._settings = settings

    @staticmethod
    def new_call(
        answer: StoredAnswer, asker_id: int, channel_id: int, interaction: discord.Interaction[Any]
    ) -> HumanCall:
        """Return a call about an answer, which is not stored yet."""
        message_id = answer.message_id or (interaction.message.id if interaction.message else None)
        return HumanCall(
            guild_id=interaction.guild_id or 0,
            asker_id=asker_id,
            answer_id=answer.id,
            channel_id=answer.channel_id,
            message_id=message_id,
            question_id=answer.question_id,
            post_channel_id=channel_id,
            opened_at=time.time(),
        )

    async def publish(
        self,
        interaction: discord.Interaction[Any],
        call: HumanCall,
        answer: StoredAnswer,
        channel: Any,
        rows: Rows,
    ) -> tuple[int, int | None]:
        """Send the message and make a thread on it if that is possible; return the ids of both."""
        guild = interaction.guild
        question = await self._question(interaction, call, answer)
        quotes = await self._quotes(call, answer)
        asker_reads = bool(await self._visibility.readers.readable(call.guild_id, call.asker_id, {channel.id}))
        role = guild.get_role(self._settings.helpers_role or 0) if guild else None
        pinged = role if role and self._settings.helpers_ping else None
        body = message_body(
            call_card(call, question, quotes, asker_reads=asker_reads),
            rows,
            plain=self._settings.plain,
            content=pinged.mention if pinged else "",
        )
        # The role alone can be pinged: words of members, in the question, never ping anybody.
        mentions = discord.AllowedMentions(everyone=False, users=False, roles=[pinged] if pinged else False)
        # With a nonce Discord keeps a single message of several attempts.
        nonce = secrets.randbits(63)
        sent = await with_retries(lambda: channel.send(**body.send_kwargs, allowed_mentions=mentions, nonce=nonce))
        if guild is None or not can_create_thread(channel, guild.me):
            return sent.id, None
        return sent.id, await create_thread(sent, display_line(question) or texts.CALL_THREAD_TITLE)

    async def _question(self, interaction: discord.Interaction[Any], call: HumanCall, answer: StoredAnswer) -> str:
        """Return the question if the member has called themselves, or all who see the call can read it anyway."""
        text = self._store.recent_questions.text_of(answer)
        if call.asker_id == interaction.user.id:
            return text
        shown = await self._visibility.readers.readable_to_all(call.guild_id, call.post_channel_id, {call.channel_id})
        return text if shown else ""

    async def _quotes(self, call: HumanCall, answer: StoredAnswer) -> list[Quote]:
        """Return the nearest quotes, of those that everybody may read who can see the helpers' channel."""
        hidden = await self._visibility.hidden_in(call.guild_id, call.post_channel_id)

        def read() -> list[Quote]:
            articles = VisibleArticles(self._store.read_only, hidden)
            found = (one.quote(articles.article(one.library, one.article_id)) for one in answer.quotes)
            return [quote for quote in found if quote is not None][:_MOST_QUOTES]

        return await self._store.read(read)


async def refresh_post(
    client: discord.Client,
    call: HumanCall,
    render: Callable[[Sequence[str]], tuple[Card, Rows]],
    known: discord.Message | None = None,
) -> bool:
    """Edit the message of a call to what `render` returns for its texts; return whether it is still there.

    `known` is the message if it is at hand. What the bot may not edit counts as edited.
    Raises other errors of Discord.
    """
    if call.post_id is None:
        return True
    channel = client.get_partial_messageable(call.post_channel_id, guild_id=call.guild_id)
    post_id = call.post_id
    try:
        message = known if known is not None else await with_retries(lambda: channel.fetch_message(post_id))
        card, rows = render(card_texts(message))
        body = message_body(card, rows, plain=not message.flags.components_v2, content=_pinged(message))
        await with_retries(lambda: message.edit(**body.send_kwargs, allowed_mentions=SILENT))
        if call.withdrawn and call.thread_id is not None:
            await _rename_thread(client, call)
    except discord.NotFound:
        return False
    except discord.HTTPException as error:
        if error.status != _FORBIDDEN:
            raise
        _log.info("The message of call %s may not be edited: %s", call.id, error)
    return True


def _pinged(message: discord.Message) -> str:
    """Return the text above a card, which mentions the helpers' role."""
    if message.content:
        return message.content
    first = message.components[0] if message.components else None
    return first.content if isinstance(first, discord.TextDisplay) else ""


async def _rename_thread(client: discord.Client, call: HumanCall) -> None:
    """Take the question out of the name of a withdrawn call's thread."""
    thread = client.get_channel(call.thread_id or 0)
    if isinstance(thread, discord.Thread):
        try:
            await with_retries(partial(thread.edit, name=texts.CALL_WITHDRAWN_TITLE))
        except _ERRORS as error:
            _log.info("Thread %s could not be renamed: %s", thread.id, error)
