"""How much a server may have read in on a day; counted in the bot's memory, so a restart forgets nothing."""

from __future__ import annotations

from cogs.articles.storage_quota import QuotaError
from cogs.core.async_store import Records
from i18n import texts


class Quotas:
    """Counts pages, files and texts that members have the bot read in."""

    def __init__(self, records: Records, most: int) -> None:
        """Take what remembers, and the number for one server and one day (UTC)."""
        self._records = records
        self._most = most

    async def spend(self, guild_id: int) -> None:
        """Count one thing that is about to be read in. Raises QuotaError where it is too much for today."""
        loads = self._records.store.loads

        def count() -> bool:
            if loads.read_today(guild_id) >= self._most:
                return False
            loads.count_read(guild_id)
            return True

        if not await self._records.run(count):
            raise QuotaError(texts.LOADS_FULL.format(limit=self._most))
