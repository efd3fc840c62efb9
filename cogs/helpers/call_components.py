"""The buttons of a call for a human."""

from __future__ import annotations

from typing import Any

import discord

from cogs.core.features import feature
from cogs.helpers.calls import HelpCalls
from cogs.ui.components import PersistentItem, Rows, button
from i18n import texts
from storage.human_calls import HumanCall


def call_rows(call: HumanCall) -> Rows:
    """Return the buttons of a call's message: none once it is over."""
    if not call.is_open:
        return []
    first = ClaimButton(call.id) if call.claimed_by is None else UnclaimButton(call.id)
    return [[first, ResolveButton(call.id)]]


class ClaimButton(PersistentItem, action="call-claim"):
    """Lets a helper say that they answer."""

    def __init__(self, call_id: int) -> None:
        super().__init__(button(self.custom_id_of(call_id), texts.CLAIM_BUTTON, discord.ButtonStyle.primary))
        self.call_id = call_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Claim the call."""
        await feature(interaction, HelpCalls).claim(interaction, self.call_id)


class UnclaimButton(PersistentItem, action="call-unclaim"):
    """Lets another helper answer."""

    def __init__(self, call_id: int) -> None:
        super().__init__(button(self.custom_id_of(call_id), texts.UNCLAIM_BUTTON))
        self.call_id = call_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Give up the claim."""
        await feature(interaction, HelpCalls).unclaim(interaction, self.call_id)


class ResolveButton(PersistentItem, action="call-resolve"):
    """Closes a call, in the helpers' channel."""

    def __init__(self, call_id: int) -> None:
        super().__init__(button(self.custom_id_of(call_id), texts.RESOLVE_BUTTON, discord.ButtonStyle.success))
        self.call_id = call_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Resolve the call."""
        await feature(interaction, HelpCalls).resolve(interaction, self.call_id)


class SolvedButton(PersistentItem, action="call-solved"):
    """Closes a call, for the member who has made it; it works in direct messages too."""

    def __init__(self, call_id: int) -> None:
        super().__init__(button(self.custom_id_of(call_id), texts.SOLVED_BUTTON))
        self.call_id = call_id

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Resolve the call."""
        await feature(interaction, HelpCalls).solved(interaction, self.call_id)
