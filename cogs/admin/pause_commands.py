"""`/config pause` and `/config resume`."""

from __future__ import annotations

import time
from typing import Final

import discord
from discord import app_commands

from cogs.admin.cog import AdminCog, config_group, say
from cogs.core.features import feature
from cogs.core.pauses import end_of
from cogs.messaging.interaction_reply import deferred
from i18n import texts

_MINUTE: Final = 60  # seconds
_TIMES: Final = [app_commands.Choice(name=name, value=int(minutes)) for minutes, name in texts.PAUSE_TIMES.items()]


@config_group.command(name=texts.PAUSE_NAME, description=texts.PAUSE_DESCRIPTION)
@app_commands.describe(duration=texts.PAUSE_TIME_DESCRIPTION)
@app_commands.choices(duration=_TIMES)
async def pause(interaction: discord.Interaction, duration: app_commands.Choice[int] | None = None) -> None:
    """Stop answering in this server, for a while or until `/config resume`; a new pause replaces an earlier one."""
    store = feature(interaction, AdminCog).store
    async with deferred(interaction) as reply:
        seconds = duration.value * _MINUTE if duration else 0
        _, now = await store.change_settings(
            interaction.guild_id or 0, lambda before: before.paused_for(seconds, time.time())
        )
        text = texts.PAUSED_NOW_UNTIL.format(when=end_of(now)) if now.paused_until else texts.PAUSED_NOW
        await say(interaction, reply, text)


@config_group.command(name=texts.RESUME_NAME, description=texts.RESUME_DESCRIPTION)
async def resume(interaction: discord.Interaction) -> None:
    """Answer in this server again."""
    store = feature(interaction, AdminCog).store
    async with deferred(interaction) as reply:
        before, _ = await store.change_settings(interaction.guild_id or 0, lambda now: now.resumed())
        await say(interaction, reply, texts.GOING_ON if before.paused else texts.NOT_PAUSED)
