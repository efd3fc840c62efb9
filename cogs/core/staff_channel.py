"""Where a server's staff reads the weekly digest and votes, and what keeps the bot from writing there."""

from __future__ import annotations

import discord

from i18n import texts
from storage.models import ServerSettings

StaffChannel = discord.TextChannel | discord.Thread | discord.VoiceChannel | discord.StageChannel


def staff_channel(guild: discord.Guild, channel_id: int | None, *, plain: bool) -> StaffChannel | None:
    """Return a server's digest channel, or None if none is set, it was deleted, or the bot may not write there."""
    channel = guild.get_channel_or_thread(channel_id) if channel_id else None
    return channel if isinstance(channel, StaffChannel) and _may_write(channel, plain=plain) else None


def digest_channel_findings(guild: discord.Guild, settings: ServerSettings) -> list[str]:
    """Return a finding if a server's digest channel is gone or the bot may not write there; empty if none is set."""
    if settings.digest_channel is None:
        return []
    channel = guild.get_channel_or_thread(settings.digest_channel)
    if not isinstance(channel, StaffChannel):
        return [texts.CHECK_DIGEST_GONE]
    if _may_write(channel, plain=settings.plain):
        return []
    return [texts.CHECK_DIGEST.format(channel=channel.mention)]


def _may_write(channel: StaffChannel, *, plain: bool) -> bool:
    allowed = channel.permissions_for(channel.guild.me)
    write = allowed.send_messages_in_threads if isinstance(channel, discord.Thread) else allowed.send_messages
    return allowed.view_channel and write and (allowed.embed_links or not plain)
