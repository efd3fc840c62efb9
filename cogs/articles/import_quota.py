"""How much a server may have read in on a day; counted in the bot's memory, so a restart forgets nothing."""

from __future__ import annotations

from cogs.articles.storage_quota import QuotaError
from cogs.core.async_store import AsyncStore
from i18n import texts


class ImportQuota:
    """Counts pages, files and texts that members have the bot read in."""

    def __init__(self, store: AsyncStore, most: int) -> None:
        """Take what remembers, and the number for one server and one day (UTC)."""
        self._store = store
        self._most = most

    async def spend(self, guild_id: int) -> None:
        """Count one thing that is about to be read in. Raises QuotaError where it is too much for today."""
        loads = self._store.database.site_imports

        def count() -> bool:
            if loads.read_today(guild_id) >= self._most:
                return False
            loads.count_read(guild_id)
            return True

        if not await self._store.run(count):
            raise QuotaError(texts.LOADS_FULL.format(limit=self._most))
