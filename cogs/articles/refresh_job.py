"""Background job that refreshes sources when they are due, at the lowest priority."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Generator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from cogs.articles.storage_quota import quota_of, require_space
from cogs.core.background_job import BackgroundJob
from cogs.core.fair_queue import Turn
from cogs.core.gateway import SteadyClient
from cogs.core.job_queue import BusyError, Priority
from cogs.core.work_share import does_library
from cogs.services import Services
from index.catalog.article_sources import KnownSources
from index.libraries.library_names import own_library, server_of
from index.models import Draft, OperatorError
from index.refreshing.change_detection import DetectedChanges, RefreshTarget, detect_changes
from index.refreshing.refresh import RefreshRules, apply_changes
from index.refreshing.schedule import due, next_due
from index.sources.http.addresses import is_address
from index.trusted_clock import TrustedClock
from observability.metrics import REFRESH_FAILURES, REFRESHES
from storage.library_states import NextCheck

T = TypeVar("T")

_log = logging.getLogger(__name__)

_AFTER_FAILURE: Final = timedelta(hours=1)
_AT_ONCE: Final = 4  # libraries that are refreshed at the same time; fetching and storing have queues of their own
_NOTED_AT_ONCE: Final = 50  # libraries of which is noted in one transaction when they are due next
_DAY: Final = timedelta(days=1)
_NO_SOURCES: Final = KnownSources((), (), frozenset())


class RefreshJob(BackgroundJob):
    """Refreshes the sources of all libraries, except those of servers that the bot has left.

    Of several processes, each does the libraries of the servers on its shards, and the one that leads the shared one.
    """

    def __init__(self, bot: SteadyClient, services: Services) -> None:
        """Use the bot's shared services."""
        settings = services.settings
        self._bot = bot
        self._store = services.store
        self._resources = services.resources
        self._quota = quota_of(settings)
        self._rules = RefreshRules(settings.refresh_change_limit, settings.refresh_grace_days)
        self._hours = settings.refresh_hours  # between two checks of a source without an interval of its own
        self._days = settings.history_days
        self._states = services.store.database.library_states
        self._clock = TrustedClock(settings.data_dir)
        self._history_expired: dict[str, datetime] = {}  # within the last day
        self._knows_interval = False

    async def run_once(self, now: datetime | None = None) -> None:
        """Refresh everything that is due at `now` (default: the current time).

        Schedules are derived from the catalogues; of libraries that have not changed it is known when they are due.
        """
        now = now or datetime.fromtimestamp(time.time(), UTC)
        if not self._knows_interval:
            await self._store.report(partial(self._states.use_interval, self._hours))
            self._knows_interval = True
        await self._store.library_watch.update(recent=True)
        await self._expire_histories(now)
        due_now = await self._store.report(partial(self._states.due_checks, now.timestamp()))
        here, known = {own_library(guild.id) for guild in self._bot.guilds}, self._bot.knows_whether_in
        # A server that is missing was left only if its shard has listed its servers; until then it is looked at again.
        due_now = [
            (name, stamp)
            for name, stamp in due_now
            if does_library(self._bot, name) and ((server := server_of(name)) is None or name in here or known(server))
        ]
        waiting, found = iter(due_now), list[NextCheck]()
        async with asyncio.TaskGroup() as group:  # so that a large site holds up no other library
            for _ in range(_AT_ONCE):
                group.create_task(self._check_each(waiting, found, now, here))
        await self._note(found, now)

    async def _check_each(
        self, waiting: Iterator[tuple[str, str]], found: list[NextCheck], now: datetime, here: Collection[str]
    ) -> None:
        """Refresh what is due in the libraries that `waiting` yields, which several of these share."""
        for name, stamp in waiting:
            found.append(NextCheck(name, stamp, await self._check(name, now, here)))
            if len(found) >= _NOTED_AT_ONCE:
                some = found.copy()
                found.clear()
                await self._note(some, now)

    async def _note(self, found: list[NextCheck], now: datetime) -> None:
        await self._store.report(partial(self._states.set_next_checks, found, now.timestamp()))

    async def _check(self, name: str, now: datetime, here: Collection[str]) -> float | None:
        """Refresh what is due in a library; return the Unix time at which something is due next, None for never."""
        later = (now + _AFTER_FAILURE).timestamp()
        if server_of(name) is not None and name not in here:
            return later  # the bot is no longer in that server
        try:
            return await self._refresh_due(name, now)
        except OperatorError as error:
            _log.error("The library %s could not be refreshed; this is tried again in an hour: %s", name, error)
        except Exception:  # noqa: BLE001 - a failure in one library must not keep the others from being refreshed
            _log.warning("The library %s could not be refreshed; this is tried again", name, exc_info=True)
            REFRESH_FAILURES.inc()
        return later

    async def _expire_histories(self, now: datetime) -> None:
        """Delete what is past its retention, also of servers that the bot has left; daily in one library."""
        clock = await self._store.report(self._clock.read)
        # What a clock that was ahead has written may be anywhere.
        find = (
            partial(self._states.past_retention, clock.trusted, self._days)
            if clock.future is None
            else self._states.all
        )
        self._history_expired = {
            name: at for name, at in self._history_expired.items() if timedelta(0) <= now - at < _DAY
        }
        for name in await self._store.report(find):
            if name in self._history_expired or not does_library(self._bot, name):
                continue
            expire = partial(self._expire_history, name)
            try:
                await self._resources.worker.run(expire, priority=Priority.LOADING, turn=Turn(name))
            except BusyError:
                return  # there is more urgent work; the next run goes on
            except OperatorError as error:
                _log.error("What is old in the history of %s could not be deleted: %s", name, error)
            except Exception:  # noqa: BLE001 - a failure in one library must not keep the others from being refreshed
                _log.warning("What is old in the history of %s could not be deleted", name, exc_info=True)
            self._history_expired[name] = now

    async def _refresh_due(self, name: str, now: datetime) -> float | None:
        targets, soonest = await self._schedule(name, now)
        for target in targets:
            await self._refresh(name, target)
        if targets:
            _, soonest = await self._schedule(name, now)
        return None if soonest is None else soonest.timestamp()

    async def _schedule(self, name: str, now: datetime) -> tuple[list[RefreshTarget], datetime | None]:
        """Return what is due in a library now, and when something is due next."""

        def read() -> tuple[list[RefreshTarget], datetime | None]:
            # All on the thread for reports: there may be a hundred thousand sources.
            sources = self._store.report_catalogues.known_sources(name) or _NO_SOURCES
            return due(sources, now, self._hours), next_due(sources, self._hours)

        return await self._store.report(read)

    async def _known_sources(self, name: str) -> KnownSources:
        sources = await self._store.report(lambda: self._store.report_catalogues.known_sources(name))
        return sources or _NO_SOURCES

    async def _refresh(self, name: str, target: RefreshTarget) -> None:
        sources = await self._known_sources(name) if target.origin else _NO_SOURCES
        changes = await self._detect(detect_changes(self._resources.fetcher, sources, target), target, name)
        await self._resources.worker.run_in_steps(self._apply(name, target, changes), turn=Turn(name))
        REFRESHES.inc()
        REFRESH_FAILURES.inc(len(changes.failures))

    async def _detect(
        self, work: Generator[None, None, DetectedChanges], target: RefreshTarget, name: str
    ) -> DetectedChanges:
        """Read a target of a library page by page and return what has changed.

        Rate limits are waited for here rather than on a fetch thread, so that one host does not delay others.
        """
        while True:
            if is_address(target.key):
                pause = partial(self._resources.fetcher.pause, target.key)
                await asyncio.sleep(await self._run_fetch(pause, name))
            changes = await self._run_fetch(partial(_advance, work), name)
            if changes is not None:
                return changes

    def _apply(self, name: str, target: RefreshTarget, changes: DetectedChanges) -> Generator[None, None, None]:
        library = self._resources.libraries().open(name)

        def admit(draft: Draft) -> None:
            if server_of(name) is not None:
                require_space(library, draft, self._quota)

        for _ in apply_changes(library, target, changes, self._rules, admit):
            yield

    def _expire_history(self, name: str) -> None:
        self._resources.libraries().expire_history(name)

    async def _run_fetch(self, job: Callable[[], T], name: str) -> T:
        return await self._resources.fetch_worker.run(job, priority=Priority.LOADING, turn=Turn(name))


def _advance(work: Generator[None, None, DetectedChanges]) -> DetectedChanges | None:
    """Run one step of change detection; return the changes after the last step, else None."""
    try:
        next(work)
    except StopIteration as end:
        changes: DetectedChanges = end.value
        return changes
    return None
