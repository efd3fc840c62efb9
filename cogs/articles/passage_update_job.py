"""Background job that splits and embeds articles again after an update of the bot, at the lowest priority."""

from __future__ import annotations

import logging
from functools import partial

from cogs.core.background_job import BackgroundJob
from cogs.core.fair_queue import Turn
from cogs.core.job_queue import BusyError, Priority
from cogs.core.work_share import EVERYTHING, WorkShare, does_library
from cogs.services import Services
from index.models import UserError

_log = logging.getLogger(__name__)


class PassageUpdateJob(BackgroundJob):
    """Updates the passages that an earlier version's chunker made, article by article, while questions are answered.

    Until then old and new passages are searched together: the vectors of one embedding model can be compared.
    """

    def __init__(self, services: Services, share: WorkShare = EVERYTHING) -> None:
        """Use the bot's shared services; update the libraries in `share`."""
        self._share = share
        self._store = services.store
        self._resources = services.resources
        # Libraries with nothing left that can be updated; a running bot only adds new passages.
        self._done: set[str] = set()

    async def run_once(self) -> None:
        """Update the libraries with passages of another version than those stored now."""
        await self._store.library_watch.update(recent=True)
        worker, libraries = self._resources.worker, self._resources.libraries
        try:
            version = await worker.run(lambda: libraries().current_index_version(), priority=Priority.LOADING)
            states = self._store.database.library_states
            for name in await self._store.report(partial(states.with_other_passages, version)):
                if name not in self._done and does_library(self._share, name):
                    await self._update(name, version)
                    self._done.add(name)
        except BusyError:
            return  # there is more urgent work; the job runs again

    async def _update(self, name: str, version: str) -> None:
        worker, libraries = self._resources.worker, self._resources.libraries
        try:
            outdated = await self._store.report(partial(self._store.report_catalogues.outdated_articles, name, version))
            if not outdated:
                return  # without opening the library, in place of one in use
            library = await worker.run(lambda: libraries().open(name), priority=Priority.LOADING, turn=Turn(name))
            for article_id in outdated:
                await worker.run_in_steps(library.update_in_steps(article_id), turn=Turn(name))
        except BusyError:
            raise
        except UserError as error:  # such as another embedding model, which only `reindex` can change
            _log.warning("The passages of the library %s were not updated: %s", name, error)
        except Exception:  # noqa: BLE001 - damage in one library must not keep the others from being updated
            _log.warning("The passages of the library %s were not updated", name, exc_info=True)
        else:
            _log.info("Updated the passages of %s articles of the library %s", len(outdated), name)
