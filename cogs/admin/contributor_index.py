"""Keeps the index of which members are named in the history of which libraries, and removes a member from them."""

from __future__ import annotations

import logging
from functools import partial

from cogs.core.async_store import AsyncStore
from cogs.core.background_job import BackgroundJob
from cogs.core.fair_queue import Turn
from cogs.core.worker import Priority
from cogs.services import Services
from index.sqlite_errors import StorageError

_log = logging.getLogger(__name__)


class ContributorIndex(BackgroundJob):
    """Reads the history of each library that has changed, one at a time, on the thread for reports."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self._store: AsyncStore = services.store
        self._resources = services.resources
        self._contributors = services.store.database.contributors
        self._unreadable: set[str] = set()  # libraries whose error was logged

    async def run_once(self) -> None:
        """Read the libraries that have changed since they were last read."""
        await self._scan_outdated()

    async def libraries_of(self, member: str) -> list[str]:
        """Return the libraries whose history names a member, after reading those that have changed."""
        await self._scan_outdated()
        return await self._store.report(partial(self._contributors.libraries_of, member))

    async def forget_member(self, member: str) -> int:
        """Remove a member's id from the history of every library; return the number of libraries.

        Only the libraries that name the member are opened, in one short job each. If some cannot be read or written,
        the error of the first is raised after the others are done.
        """
        failures = await self._scan_outdated()
        named = await self._store.report(partial(self._contributors.libraries_of, member))
        for library in named:
            remove = partial(self._anonymize, library, member)
            try:
                await self._resources.worker.run(remove, priority=Priority.LOADING, turn=Turn(library))
            except StorageError as error:
                failures.append(error)
            else:
                await self._store.run(partial(self._contributors.forget, member, library))
        if failures:
            raise failures[0]
        return len(named)

    async def _scan_outdated(self) -> list[StorageError]:
        """Read the libraries that have changed; return the errors of those that cannot be read, which are logged."""
        failures: dict[str, StorageError] = {}
        for library in await self._store.report(self._outdated):
            try:
                await self._store.report(partial(self._scan, library))
            except StorageError as error:
                if library not in self._unreadable:
                    _log.warning("The history of the library %s is not read: %s", library, error)
                failures[library] = error
        self._unreadable = set(failures)
        return list(failures.values())

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
