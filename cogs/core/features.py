"""Typed lookup of a cog of the running client."""

from __future__ import annotations

from typing import Any, TypeVar

import discord
from discord.ext import commands

F = TypeVar("F", bound=commands.Cog)


def feature(interaction: discord.Interaction[Any], kind: type[F]) -> F:
    """Return the client's cog of class `kind`. Raises LookupError if it was not added."""
    cog = interaction.client.get_cog(kind.__name__)
    if isinstance(cog, kind):
        return cog
    raise LookupError(f"the client has no feature {kind.__name__}")
