"""Base class of the cogs that answer questions."""

from __future__ import annotations

from discord.ext import commands

from cogs.services import Services


class QuestionCog(commands.Cog):
    """Keeps the services that answering a question needs."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take the client and its services."""
        self._bot = bot
        self._ask = services.ask
        self._store = services.store
        self._in_flight = services.in_flight
        self._replies = services.replies
