"""Keeps the index of which members are named in the history of which libraries, and removes a member from them."""

from __future__ import annotations

from functools import partial

from cogs.core.async_store import AsyncStore
from cogs.core.background_job import BackgroundJob
from cogs.core.fair_queue import Turn
from cogs.core.worker import Priority
from cogs.services import Services


class ContributorIndex(BackgroundJob):
    """Reads the history of each library that has changed, one at a time, on the thread for reports."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self._store: AsyncStore = services.store
        self._resources = services.resources
        self._contributors = services.store.database.contributors

    async def run_once(self) -> None:
        """Read the libraries that have changed since they were last read."""
        for library in await self._store.report(self._outdated):
            await self._store.report(partial(self._scan, library))

    async def libraries_of(self, member: str) -> list[str]:
        """Return the libraries whose history names a member, after reading those that have changed."""
        await self.run_once()
        return await self._store.report(partial(self._contributors.libraries_of, member))

    async def forget_member(self, member: str) -> int:
        """Remove a member's id from the history of every library; return the number of libraries.

        Only the libraries that name the member are opened, in one short job each.
        """
        named = await self.libraries_of(member)
        for library in named:
            remove = partial(self._anonymize, library, member)
            await self._resources.worker.run(remove, priority=Priority.LOADING, turn=Turn(library))
            await self._store.run(partial(self._contributors.forget, member, library))
        return len(named)

    def _outdated(self) -> list[str]:
        catalogues = self._store.report_catalogues
        return self._contributors.outdated({name: self._stamp(name) for name in catalogues.names()})

    def _scan(self, library: str) -> None:
        stamp = self._stamp(library)  # before reading: a change meanwhile is read the next time
        self._contributors.record(library, stamp, self._store.report_catalogues.contributors(library))

    def _stamp(self, library: str) -> str:
        return str(self._store.report_catalogues.modification_stamp(library))

    def _anonymize(self, library: str, member: str) -> None:
        self._resources.libraries().anonymize(member, library)
