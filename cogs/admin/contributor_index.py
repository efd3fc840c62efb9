"""Keeps the index of which members are named in the history of which libraries, and removes a member from them."""

from __future__ import annotations

import logging
from functools import partial

from cogs.core.async_store import AsyncStore
from cogs.core.background_job import BackgroundJob
from cogs.core.fair_queue import Turn
from cogs.core.worker import Priority
from cogs.services import Services
from index.models import OperatorError

_log = logging.getLogger(__name__)


class ContributorIndex(BackgroundJob):
    """Reads the history of each library that has changed, one at a time, on the thread for reports."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self._store: AsyncStore = services.store
        self._resources = services.resources
        self._contributors = services.store.database.contributors
        self._unreadable: set[str] = set()

    async def run_once(self) -> None:
        """Read the libraries that have changed since they were last read, except those that cannot be read now."""
        for library in await self._store.report(self._outdated):
            try:
                await self._store.report(partial(self._scan, library))
            except OperatorError as error:
                if library not in self._unreadable:
                    _log.error("The history of the library %r cannot be read: %s", library, error)
                self._unreadable.add(library)
            else:
                self._unreadable.discard(library)

    async def libraries_of(self, member: str) -> list[str]:
        """Return the libraries whose history names a member, after reading those that have changed."""
        await self.run_once()
        return await self._store.report(partial(self._contributors.libraries_of, member))

    async def forget_member(self, member: str) -> int:
        """Remove a member's id from the history of every library; return the number of libraries.

        Only the libraries that name the member are opened, in one short job each. Raises OperatorError at the end if
        some library could not be read: it may name the member still.
        """
        named = await self.libraries_of(member)
        trouble: OperatorError | None = None
        for library in named:
            remove = partial(self._anonymize, library, member)
            try:
                await self._resources.worker.run(remove, priority=Priority.LOADING, turn=Turn(library))
            except OperatorError as error:
                trouble = error
                continue
            await self._store.run(partial(self._contributors.forget, member, library))
        if trouble or self._unreadable:
            raise trouble or OperatorError(f"The history of the library {min(self._unreadable)!r} cannot be read.")
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
