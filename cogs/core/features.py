"""Finding a feature of the running client by its class."""

from __future__ import annotations

from typing import Any, TypeVar

import discord
from discord.ext import commands

F = TypeVar("F", bound=commands.Cog)


def feature(interaction: discord.Interaction[Any], kind: type[F]) -> F:
    """Return the client's cog of a kind. Raises LookupError if it was not added."""
    found = interaction.client.get_cog(kind.__name__)
    if isinstance(found, kind):
        return found
    raise LookupError(f"the client has no feature {kind.__name__}")
