"""Daily import counters, stored in discord.db."""

from __future__ import annotations

from cogs.articles.storage_quota import QuotaError
from cogs.core.async_store import AsyncStore
from i18n import texts


class ImportQuota:
    """Limits how many pages, files and texts a server's members may import per day (UTC)."""

    def __init__(self, store: AsyncStore, limit: int) -> None:
        """Count in this store, up to `limit` for each server and day."""
        self._store = store
        self._limit = limit

    async def consume(self, guild_id: int) -> None:
        """Count one import that is about to start. Raises QuotaError if today's limit is reached."""
        counters = self._store.database.import_counters
        if not await self._store.run(lambda: counters.count_read(guild_id, self._limit)):
            raise QuotaError(texts.LOADS_FULL.format(limit=self._limit))
