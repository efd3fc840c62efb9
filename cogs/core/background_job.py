"""What the bot looks at now and then by itself, for as long as it runs."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from discord.ext import commands

_log = logging.getLogger(__name__)

SECONDS: Final = 60.0  # between two looks


class BackgroundJob(commands.Cog):
    """Looks once Discord is ready, and from then on. Whatever goes wrong is logged, and the next look comes."""

    _looking: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Look once."""
        raise NotImplementedError

    async def cog_unload(self) -> None:
        """Stop looking."""
        if self._looking:
            self._looking.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Begin to look, once; Discord is told to be ready after each new connection."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on())

    async def _look_on(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - nobody waits for this task: it would end unseen, and never look again
                _log.exception("%s could not look; this is tried again", type(self).__name__)
            await asyncio.sleep(SECONDS)
