"""Permissions: what the bot may not do where and what breaks without it, and who may manage a server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import discord

from i18n import texts
from index.models import UserError
from storage.models import Mode, ServerSettings

_MOST_NAMED: Final = 8  # channels named one by one for one finding

Writable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel


def findings(guild: discord.Guild, settings: ServerSettings, *, hears_all: bool) -> list[str]:
    """Return a sentence for each thing that is missing, with the channels where it is; none where all is well."""
    missing: defaultdict[str, list[str]] = defaultdict(list)
    for channel in guild.channels:
        if isinstance(channel, Writable):
            for finding in _of_channel(channel, channel.permissions_for(guild.me), settings):
                missing[finding].append(channel.mention)
    found = [texts.CHECK_FINDING.format(channels=_listed(places), finding=text) for text, places in missing.items()]
    return found + _unheard(guild, settings, hears_all=hears_all) + helpers_findings(guild, settings)


def _unheard(guild: discord.Guild, settings: ServerSettings, *, hears_all: bool) -> list[str]:
    """Return where the bot should listen and cannot: whoever runs it has taken the intent away since."""
    places = [place for place, mode in settings.modes.items() if Mode(mode).listens and guild.get_channel(int(place))]
    if hears_all or not places:
        return []
    channels = _listed([f"<#{place}>" for place in places])
    return [texts.CHECK_FINDING.format(channels=channels, finding=texts.NEEDS_CONTENT)]


def _of_channel(channel: Writable, allowed: discord.Permissions, settings: ServerSettings) -> list[str]:
    """Return what is missing in a channel; where the bot sees nothing, nothing else matters."""
    if not allowed.view_channel:
        return [texts.CHECK_VIEW]
    threads = isinstance(channel, discord.TextChannel | discord.ForumChannel)
    needed = (
        (allowed.send_messages or isinstance(channel, discord.ForumChannel), texts.CHECK_SEND),
        (allowed.send_messages_in_threads or not threads, texts.CHECK_THREADS),
        (allowed.create_public_threads or not _begins_threads(settings, channel), texts.CHECK_NEW_THREADS),
        (allowed.read_message_history, texts.CHECK_HISTORY),
        (allowed.embed_links or not settings.plain, texts.CHECK_EMBEDS),
    )
    return [text for fulfilled, text in needed if not fulfilled]


def _begins_threads(settings: ServerSettings, channel: Writable) -> bool:
    """Whether what is said in a channel is to be answered in new threads; a forum's posts are threads already."""
    places = channel.id, channel.category_id
    listens = isinstance(channel, discord.TextChannel) and settings.mode_of(*places).listens
    return listens and settings.threads_in(*places)


def new_threads_findings(guild: discord.Guild, settings: ServerSettings, place: int) -> list[str]:
    """Return what keeps the bot from beginning threads in a channel, or in the channels of a category."""
    channels = [
        channel.mention
        for channel in guild.channels
        if isinstance(channel, Writable)
        and place in {channel.id, channel.category_id}
        and _begins_threads(settings, channel)
        and not channel.permissions_for(guild.me).create_public_threads
    ]
    return [texts.CHECK_FINDING.format(channels=_listed(channels), finding=texts.CHECK_NEW_THREADS)] if channels else []


def helpers_findings(guild: discord.Guild, settings: ServerSettings) -> list[str]:
    """Return what keeps the bot from calling the helpers; nothing where no channel of theirs is set."""
    if settings.helpers_channel is None:
        return []
    channel = guild.get_channel(settings.helpers_channel)
    if channel is None:
        return [texts.CHECK_HELPERS_GONE]
    allowed = channel.permissions_for(guild.me)
    if allowed.view_channel and allowed.send_messages:
        return []
    return [texts.CHECK_HELPERS.format(channel=channel.mention)]


def _listed(places: Sequence[str]) -> str:
    named = ", ".join(places[:_MOST_NAMED])
    rest = len(places) - _MOST_NAMED
    return texts.AND_MORE.format(named=named, count=rest) if rest > 0 else named


def is_manager(interaction: discord.Interaction[Any]) -> bool:
    """Whether the member may manage the server, as Discord says with the interaction."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild


def is_helper(interaction: discord.Interaction, settings: ServerSettings) -> bool:
    """Tell whether the member may act for all: who manages messages here, or has the helpers' role."""
    member = interaction.user
    if isinstance(member, discord.Member) and member.get_role(settings.helpers_role or 0) is not None:
        return True
    return interaction.guild_id is not None and interaction.permissions.manage_messages


def require_moderator(interaction: discord.Interaction[Any]) -> None:
    """Raise UserError unless the member may manage messages where this happens, or the server."""
    allowed = interaction.permissions
    if interaction.guild_id is None or not (allowed.manage_messages or allowed.manage_guild):
        raise UserError(texts.NOT_ALLOWED)


def require_manager(interaction: discord.Interaction[Any]) -> None:
    """Check the permission once more: it may have been taken away since a message was shown. Raises UserError."""
    if not is_manager(interaction):
        raise UserError(texts.NOT_ALLOWED)
