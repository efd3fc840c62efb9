"""Permission checks: what the bot lacks in which channels, who may handle an answer, and who can read a place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import discord

from cogs.core.place_access import Place, everyone_there_reads
from cogs.core.roles import Action, may
from i18n import texts
from index.models import UserError
from storage.models import Mode, ServerSettings
from storage.stored_answers import StoredAnswer

_MOST_NAMED: Final = 8  # channels listed per finding

Writable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel


def permission_findings(guild: discord.Guild, settings: ServerSettings, *, has_message_content: bool) -> list[str]:
    """Return one sentence per missing permission, with the affected channels; empty if nothing is missing.

    `has_message_content` says whether the client has the privileged message content intent.
    """
    missing: defaultdict[str, list[str]] = defaultdict(list)
    for channel in guild.channels:
        if isinstance(channel, Writable):
            for finding in _channel_findings(channel, channel.permissions_for(guild.me), settings):
                missing[finding].append(channel.mention)
    found = [
        texts.CHECK_FINDING.format(channels=_join_channels(mentions), finding=text)
        for text, mentions in missing.items()
    ]
    found += _intent_findings(guild, settings, has_message_content=has_message_content)
    return found + helpers_channel_findings(guild, settings)


def _intent_findings(guild: discord.Guild, settings: ServerSettings, *, has_message_content: bool) -> list[str]:
    """Return a finding if channels are set to be listened to but the message content intent is off."""
    listened = [key for key, mode in settings.modes.items() if Mode(mode).listens and guild.get_channel(int(key))]
    if has_message_content or not listened:
        return []
    channels = _join_channels([f"<#{key}>" for key in listened])
    return [texts.CHECK_FINDING.format(channels=channels, finding=texts.NEEDS_CONTENT)]


def _channel_findings(channel: Writable, allowed: discord.Permissions, settings: ServerSettings) -> list[str]:
    """Return the texts of the permissions missing in one channel; only that of viewing it if that is missing."""
    if not allowed.view_channel:
        return [texts.CHECK_VIEW]
    threads = isinstance(channel, discord.TextChannel | discord.ForumChannel)
    needed = (
        (allowed.send_messages or isinstance(channel, discord.ForumChannel), texts.CHECK_SEND),
        (allowed.send_messages_in_threads or not threads, texts.CHECK_THREADS),
        (allowed.create_public_threads or not _answers_in_threads(settings, channel), texts.CHECK_NEW_THREADS),
        (allowed.read_message_history, texts.CHECK_HISTORY),
        (allowed.embed_links or not settings.plain, texts.CHECK_EMBEDS),
    )
    return [text for fulfilled, text in needed if not fulfilled]


def _answers_in_threads(settings: ServerSettings, channel: Writable) -> bool:
    """Whether questions in a channel are answered in new threads; forum posts are threads already."""
    ids = channel.id, channel.category_id
    listens = isinstance(channel, discord.TextChannel) and settings.mode_of(*ids).listens
    return listens and settings.threads_in(*ids)


def thread_permission_findings(guild: discord.Guild, settings: ServerSettings, channel_id: int) -> list[str]:
    """Return a finding if the bot may not create threads in a channel, or in channels of a category."""
    channels = [
        channel.mention
        for channel in guild.channels
        if isinstance(channel, Writable)
        and channel_id in {channel.id, channel.category_id}
        and _answers_in_threads(settings, channel)
        and not channel.permissions_for(guild.me).create_public_threads
    ]
    if not channels:
        return []
    return [texts.CHECK_FINDING.format(channels=_join_channels(channels), finding=texts.CHECK_NEW_THREADS)]


def helpers_channel_findings(guild: discord.Guild, settings: ServerSettings) -> list[str]:
    """Return a finding if the bot cannot write in the helpers' channel, or ping there; empty if none is set."""
    if settings.helpers_channel is None:
        return []
    channel = guild.get_channel(settings.helpers_channel)
    if channel is None:
        return [texts.CHECK_HELPERS_GONE]
    allowed = channel.permissions_for(guild.me)
    if not (allowed.view_channel and allowed.send_messages):
        return [texts.CHECK_HELPERS.format(channel=channel.mention)]
    role = guild.get_role(settings.helpers_role or 0) if settings.helpers_ping else None
    if role is None or role.mentionable or allowed.mention_everyone:
        return []
    return [texts.CHECK_HELPERS_PING.format(role=role.mention)]


def _join_channels(mentions: Sequence[str]) -> str:
    named = ", ".join(mentions[:_MOST_NAMED])
    rest = len(mentions) - _MOST_NAMED
    return texts.AND_MORE.format(named=named, count=rest) if rest > 0 else named


async def require_asker_or_moderator(interaction: discord.Interaction[Any], answer: StoredAnswer | None) -> None:
    """Raise UserError unless the member asked for the answer or may handle the answers of others.

    An answer that is no longer stored, None, has no asker.
    """
    is_asker = answer is not None and answer.asker_id == interaction.user.id
    if not is_asker and not await may(interaction, Action.OTHERS_ANSWER):
        raise UserError(texts.NOT_YOURS if answer else texts.ANSWER_FORGOTTEN)


def everyone_can_read(place: object) -> bool:
    """Whether every member of the server can read a channel, or a thread or post; False for what is unknown.

    It is the rule by which articles from there are quoted publicly; permissions of single members are left out.
    """
    if not isinstance(place, discord.abc.GuildChannel | discord.Thread):
        return False
    return everyone_there_reads(place.guild, None, Place.of(place))


def private_source_warning(place: object) -> str:
    """Return a warning about quoting a place that not everyone can read; empty if everyone can."""
    if everyone_can_read(place):
        return ""
    return texts.SOURCE_PRIVATE.format(channel=getattr(place, "mention", ""))
