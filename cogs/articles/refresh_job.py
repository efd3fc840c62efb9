"""Background job that refreshes sources when they are due, at the lowest priority."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from discord.ext import commands

from cogs.articles.storage_quota import quota_of, require_space
from cogs.core.background_job import BackgroundJob
from cogs.core.fair_queue import Turn
from cogs.core.worker import Priority
from cogs.services import Services
from index.catalog.article_sources import KnownSources
from index.libraries.library_names import own_library
from index.models import Draft, OperatorError
from index.refreshing.change_detection import DetectedChanges, RefreshTarget, detect_changes
from index.refreshing.refresh import RefreshRules, apply_changes
from index.refreshing.schedule import due, next_due
from index.sources.http.addresses import is_address
from observability.metrics import REFRESH_FAILURES, REFRESHES

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MAX_WAIT: Final = timedelta(hours=1)  # until a library's schedules are read again, as members may change them
_DAY: Final = timedelta(days=1)
_NO_SOURCES: Final = KnownSources((), (), frozenset())
_SERVER_PREFIX: Final = own_library(0).removesuffix("0")  # of the names of servers' own libraries


class RefreshJob(BackgroundJob):
    """Refreshes the sources of all libraries, except those of servers that the bot has left."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Use the bot's shared services."""
        settings = services.settings
        self._bot = bot
        self._store = services.store
        self._resources = services.resources
        self._quota = quota_of(settings)
        self._rules = RefreshRules(settings.refresh_change_limit, settings.refresh_grace_days)
        self._hours = settings.refresh_hours  # between two checks of a source without an interval of its own
        self._next_check: dict[str, datetime] = {}
        self._history_expired: dict[str, datetime] = {}

    async def run_once(self, now: datetime | None = None) -> None:
        """Refresh everything that is due at `now` (default: the current time).

        Schedules are derived from the catalogues, so that nothing is lost by a restart.
        """
        now = now or datetime.fromtimestamp(time.time(), UTC)
        here = {own_library(guild.id) for guild in self._bot.guilds}
        names = await self._store.report(self._store.report_catalogues.names)
        for known in (self._next_check, self._history_expired):
            for name in known.keys() - set(names):  # libraries that were deleted
                del known[name]
        for name in names:
            left = name.startswith(_SERVER_PREFIX) and name not in here  # the bot is no longer in that server
            wait = self._next_check.get(name, now) - now
            if timedelta(0) < wait <= _MAX_WAIT:  # a longer wait is that of a clock that was ahead
                continue
            try:
                await self._expire_daily(name, now)
                if left:
                    self._next_check[name] = now + _MAX_WAIT
                else:
                    await self._refresh_due(name, now)
            except OperatorError as error:
                _log.error("The library %s could not be refreshed; this is tried again in an hour: %s", name, error)
                self._next_check[name] = now + _MAX_WAIT
            except Exception:  # noqa: BLE001 - a failure in one library must not keep the others from being refreshed
                _log.warning("The library %s could not be refreshed; this is tried again", name, exc_info=True)
                REFRESH_FAILURES.inc()
                self._next_check[name] = now + _MAX_WAIT

    async def _expire_daily(self, name: str, now: datetime) -> None:
        """Delete what is past its retention, also of servers that the bot has left."""
        if not timedelta(0) <= now - self._history_expired.get(name, now - _DAY) < _DAY:
            await self._resources.worker.run(
                partial(self._expire_history, name), priority=Priority.LOADING, turn=Turn(name)
            )
            self._history_expired[name] = now

    async def _refresh_due(self, name: str, now: datetime) -> None:
        sources = await self._known_sources(name)
        for target in due(sources, now, self._hours):
            await self._refresh(name, target)
        soonest = next_due(await self._known_sources(name), self._hours)
        self._next_check[name] = min(now + _MAX_WAIT, soonest or now + _MAX_WAIT)

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
            if name.startswith(_SERVER_PREFIX):
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
