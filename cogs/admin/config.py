"""`/config setup`, `settings`, `channel` and `check`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import discord
from discord import app_commands

from cogs.admin.cog import AdminCog, config_group, say
from cogs.admin.reports import (
    MIN_CONFIDENCES,
    channel_settings_text,
    channels_text,
    chosen_language,
    languages_to_choose,
    min_confidence_text,
    question_policy_text,
    reply_mode_text,
    settings_text,
    staff_settings_text,
)
from cogs.admin.setup_wizard import SetupWizard
from cogs.answers.solved_tag import solved_tag_findings
from cogs.articles.collection_choice import find_collections, send_collection_lists
from cogs.core.channel_option import ChannelOption
from cogs.core.features import feature
from cogs.core.permissions import helpers_channel_findings, permission_findings, thread_permission_findings
from cogs.core.staff_channel import digest_channel_findings
from cogs.core.translator import translatable
from cogs.messaging.interaction_reply import deferred
from i18n import texts
from index.models import UserError
from index.text.tag_names import ALL
from storage.models import RETENTION_DAYS, Mode, QuestionPolicy, QuestionText, ServerSettings

Limit = app_commands.Range[int, 0, 1000]

# The value of a choice that removes what is set for a channel; a confidence is a number.
_INHERITED: Final = "inherited"
_INHERITED_FLOOR: Final = -1.0
_IN_THREAD: Final = "thread"
_IN_REPLY: Final = "reply"

_LANGUAGES: Final = [app_commands.Choice(name=name, value=value) for value, name in languages_to_choose().items()]
_MODES: Final = [
    *(app_commands.Choice(name=texts.MODES[mode], value=mode.value) for mode in Mode),
    app_commands.Choice(name=texts.AS_SERVER, value=_INHERITED),
]
_CONFIDENCES: Final = [
    *(
        app_commands.Choice(name=translatable(partial(min_confidence_text, value)), value=value)
        for value in MIN_CONFIDENCES
    ),
    app_commands.Choice(name=texts.AS_SERVER, value=_INHERITED_FLOOR),
]
_THREADS: Final = [
    app_commands.Choice(name=translatable(partial(reply_mode_text, thread=True)), value=_IN_THREAD),
    app_commands.Choice(name=translatable(partial(reply_mode_text, thread=False)), value=_IN_REPLY),
    app_commands.Choice(name=texts.AS_SERVER, value=_INHERITED),
]


@config_group.command(name=texts.SETUP_NAME, description=texts.SETUP_DESCRIPTION)
async def setup(interaction: discord.Interaction) -> None:
    """Show the first page of the setup wizard."""
    await feature(interaction, SetupWizard).start(interaction)


@config_group.command(name=texts.SETTINGS_NAME, description=texts.SETTINGS_DESCRIPTION)
@app_commands.describe(**texts.SETTINGS_OPTIONS, **texts.STAFF_OPTIONS)
@app_commands.describe(reactions=texts.REACTIONS_OPTION, missed_minutes=texts.MISSED_OPTION)
@app_commands.choices(language=_LANGUAGES)
@app_commands.choices(
    questions=[app_commands.Choice(name=texts.QUESTION_CHOICES[kind], value=kind.value) for kind in QuestionText]
)
async def settings(  # noqa: PLR0913, PLR0917 - each is an option of the command
    interaction: discord.Interaction,
    plain: bool | None = None,
    language: app_commands.Choice[str] | None = None,
    helpers_channel: discord.TextChannel | None = None,
    helpers_role: discord.Role | None = None,
    editor_role: discord.Role | None = None,
    helpers_ping: bool | None = None,
    member_limit: Limit | None = None,
    channel_limit: Limit | None = None,
    server_limit: Limit | None = None,
    questions: app_commands.Choice[str] | None = None,
    question_days: app_commands.Range[int, 1, RETENTION_DAYS] | None = None,
    digest_channel: discord.TextChannel | None = None,
    no_digest: bool = False,
    solved_tag: bool | None = None,
    reactions: bool | None = None,
    missed_minutes: app_commands.Range[int, 0, 1440] | None = None,
) -> None:
    """Change the given settings, and show all of them."""
    options = {
        "plain": plain,
        "language": chosen_language(language.value) if language else None,
        "helpers_channel": helpers_channel.id if helpers_channel else None,
        "helpers_role": helpers_role.id if helpers_role else None,
        "editor_role": editor_role.id if editor_role else None,
        "helpers_ping": helpers_ping,
        "member_limit": member_limit,
        "channel_limit": channel_limit,
        "server_limit": server_limit,
        "questions": questions.value if questions else None,
        "question_days": question_days,
        "digest_channel": digest_channel.id if digest_channel else None,
        "solved_tag": solved_tag,
        "reactions": reactions,
        "missed_minutes": missed_minutes,
    }
    changes: dict[str, object] = {name: value for name, value in options.items() if value is not None}
    if no_digest:
        changes["digest_channel"] = None
    await _change_settings(interaction, changes)


async def _change_settings(interaction: discord.Interaction, changes: Mapping[str, object]) -> None:
    """Change settings of the server, and show all of them with what keeps them from working."""
    admin = feature(interaction, AdminCog)
    async with deferred(interaction) as reply:
        guild_id = interaction.guild_id or 0
        _, now = await admin.store.change_settings(guild_id, lambda before: before.changed(**changes))
        guild = interaction.guild
        warnings = [*helpers_channel_findings(guild, now), *_staff_findings(guild, now)] if guild else []
        policy = now.question_policy(QuestionPolicy.of_operator(admin.settings.question_days))
        text = settings_text(now)
        lines = [text, staff_settings_text(now), question_policy_text(policy), *warnings]
        await say(interaction, reply, "\n".join(lines))


@config_group.command(name=texts.CHANNEL_NAME, description=texts.CHANNEL_DESCRIPTION)
@app_commands.describe(
    channel=texts.CHANNEL_CHANNEL_DESCRIPTION,
    mode=texts.CHANNEL_MODE_DESCRIPTION,
    confidence=texts.CHANNEL_CONFIDENCE_DESCRIPTION,
    thread=texts.CHANNEL_THREAD_DESCRIPTION,
    collections=texts.CHANNEL_COLLECTIONS_DESCRIPTION,
)
@app_commands.choices(mode=_MODES, thread=_THREADS)
@app_commands.choices(confidence=_CONFIDENCES)
async def channel(
    interaction: discord.Interaction,
    channel: app_commands.Transform[app_commands.AppCommandChannel, ChannelOption] | None = None,
    mode: app_commands.Choice[str] | None = None,
    confidence: app_commands.Choice[float] | None = None,
    thread: app_commands.Choice[str] | None = None,
    collections: app_commands.Range[str, 1, 500] | None = None,
) -> None:
    """Set how the bot answers in a channel, or in all channels of a category; without options, show all that is set."""
    admin = feature(interaction, AdminCog)
    async with deferred(interaction) as reply:
        if channel is None:
            if mode or confidence or thread or collections:
                raise UserError(texts.CHANNELS_WHICH)
            await say(interaction, reply, channels_text(await admin.store.settings(interaction.guild_id)))
            return
        wanted = Mode(mode.value) if mode and mode.value != _INHERITED else None
        if wanted and wanted.listens and not admin.settings.message_content:
            raise UserError(texts.NEEDS_CONTENT)
        given = {"modes": mode, "floors": confidence, "in_threads": thread}
        inherited = [
            name for name, choice in given.items() if choice and choice.value in {_INHERITED, _INHERITED_FLOOR}
        ]
        only = await find_collections(admin.store, admin.visibility, interaction, collections or "")

        def change(before: ServerSettings) -> ServerSettings:
            new = before.with_place(
                channel.id,
                mode=wanted,
                floor=confidence.value if confidence and "floors" not in inherited else None,
                thread=thread.value == _IN_THREAD if thread and "in_threads" not in inherited else None,
                inherited=inherited,
            )
            return new if only is None else new.with_collections(channel.id, only)

        _, now = await admin.store.change_settings(interaction.guild_id or 0, change)
        warnings = thread_permission_findings(interaction.guild, now, channel.id) if interaction.guild else []
        await say(interaction, reply, "\n".join([channel_settings_text(now, channel.id), *warnings]))


@channel.autocomplete("collections")
async def channel_collections(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest collections for the end of the list, and all articles."""
    admin = feature(interaction, AdminCog)
    everything = (texts.COLLECTIONS_ALL, ALL)
    return await send_collection_lists(admin.store, admin.visibility, interaction, typed, everything)


@config_group.command(name=texts.CHECK_NAME, description=texts.CHECK_DESCRIPTION)
async def check(interaction: discord.Interaction) -> None:
    """List the bot's missing permissions by channel, and what does not work without each."""
    admin = feature(interaction, AdminCog)
    async with deferred(interaction) as reply:
        guild = interaction.guild
        if guild is None or guild.me is None:
            raise UserError(texts.NOT_HERE)
        settings = await admin.store.settings(guild.id)
        warnings = permission_findings(guild, settings, has_message_content=admin.settings.message_content)
        warnings += _staff_findings(guild, settings)
        await say(
            interaction,
            reply,
            "\n".join([texts.CHECK_HEADING, *warnings]) if warnings else texts.CHECK_FINE,
        )


def _staff_findings(guild: discord.Guild, settings: ServerSettings) -> list[str]:
    """Return what keeps the bot from posting to the digest channel, and from tagging posts."""
    return [*digest_channel_findings(guild, settings), *solved_tag_findings(guild, settings)]
