"""`/article follow channel`: previews a channel as a source, shows the status of one, and stops following it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import discord
from discord import app_commands

from cogs.articles.channels.authors import can_read_history
from cogs.articles.channels.channel_listener import ChannelListener
from cogs.articles.channels.channel_sync import MAX_HISTORY
from cogs.articles.channels.messages import remove_messages, stored_message_ids
from cogs.articles.cog import ArticlesCog
from cogs.articles.views import CancelButton
from cogs.core.features import feature
from cogs.core.permissions import private_source_warning
from cogs.core.roles import Action, require
from cogs.messaging.interaction_reply import InteractionReply
from cogs.ui.answer_card import notice_card
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import is_plain, message_body
from cogs.ui.truncate import escaped_name
from i18n import texts
from index.models import UserError
from storage.channel_sources import ChannelSource

_PREVIEWED: Final = 50  # newest messages that the preview counts
_SAMPLE: Final = 3  # messages quoted in the preview
_MAX_LINE: Final = 100


async def offer_channel(
    interaction: discord.Interaction,
    reply: InteractionReply,
    option: app_commands.AppCommandChannel,
    role: discord.Role | None,
) -> None:
    """Show which messages would become articles; for a channel that is a source already, show its status."""
    articles, listener = feature(interaction, ArticlesCog), feature(interaction, ChannelListener)
    known = listener.get(option.id)
    if not articles.message_content and not (known and known.running):
        raise UserError(texts.NEEDS_CONTENT)
    text_channel = option.resolve()
    if not isinstance(text_channel, discord.TextChannel) or not can_read_history(text_channel):
        raise UserError(texts.CHANNEL_FORBIDDEN.format(channel=option.mention))
    if known is not None and known.running:
        rows: Rows = [[KeepButton(text_channel.id), RemoveMessagesButton(text_channel.id), CancelButton()]]
        await articles.show(interaction, reply, notice_card(await _status_text(articles, known)), rows)
        return
    await articles.require_reader(interaction, text_channel)
    channel = ChannelSource(text_channel.id, text_channel.guild.id, role.id if role else None)
    text = await _preview_text(listener, channel, text_channel)
    await listener.save(channel)
    follow = FollowButton(channel.channel_id, _role_number(channel))
    await articles.show(interaction, reply, notice_card(text), [[follow, CancelButton()]])


async def _preview_text(listener: ChannelListener, channel: ChannelSource, text_channel: discord.TextChannel) -> str:
    """Return how many of the newest messages would be stored, with a sample."""
    messages = [message async for message in text_channel.history(limit=_PREVIEWED)]
    selected = await listener.select_messages(channel, messages)
    heading = texts.WATCH_OFFER.format(
        channel=text_channel.mention,
        writers=_authors_text(channel),
        most=MAX_HISTORY,
        count=len(selected),
        looked=len(messages),
    )
    sample = [f"- {escaped_name(message.content, _MAX_LINE)}" for message in selected[:_SAMPLE]]
    return "\n".join(filter(None, [private_source_warning(text_channel), heading, *sample]))


class FollowButton(PersistentItem, action="watch-add", ids=2):
    """Makes a channel a source; `role_number` identifies the role whose messages the preview was about."""

    def __init__(self, channel_id: int, role_number: int) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(button(self.custom_id_of(channel_id, role_number), texts.ARTICLE_ADD_BUTTON, style))
        self.channel_id, self.role_number = channel_id, role_number

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Start following the channel, and store its newest messages."""
        articles, listener = feature(interaction, ArticlesCog), feature(interaction, ChannelListener)
        reply, channel = await _acknowledge(interaction, self.channel_id)
        if not articles.message_content:
            raise UserError(texts.NEEDS_CONTENT)
        await articles.require_reader(interaction, interaction.client.get_channel(self.channel_id))
        if self.role_number != _role_number(channel):  # it has been offered with another role since
            raise UserError(texts.WATCH_FORGOTTEN)
        plain = is_plain(interaction)
        if not channel.running:
            await listener.save(replace(channel, running=True, read_to=0, trouble=""))
            await reply.show(message_body(notice_card(texts.WATCH_READING), plain=plain))
            await listener.catch_up(channel.channel_id)
        now = listener.get(channel.channel_id) or channel
        await reply.show(message_body(notice_card(await _status_text(articles, now)), plain=plain))


class KeepButton(PersistentItem, action="watch-keep"):
    """Stops following a channel and keeps its articles."""

    def __init__(self, channel_id: int) -> None:
        super().__init__(button(self.custom_id_of(channel_id), texts.WATCH_KEEP_BUTTON))
        self.channel_id = channel_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Stop following the channel."""
        await _unfollow(interaction, self.channel_id, remove=False)


class RemoveMessagesButton(PersistentItem, action="watch-remove"):
    """Stops following a channel and removes its articles."""

    def __init__(self, channel_id: int) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(button(self.custom_id_of(channel_id), texts.WATCH_REMOVE_BUTTON, style))
        self.channel_id = channel_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Stop following the channel and remove its articles."""
        await _unfollow(interaction, self.channel_id, remove=True)


async def _unfollow(interaction: discord.Interaction[Any], channel_id: int, *, remove: bool) -> None:
    articles, listener = feature(interaction, ArticlesCog), feature(interaction, ChannelListener)
    reply, channel = await _acknowledge(interaction, channel_id)
    await listener.remove(channel_id)
    stored = await stored_message_ids(articles.service, channel.guild_id, channel_id)
    if remove:
        await remove_messages(articles.service, channel.guild_id, channel_id, stored, purge=False)
    text = (texts.WATCH_REMOVED if remove else texts.WATCH_KEPT).format(channel=f"<#{channel_id}>", count=len(stored))
    await reply.show(message_body(notice_card(text), plain=is_plain(interaction)))


async def _acknowledge(
    interaction: discord.Interaction[Any], channel_id: int
) -> tuple[InteractionReply, ChannelSource]:
    """Acknowledge a press and return its reply and channel. Raises UserError if the channel is not of this server."""
    reply = InteractionReply(interaction, private=True)
    await reply.defer_update()
    await require(interaction, Action.FOLLOW_CHANNEL)
    channel = feature(interaction, ChannelListener).get(channel_id)
    if channel is None or channel.guild_id != interaction.guild_id:
        raise UserError(texts.WATCH_FORGOTTEN)
    return reply, channel


async def _status_text(articles: ArticlesCog, channel: ChannelSource) -> str:
    count = len(await stored_message_ids(articles.service, channel.guild_id, channel.channel_id))
    mention = f"<#{channel.channel_id}>"
    lines = [texts.WATCH_STATE.format(channel=mention, writers=_authors_text(channel), count=count)]
    return "\n".join([*lines, *([texts.WATCH_TROUBLE.format(reason=channel.trouble)] if channel.trouble else [])])


def _authors_text(channel: ChannelSource) -> str:
    return texts.WATCH_MANAGERS if channel.role_id is None else f"<@&{channel.role_id}>"


def _role_number(channel: ChannelSource) -> int:
    """Return the role's id reduced to four digits, which is what fits into a custom id; 0 without a role."""
    return (channel.role_id or 0) % 9973
