"""Base class of the bot's forms, and access to submitted fields."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import discord
from discord import ui

from cogs.ui.components import custom_id

_TIMEOUT_SECONDS: Final = 900.0


class PersistentForm(ui.Modal):
    """A form of one action; its custom id holds all state, so it can be submitted after a restart."""

    action: ClassVar[str]

    def __init_subclass__(cls, *, action: str) -> None:
        """Set the action."""
        super().__init_subclass__()
        cls.action = action

    def __init__(self, title: str, first: int = 0, second: int = 0) -> None:
        """Create an empty form with two numbers in its custom id."""
        super().__init__(title=title, timeout=_TIMEOUT_SECONDS, custom_id=custom_id(self.action, first, second))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], first: int, second: int) -> None:
        """Handle the submitted form. May raise UserError with a sentence for the member."""
        raise NotImplementedError


def form_fields(interaction: discord.Interaction) -> list[dict[str, Any]]:
    """Return the fields of a submitted form as Discord sends them: `custom_id` with `value` or `values`."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [part.get("component", {}) for part in data.get("components", ())]
