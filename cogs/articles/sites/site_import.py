"""Whole sites are added page by page, in the background: behind every question, and on after a restart."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final

from cogs.articles.article_service import ArticleService
from cogs.articles.import_quota import ImportQuota
from cogs.articles.sites.progress import Progress
from cogs.articles.storage_quota import QuotaError
from cogs.core.async_store import AsyncStore
from cogs.core.errors import sentence
from cogs.core.worker import BusyError
from i18n import texts
from i18n.languages import speak
from index.models import Draft, SettingsError, UserError
from index.sources.crawler import PageVisit
from index.sources.discovery import Failure
from index.sources.loader import Unchanged
from storage.site_imports import ImportStage, SiteImport

_log = logging.getLogger(__name__)

_BUSY_SECONDS: Final = 5.0
_MOST_FAILURES: Final = 20  # in a row; then the site is taken to be down


class SiteImports:
    """Runs the loads that are remembered as running, each in a task of its own; one for a server at a time."""

    def __init__(
        self, store: AsyncStore, article_service: ArticleService, quotas: ImportQuota, progress: Progress
    ) -> None:
        """Take what remembers, what reads and stores, what counts and what shows."""
        self._store = store
        self._article_service = article_service
        self._quotas = quotas
        self._progress = progress
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def resume(self) -> None:
        """Go on with what was running when the bot ended."""
        for load in await self._store.run(self._store.database.site_imports.running):
            self._start(load)

    async def begin(self, load: SiteImport) -> None:
        """Begin a load that was offered. Raises UserError where the server has one running, or it was begun before."""
        loads = self._store.database.site_imports

        def claim() -> bool:
            if any(other.guild_id == load.guild_id for other in loads.running()):
                raise UserError(texts.LOAD_BEGUN_ALREADY)
            return loads.advance(load.id, ImportStage.OFFERED, ImportStage.RUNNING)

        if not await self._store.run(claim):
            raise UserError(texts.PREVIEW_FORGOTTEN)
        self._start(load)

    async def stop(self, load: SiteImport) -> None:
        """End a load now; what it has stored stays."""
        loads = self._store.database.site_imports
        told = texts.LOAD_CANCELLED
        if not await self._store.run(
            lambda: loads.advance(load.id, ImportStage.RUNNING, ImportStage.ENDED, reason=told)
        ):
            return
        task = self._tasks.pop(load.id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        await self._remember(load)

    async def close(self) -> None:
        """Let go of all loads; they go on at the next start."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()))

    def _start(self, load: SiteImport) -> None:
        task = asyncio.create_task(self._run(load), name=f"load-{load.id}")
        self._tasks[load.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(load.id, None))

    async def _run(self, load: SiteImport) -> None:
        speak(load.language)
        try:
            reason = await self._read_all(load)
        except QuotaError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the member must hear that the load has ended
            reason = sentence(error)
        loads = self._store.database.site_imports
        with suppress(BusyError):
            await self._remember(load)
        if await self._store.run(lambda: loads.advance(load.id, ImportStage.RUNNING, ImportStage.ENDED, reason=reason)):
            await self._progress.end(load.id)

    async def _read_all(self, load: SiteImport) -> str:
        """Read every page that waits; return why it ended early, nothing where all pages were read."""
        loads = self._store.database.site_imports
        failed = 0
        while True:
            try:
                key = await self._store.run(lambda: loads.next_page(load.id))
                if key is None:
                    return ""
                state = await self._read(load, key)
            except BusyError:
                await asyncio.sleep(_BUSY_SECONDS)
                continue
            failed = failed + 1 if state == "failed" else 0
            if failed == _MOST_FAILURES:
                return texts.LOAD_FAILING.format(count=failed)
            await self._progress.show(load.id)

    async def _read(self, load: SiteImport, key: str) -> str:
        """Read and store one page, and note what became of it. Raises BusyError where it is to be tried again."""
        await self._quotas.spend(load.guild_id)
        seen = await self._article_service.visit(load.guild_id, key, load.origin, load.inside)
        state, reason = await self._stored(load, seen)
        shown = seen.item.source if isinstance(seen.item, Draft) else ""
        loads = self._store.database.site_imports
        await self._store.run(lambda: loads.record_page(load, key, state, reason=reason, shown=shown, links=seen.links))
        return state

    async def _stored(self, load: SiteImport, seen: PageVisit) -> tuple[str, str | None]:
        item, loads = seen.item, self._store.database.site_imports
        if isinstance(item, Failure):
            return "failed", item.reason
        if isinstance(item, Unchanged):
            kept = await self._article_service.unchanged(load.guild_id, item.key)
            return ("unchanged", None) if kept else ("failed", texts.ARTICLE_REMOVED_BEFORE)
        if load.inside is not None and await self._store.run(lambda: loads.has_address(load.id, item.source)):
            return "twin", None
        try:
            return (await self._article_service.add(load.guild_id, item, str(load.member_id))).status, None
        except (BusyError, QuotaError, SettingsError):
            raise
        except UserError as error:
            return "failed", str(error)

    async def _remember(self, load: SiteImport) -> None:
        """Note the site, so that a refresh looks for what is new there, in no more pages than are wanted."""
        loads = self._store.database.site_imports
        tally, failed = await self._store.run(lambda: (loads.tally(load.id), loads.failed(load.id)))
        if tally.stored:
            most = tally.done if tally.counts.get("waiting") else load.most
            await self._article_service.job(load.guild_id, lambda library: library.remember_origin(load.origin, most))
            kept = [Failure(key, reason, key, origin=load.origin) for key, reason in failed]
            await self._article_service.fail(load.guild_id, load.origin, kept)
