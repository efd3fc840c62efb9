"""The numbers of libraries, articles and passages in the data folder, counted in the background."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from index.models import UserError

_INTERVAL: Final = 300.0  # seconds between two counts
_BATCH: Final = 20  # libraries counted in one job of the reporting thread, so that reports need not wait


class CatalogueCounts:
    """Counts every five minutes while `run` runs; only libraries that have changed are read again."""

    def __init__(self, store: AsyncStore) -> None:
        """Start with nothing counted."""
        self._store = store
        self._known: dict[str, tuple[tuple[int, ...], int, int]] = {}
        self.libraries = 0
        self.articles = 0
        self.passages = 0

    async def run(self) -> None:
        """Count until cancelled."""
        while True:
            with suppress(UserError, SQLAlchemyError):  # the numbers stay as they are until the next count
                await self.count()
            await asyncio.sleep(_INTERVAL)

    async def count(self) -> None:
        """Count once."""
        names = await self._store.report(self._store.report_catalogues.names)
        self._known = {name: self._known[name] for name in names if name in self._known}
        for first in range(0, len(names), _BATCH):
            await self._store.report(partial(self._count, names[first : first + _BATCH]))
        self.libraries = len(names)
        self.articles = sum(articles for _, articles, _ in self._known.values())
        self.passages = sum(passages for _, _, passages in self._known.values())

    def _count(self, names: list[str]) -> None:
        """Count some libraries, on the reporting thread; one that cannot be read keeps its last numbers."""
        catalogues = self._store.report_catalogues
        for name in names:
            stamp = catalogues.modification_stamp(name)
            if name in self._known and self._known[name][0] == stamp:
                continue
            try:
                self._known[name] = (stamp, *catalogues.counts(name))
            except UserError:
                continue
