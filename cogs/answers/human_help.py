"""The button that asks a server's helpers to look at an answer."""

from __future__ import annotations

from typing import Any

import discord

from cogs.core.features import feature
from cogs.helpers.calls import HelpCalls
from cogs.ui.components import AnswerButton
from i18n import texts


class HumanButton(AnswerButton, action="human", label=lambda: texts.HUMAN_BUTTON):
    """Calls a human to an answer."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Post the call in the helpers' channel."""
        await feature(interaction, HelpCalls).call(interaction, self.answer_id)
