"""Libraries stay true by themselves: what is due is looked at again, behind whatever members wait for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from discord.ext import commands

from cogs.articles.storage_quota import quota_of, require_space
from cogs.core.background_job import BackgroundJob
from cogs.core.worker import Priority
from cogs.services import Services
from index.catalog.article_sources import KnownSources
from index.models import Draft
from index.refreshing.change_detection import DetectedChanges, RefreshTarget, detect_changes
from index.refreshing.refresh import RefreshRules, applying
from index.refreshing.schedule import due, next_due
from index.sources.http.addresses import is_address
from qa.ask import own_library

T = TypeVar("T")

_log = logging.getLogger(__name__)

_AGAIN: Final = timedelta(hours=1)  # until a library is looked through for what is new in its plan
_DAY: Final = timedelta(days=1)
_NOTHING: Final = KnownSources((), (), frozenset())
_OF_SERVERS: Final = own_library(0).removesuffix("0")  # begins the name of each server's own library


class RefreshJob(BackgroundJob):
    """Refreshes the sources of the shared library, of the operator's, and of the servers that the bot is in."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        """Take what all features share."""
        settings = services.settings
        self._bot = bot
        self._store = services.store
        self._resources = services.resources
        self._quota = quota_of(settings)
        self._rules = RefreshRules(settings.refresh_change_limit, settings.refresh_grace_days)
        self._hours = settings.refresh_hours  # between two looks at a source that has no interval of its own
        self._next: dict[str, datetime] = {}
        self._tidied: dict[str, datetime] = {}

    async def look(self, now: datetime | None = None) -> None:
        """Refresh all that is due, now or at another time; what is not when the bot ends is due after its start."""
        now = now or datetime.now(UTC)
        here = {own_library(guild.id) for guild in self._bot.guilds}
        for name in await self._store.run(self._store.read_only.names):
            gone = name.startswith(_OF_SERVERS) and name not in here  # of a server that the bot has left
            if gone or now < self._next.get(name, now):
                continue
            try:
                await self._keep(name, now)
            except Exception:  # noqa: BLE001 - whatever is wrong with one library, the others are looked at
                _log.warning("The library %s could not be refreshed; this is tried again", name, exc_info=True)
                self._next[name] = now + _AGAIN

    async def _keep(self, name: str, now: datetime) -> None:
        if now - self._tidied.get(name, now - _DAY) >= _DAY:
            await self._resources.worker.run(partial(self._tidy, name), priority=Priority.LOADING)
            self._tidied[name] = now
        view = await self._view(name)
        for target in due(view, now, self._hours):
            await self._refresh(name, target)
        soonest = next_due(await self._view(name), self._hours)
        self._next[name] = min(now + _AGAIN, soonest or now + _AGAIN)

    async def _view(self, name: str) -> KnownSources:
        view = await self._store.run(lambda: self._store.read_only.view(name))
        return view or _NOTHING

    async def _refresh(self, name: str, target: RefreshTarget) -> None:
        view = await self._view(name) if target.origin else _NOTHING
        plan = await self._read(detect_changes(self._resources.fetcher, view, target), target)
        await self._resources.worker.run_pieces(self._apply(name, target, plan))

    async def _read(self, work: Generator[None, None, DetectedChanges], target: RefreshTarget) -> DetectedChanges:
        """Read a target page by page; waiting for a polite moment must hold up no other host."""
        while True:
            if is_address(target.key):
                await asyncio.sleep(await self._in_reading(partial(self._resources.fetcher.pause, target.key)))
            plan = await self._in_reading(partial(_step, work))
            if plan is not None:
                return plan

    def _apply(self, name: str, target: RefreshTarget, plan: DetectedChanges) -> Generator[None, None, None]:
        library = self._resources.libraries().open(name)

        def admit(draft: Draft) -> None:
            if name.startswith(_OF_SERVERS):
                require_space(library, draft, self._quota)

        for _ in applying(library, target, plan, self._rules, admit):
            yield

    def _tidy(self, name: str) -> None:
        catalog = self._resources.libraries().open(name).catalog
        if catalog is not None:
            catalog.history.expire()

    async def _in_reading(self, job: Callable[[], T]) -> T:
        return await self._resources.fetch_worker.run(job, priority=Priority.LOADING)


def _step(work: Generator[None, None, DetectedChanges]) -> DetectedChanges | None:
    """Do a piece of a look; return what it has found where it was the last."""
    try:
        next(work)
    except StopIteration as end:
        plan: DetectedChanges = end.value
        return plan
    return None
