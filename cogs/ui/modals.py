"""What the bot's forms have in common: how long one may stay open, and what stands in one that was sent."""

from __future__ import annotations

from typing import Any, Final

import discord

SECONDS: Final = 900.0


def fields(interaction: discord.Interaction) -> list[dict[str, Any]]:
    """Return what was filled in, field by field, as Discord sends it: `custom_id` with `value` or `values`."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [part.get("component", {}) for part in data.get("components", ())]
