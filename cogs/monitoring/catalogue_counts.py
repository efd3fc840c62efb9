"""The numbers of libraries, articles and passages in the data folder, from their recorded states."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from index.models import UserError
from storage.library_states import Totals

_INTERVAL: Final = 300.0  # seconds between two counts


class CatalogueCounts:
    """Counts every five minutes while `run` runs; only libraries that have changed are read again."""

    def __init__(self, store: AsyncStore) -> None:
        """Start with nothing counted."""
        self._store = store
        self.totals = Totals(0, 0, 0)

    async def run(self) -> None:
        """Count until cancelled."""
        while True:
            with suppress(UserError, SQLAlchemyError):  # the numbers stay as they are until the next count
                await self.count()
            await asyncio.sleep(_INTERVAL)

    async def count(self) -> None:
        """Count once; a library that cannot be read keeps its last numbers."""
        await self._store.library_watch.update(recent=True)
        self.totals = await self._store.report(self._store.database.library_states.totals)
