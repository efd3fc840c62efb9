"""The check of every slash command and menu entry, before its own code runs."""

from __future__ import annotations

from typing import Any

import discord

from cogs.core.roles import action_of, may, require
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.replies import report_errors


async def may_use_command(interaction: discord.Interaction[Any]) -> bool:
    """Whether the member may use the command of the interaction; if not, they are told so.

    What is known at once decides first. Only who would be refused waits, behind an acknowledgement, for what the
    server's Integrations page says: a command that Discord has let through is not forbidden there.
    """
    command, reply = interaction.command, InteractionReply(interaction, private=True)
    if command is None:
        return True  # discord.py reports it
    async with report_errors(reply):
        action = action_of(command)
        if await may(interaction, action):
            return True
        await reply.defer()
        await require(interaction, action)
        return True
    return False
