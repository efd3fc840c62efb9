"""`/article channel`: makes a channel a source after a preview, says how it stands, and switches it off again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import discord
from discord import app_commands

from cogs.articles.article_service import ArticleService
from cogs.articles.channels.authors import readable
from cogs.articles.channels.channel_listener import MOST, ChannelListener
from cogs.articles.channels.messages import forget_messages, messages_of
from cogs.core.async_store import AsyncStore
from cogs.core.permissions import require_manager
from cogs.messaging.replies import InteractionReply
from cogs.ui.answer_card import notice_card
from cogs.ui.components import Action, Press, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.truncate import name
from i18n import texts
from index.models import UserError
from storage.channel_sources import ChannelSource

_LOOKED_AT: Final = 50  # of the newest messages, for the preview
_SAMPLE: Final = 3
_MAX_LINE: Final = 100


class ChannelViews:
    """Shows what would be followed, and does what is pressed."""

    def __init__(
        self, store: AsyncStore, article_service: ArticleService, watching: ChannelListener, *, hears_all: bool
    ) -> None:
        """Take what remembers, what keeps the libraries, and what follows the channels."""
        self._store = store
        self._article_service = article_service
        self._watching = watching
        self.hears_all = hears_all

    @property
    def presses(self) -> dict[Action, Callable[[discord.Interaction, Press], Awaitable[None]]]:
        """What the buttons do."""
        return {
            Action.WATCH_ADD: self.add_pressed,
            Action.WATCH_KEEP: self.off_pressed,
            Action.WATCH_REMOVE: self.off_pressed,
        }

    async def offer(
        self, interaction: discord.Interaction, reply: InteractionReply, chosen: app_commands.AppCommandChannel,
        role: discord.Role | None,
    ) -> None:  # fmt: skip
        """Show what would become articles; of a channel that is a source already, how it stands."""
        known = self._watching.channel(chosen.id)
        if not self.hears_all and not (known and known.running):
            raise UserError(texts.WATCH_NEEDS_CONTENT)
        place = chosen.resolve()
        if not isinstance(place, discord.TextChannel) or not readable(place):
            raise UserError(texts.WATCH_FORBIDDEN.format(channel=chosen.mention))
        plain = (await self._store.settings(interaction.guild_id)).plain
        if known is not None and known.running:
            await reply.show(message_body(notice_card(await self._state(known)), _under_source(place.id), plain=plain))
            return
        channel = ChannelSource(place.id, place.guild.id, role.id if role else None)
        messages = [message async for message in place.history(limit=_LOOKED_AT)]
        found = await self._watching.writers(channel, messages)
        await self._watching.change(channel)
        said = texts.WATCH_OFFER.format(
            channel=place.mention, writers=_writers(channel), most=MOST, count=len(found), looked=len(messages)
        )
        sample = [f"- {name(message.content, _MAX_LINE)}" for message in found[:_SAMPLE]]
        await reply.show(message_body(notice_card("\n".join([said, *sample])), _under_offer(channel), plain=plain))

    async def add_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Make a channel a source, and read in what is there."""
        reply, channel, plain = await self._pressed(interaction, press)
        if not self.hears_all:
            raise UserError(texts.WATCH_NEEDS_CONTENT)
        if press.page != _writer(channel):  # meanwhile it was offered with another role
            raise UserError(texts.WATCH_FORGOTTEN)
        if not channel.running:
            await self._watching.change(replace(channel, running=True, read_to=0, trouble=""))
            await reply.show(message_body(notice_card(texts.WATCH_READING), plain=plain))
            await self._watching.catch_up(channel.channel_id)
        now = self._watching.channel(channel.channel_id) or channel
        await reply.show(message_body(notice_card(await self._state(now)), plain=plain))

    async def off_pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Follow a channel no more, and keep or remove what came from it."""
        reply, channel, plain = await self._pressed(interaction, press)
        await self._watching.forget(channel.channel_id)
        stored = await messages_of(self._article_service, channel.guild_id, channel.channel_id)
        told = texts.WATCH_KEPT
        if press.action is Action.WATCH_REMOVE:
            await forget_messages(self._article_service, channel.guild_id, channel.channel_id, stored, purge=False)
            told = texts.WATCH_REMOVED
        await reply.show(
            message_body(notice_card(told.format(channel=f"<#{channel.channel_id}>", count=len(stored))), plain=plain)
        )

    async def _pressed(
        self, interaction: discord.Interaction[Any], press: Press
    ) -> tuple[InteractionReply, ChannelSource, bool]:
        """Acknowledge a press; return the channel that it is about, and whether the message is plain."""
        reply = InteractionReply(interaction, private=True)
        await reply.turn()
        require_manager(interaction)
        channel = self._watching.channel(press.answer_id)
        if channel is None or channel.guild_id != interaction.guild_id:
            raise UserError(texts.WATCH_FORGOTTEN)
        return reply, channel, is_plain(interaction)

    async def _state(self, channel: ChannelSource) -> str:
        count = len(await messages_of(self._article_service, channel.guild_id, channel.channel_id))
        place = f"<#{channel.channel_id}>"
        lines = [texts.WATCH_STATE.format(channel=place, writers=_writers(channel), count=count)]
        return "\n".join([*lines, *([texts.WATCH_TROUBLE.format(reason=channel.trouble)] if channel.trouble else [])])


def _writers(channel: ChannelSource) -> str:
    return texts.WATCH_MANAGERS if channel.role_id is None else f"<@&{channel.role_id}>"


def _writer(channel: ChannelSource) -> int:
    """Return a number of at most four digits by which a button knows whose messages it was about."""
    return (channel.role_id or 0) % 9973


def _under_offer(channel: ChannelSource) -> Rows:
    add = button(
        Press(Action.WATCH_ADD, channel.channel_id, _writer(channel)),
        texts.ARTICLE_ADD_BUTTON,
        discord.ButtonStyle.primary,
    )
    return [[add, button(Press(Action.ARTICLE_CANCEL, 0), texts.ARTICLE_CANCEL_BUTTON)]]


def _under_source(channel_id: int) -> Rows:
    keep = button(Press(Action.WATCH_KEEP, channel_id), texts.WATCH_KEEP_BUTTON)
    gone = button(Press(Action.WATCH_REMOVE, channel_id), texts.WATCH_REMOVE_BUTTON, discord.ButtonStyle.danger)
    return [[keep, gone, button(Press(Action.ARTICLE_CANCEL, 0), texts.ARTICLE_CANCEL_BUTTON)]]
