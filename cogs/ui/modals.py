"""Base class of the bot's forms, and what stands in one that was sent."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import discord
from discord import ui

from cogs.ui.components import custom_id

_SECONDS: Final = 900.0  # that a form may stay open


class PersistentForm(ui.Modal):
    """A form of one action; like a button it carries what it is about, so it may be sent after a restart."""

    action: ClassVar[str]

    def __init_subclass__(cls, *, action: str) -> None:
        """Give the class its action."""
        super().__init_subclass__()
        cls.action = action

    def __init__(self, title: str, first: int = 0, second: int = 0) -> None:
        """Prepare an empty form about these numbers."""
        super().__init__(title=title, timeout=_SECONDS, custom_id=custom_id(self.action, first, second))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], first: int, second: int) -> None:
        """Take what was filled in. Raises UserError with a sentence for the member."""
        raise NotImplementedError


def form_fields(interaction: discord.Interaction) -> list[dict[str, Any]]:
    """Return the fields of a form that was sent, as Discord sends them: `custom_id` with `value` or `values`."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [part.get("component", {}) for part in data.get("components", ())]
