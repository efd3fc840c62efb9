"""`/article channel`: makes a channel a source after a preview, says how it stands, and switches it off again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import discord
from discord import app_commands

from cogs.articles.channels.authors import readable
from cogs.articles.channels.channel_listener import MOST, ChannelListener
from cogs.articles.channels.messages import forget_messages, messages_of
from cogs.articles.cog import ArticlesCog
from cogs.articles.views import CancelButton
from cogs.core.features import feature
from cogs.core.permissions import require_manager
from cogs.messaging.replies import InteractionReply
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.truncate import name
from i18n import texts
from index.models import UserError
from storage.channel_sources import ChannelSource

_LOOKED_AT: Final = 50  # of the newest messages, for the preview
_SAMPLE: Final = 3
_MAX_LINE: Final = 100


async def offer_channel(
    interaction: discord.Interaction,
    reply: InteractionReply,
    chosen: app_commands.AppCommandChannel,
    role: discord.Role | None,
) -> None:
    """Show what would become articles; of a channel that is a source already, how it stands."""
    articles, listener = feature(interaction, ArticlesCog), feature(interaction, ChannelListener)
    known = listener.channel(chosen.id)
    if not articles.hears_all and not (known and known.running):
        raise UserError(texts.WATCH_NEEDS_CONTENT)
    place = chosen.resolve()
    if not isinstance(place, discord.TextChannel) or not readable(place):
        raise UserError(texts.WATCH_FORBIDDEN.format(channel=chosen.mention))
    if known is not None and known.running:
        rows: Rows = [[KeepButton(place.id), RemoveMessagesButton(place.id), CancelButton()]]
        await articles.show(interaction, reply, notice_card(await _state(articles, known)), rows)
        return
    channel = ChannelSource(place.id, place.guild.id, role.id if role else None)
    messages = [message async for message in place.history(limit=_LOOKED_AT)]
    found = await listener.writers(channel, messages)
    await listener.change(channel)
    said = texts.WATCH_OFFER.format(
        channel=place.mention, writers=_writers(channel), most=MOST, count=len(found), looked=len(messages)
    )
    sample = [f"- {name(message.content, _MAX_LINE)}" for message in found[:_SAMPLE]]
    follow = FollowButton(channel.channel_id, _writer(channel))
    await articles.show(interaction, reply, notice_card("\n".join([said, *sample])), [[follow, CancelButton()]])


class FollowButton(PersistentItem, action="watch-add", ids=2):
    """Makes a channel a source; carries a number that tells whose messages were offered."""

    def __init__(self, channel_id: int, writer: int) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(button(self.custom_id_of(channel_id, writer), texts.ARTICLE_ADD_BUTTON, style))
        self.channel_id, self.writer = channel_id, writer

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Make it a source, and read in what is there."""
        articles, listener = feature(interaction, ArticlesCog), feature(interaction, ChannelListener)
        reply, channel = await _acknowledged(interaction, self.channel_id)
        if not articles.hears_all:
            raise UserError(texts.WATCH_NEEDS_CONTENT)
        if self.writer != _writer(channel):  # meanwhile it was offered with another role
            raise UserError(texts.WATCH_FORGOTTEN)
        plain = is_plain(interaction)
        if not channel.running:
            await listener.change(replace(channel, running=True, read_to=0, trouble=""))
            await reply.show(message_body(notice_card(texts.WATCH_READING), plain=plain))
            await listener.catch_up(channel.channel_id)
        now = listener.channel(channel.channel_id) or channel
        await reply.show(message_body(notice_card(await _state(articles, now)), plain=plain))


class KeepButton(PersistentItem, action="watch-keep"):
    """Follows a channel no more, and keeps the articles that came from it."""

    def __init__(self, channel_id: int) -> None:
        super().__init__(button(self.custom_id_of(channel_id), texts.WATCH_KEEP_BUTTON))
        self.channel_id = channel_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Let go of the channel."""
        await _unfollow(interaction, self.channel_id, remove=False)


class RemoveMessagesButton(PersistentItem, action="watch-remove"):
    """Follows a channel no more, and removes the articles that came from it."""

    def __init__(self, channel_id: int) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(button(self.custom_id_of(channel_id), texts.WATCH_REMOVE_BUTTON, style))
        self.channel_id = channel_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Let go of the channel and its articles."""
        await _unfollow(interaction, self.channel_id, remove=True)


async def _unfollow(interaction: discord.Interaction[Any], channel_id: int, *, remove: bool) -> None:
    articles, listener = feature(interaction, ArticlesCog), feature(interaction, ChannelListener)
    reply, channel = await _acknowledged(interaction, channel_id)
    await listener.forget(channel_id)
    stored = await messages_of(articles.service, channel.guild_id, channel_id)
    if remove:
        await forget_messages(articles.service, channel.guild_id, channel_id, stored, purge=False)
    said = (texts.WATCH_REMOVED if remove else texts.WATCH_KEPT).format(channel=f"<#{channel_id}>", count=len(stored))
    await reply.show(message_body(notice_card(said), plain=is_plain(interaction)))


async def _acknowledged(
    interaction: discord.Interaction[Any], channel_id: int
) -> tuple[InteractionReply, ChannelSource]:
    """Acknowledge a press and return the channel that it is about. Raises UserError if it is none of this server."""
    reply = InteractionReply(interaction, private=True)
    await reply.turn()
    require_manager(interaction)
    channel = feature(interaction, ChannelListener).channel(channel_id)
    if channel is None or channel.guild_id != interaction.guild_id:
        raise UserError(texts.WATCH_FORGOTTEN)
    return reply, channel


async def _state(articles: ArticlesCog, channel: ChannelSource) -> str:
    count = len(await messages_of(articles.service, channel.guild_id, channel.channel_id))
    place = f"<#{channel.channel_id}>"
    lines = [texts.WATCH_STATE.format(channel=place, writers=_writers(channel), count=count)]
    return "\n".join([*lines, *([texts.WATCH_TROUBLE.format(reason=channel.trouble)] if channel.trouble else [])])


def _writers(channel: ChannelSource) -> str:
    return texts.WATCH_MANAGERS if channel.role_id is None else f"<@&{channel.role_id}>"


def _writer(channel: ChannelSource) -> int:
    """Return a number of at most four digits by which a button knows whose messages it was about."""
    return (channel.role_id or 0) % 9973
