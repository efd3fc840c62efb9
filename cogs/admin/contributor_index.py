"""Finds the libraries in whose history a member is named, and removes the member from them."""

from __future__ import annotations

import logging
from functools import partial

from cogs.core.async_store import AsyncStore
from cogs.core.background_job import BackgroundJob
from cogs.core.fair_queue import Turn
from cogs.core.job_queue import Priority
from cogs.services import Services
from index.models import UserError
from index.sqlite_errors import StorageError

_log = logging.getLogger(__name__)


class ContributorIndex(BackgroundJob):
    """Uses the recorded states of the libraries, and keeps them up to date."""

    def __init__(self, services: Services) -> None:
        """Use the bot's shared services."""
        self._store: AsyncStore = services.store
        self._resources = services.resources
        self._contributors = services.store.database.contributors

    async def run_once(self) -> None:
        """Read the libraries that have changed since they were last read."""
        await self._store.library_watch.update(recent=True)

    async def libraries_of(self, member: str) -> list[str]:
        """Return the libraries whose history names a member, after reading those that have changed."""
        await self._store.library_watch.update()
        return await self._store.report(partial(self._contributors.libraries_of, member))

    async def forget_member(self, member: str) -> int:
        """Remove a member's id from the history of every library; return the number of libraries.

        Only the libraries that name the member are opened, in one short job each. If some cannot be read or written,
        the error of the first is raised after the others are done.
        """
        failures: list[UserError] = await self._store.library_watch.update()
        named = await self._store.report(partial(self._contributors.libraries_of, member))
        for library in named:
            remove = partial(self._anonymize, library, member)
            try:
                await self._resources.worker.run(remove, priority=Priority.LOADING, turn=Turn(library))
            except UserError as error:
                failures.append(error)
            except Exception as error:  # noqa: BLE001 - damage in one library must not keep the member in the others
                _log.warning("A member stays in the history of the library %s", library, exc_info=True)
                failures.append(StorageError(f"The history of the library {library} cannot be changed ({error})."))
            else:
                await self._store.run(partial(self._contributors.forget, member, library))
        if failures:
            raise failures[0]
        return len(named)

    def _anonymize(self, library: str, member: str) -> None:
        self._resources.libraries().anonymize(member, library)
