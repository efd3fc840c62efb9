"""Runs site imports page by page in the background, at low priority; they resume after a restart."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.article_service import ArticleService
from cogs.articles.import_quota import ImportQuota
from cogs.articles.sites.progress import Progress
from cogs.articles.storage_quota import QuotaError
from cogs.core.async_store import AsyncStore
from cogs.core.errors import error_message
from cogs.core.job_queue import BusyError
from i18n import texts
from i18n.languages import speak
from index.models import Draft, SettingsError, UserError
from index.sources.crawler import PageVisit
from index.sources.discovery import Failure
from index.sources.loader import Unchanged
from index.sqlite_errors import StorageError
from index.text.tag_names import tag_names
from storage.import_models import ImportStage, SiteImport

T = TypeVar("T")

_log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 5.0  # before a page is tried again, doubled with each further failure
_MAX_RETRY_SECONDS: Final = 300.0
_RETRIED: Final = (BusyError, SQLAlchemyError, OSError)  # a full queue, a locked or full disk: nothing about the page
_MAX_FAILURES: Final = 20  # in a row, after which the site is considered down


class SiteImportRunner:
    """Runs each import that is stored as running in a task of its own; one per server at a time.

    An import belongs to one process, which looks before each page whether it still does: another one takes it over with
    the server.
    """

    def __init__(
        self, store: AsyncStore, article_service: ArticleService, quotas: ImportQuota, progress: Progress
    ) -> None:
        """Use these services; `quotas` counts every page, `progress` shows it."""
        self._store = store
        self._article_service = article_service
        self._quotas = quotas
        self._progress = progress
        self._process = secrets.token_hex(8)  # the name of this process in the imports that it runs
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._servers: dict[int, int] = {}  # of these imports

    async def resume(self, holds: Callable[[int], bool] = lambda _: True) -> None:
        """Continue the imports that were running when a process ended, in the servers for which `holds` is true."""
        imports = self._store.database.site_imports
        for site_import in await self._store.run(lambda: imports.take_over(self._process, holds)):
            self._start_task(site_import)

    def give_up(self, gives_up: Callable[[int], bool]) -> None:
        """Leave the imports of the servers for which `gives_up` is true to another process."""
        for import_id, guild_id in self._servers.items():
            if gives_up(guild_id):
                self._tasks[import_id].cancel()

    async def start(self, site_import: SiteImport) -> None:
        """Start an import that was offered.

        Raises UserError if the server has another one running, or this one was started before.
        """
        imports = self._store.database.site_imports

        started = await self._store.run(lambda: imports.start(site_import, self._process))
        if started is None:
            raise UserError(texts.LOAD_BEGUN_ALREADY)
        if not started:
            raise UserError(texts.PREVIEW_FORGOTTEN)
        self._start_task(site_import)

    async def stop(self, site_import: SiteImport) -> None:
        """End an import now; pages that are stored stay."""
        imports = self._store.database.site_imports
        reason = texts.LOAD_CANCELLED
        if not await self._store.run(
            lambda: imports.advance(site_import.id, ImportStage.RUNNING, ImportStage.ENDED, reason=reason)
        ):
            return
        task = self._tasks.pop(site_import.id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        await self._record_site(site_import)

    async def close(self) -> None:
        """Cancel all tasks; the imports continue after the next start."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()))

    def _start_task(self, site_import: SiteImport) -> None:
        task = asyncio.create_task(self._run(site_import), name=f"import-{site_import.id}")
        self._tasks[site_import.id], self._servers[site_import.id] = task, site_import.guild_id
        task.add_done_callback(lambda _: self._forget_task(site_import.id))

    def _forget_task(self, import_id: int) -> None:
        self._tasks.pop(import_id, None)
        self._servers.pop(import_id, None)

    async def _run(self, site_import: SiteImport) -> None:
        speak(site_import.language)
        try:
            reason = await self._import_pages(site_import)
        except QuotaError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - the member must be told that the import has ended, whatever the error
            reason = error_message(error)
        if await self._retrying(lambda: self._is_here(site_import)):
            await self._retrying(lambda: self._end(site_import, reason))

    async def _is_here(self, site_import: SiteImport) -> bool:
        """Whether an import is still this process's."""
        imports = self._store.database.site_imports
        return await self._store.run(lambda: imports.is_run_by(site_import.id, self._process))

    async def _end(self, site_import: SiteImport, reason: str) -> None:
        """Record that an import has ended, and tell the member."""
        imports = self._store.database.site_imports
        with suppress(UserError):
            await self._record_site(site_import)
        if await self._store.run(
            lambda: imports.advance(site_import.id, ImportStage.RUNNING, ImportStage.ENDED, reason=reason)
        ):
            await self._progress.finish(site_import.id)

    async def _retrying(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do some work, again after a pause if it could not be done at the moment; return its result."""
        pause = _RETRY_SECONDS
        while True:
            try:
                return await work()
            except _RETRIED as error:
                _log.info("A site import waits %s s: %s", pause, error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MAX_RETRY_SECONDS)

    async def _import_pages(self, site_import: SiteImport) -> str:
        """Import all waiting pages; return why the import ended early, or an empty string if all pages were read."""
        imports = self._store.database.site_imports
        failures = 0  # in a row
        while True:
            key = await self._retrying(
                lambda: self._store.run(lambda: imports.pages.next_page(site_import.id, self._process))
            )
            if key is None:
                return ""
            state = await self._retrying(partial(self._import_page, site_import, key))
            failures = failures + 1 if state == "failed" else 0
            if failures == _MAX_FAILURES:
                return texts.LOAD_FAILING.format(count=failures)
            with suppress(*_RETRIED):
                await self._progress.show(site_import.id)

    async def _import_page(self, site_import: SiteImport, key: str) -> str:
        """Read and store one page, record and return its state. After an error in `_RETRIED`, call it again."""
        await self._quotas.consume(site_import.guild_id)
        page = await self._article_service.read_page(site_import.guild_id, key, site_import.origin, site_import.inside)
        state, reason = await self._store_page(site_import, page)
        shown = page.item.source if isinstance(page.item, Draft) else ""
        imports = self._store.database.site_imports
        await self._store.run(
            lambda: imports.pages.record_page(site_import, key, state, reason=reason, shown=shown, links=page.links)
        )
        return state

    async def _store_page(self, site_import: SiteImport, page: PageVisit) -> tuple[str, str | None]:
        """Store a page; return its state and, if it failed, the reason, else what may be missing from it."""
        item, imports = page.item, self._store.database.site_imports
        if isinstance(item, Failure):
            return "failed", item.reason
        if isinstance(item, Unchanged):
            known = await self._article_service.mark_unchanged(site_import.guild_id, item.key)
            return ("unchanged", None) if known else ("failed", texts.ARTICLE_REMOVED_BEFORE)
        if site_import.inside is not None and await self._store.run(
            lambda: imports.pages.has_address(site_import.id, item.source)
        ):
            return "twin", None
        try:
            receipt = await self._article_service.add(site_import.guild_id, item, str(site_import.member_id))
            return receipt.status, _remark(item)
        except (BusyError, QuotaError, SettingsError):
            raise
        except StorageError as error:
            raise BusyError(error_message(error)) from error  # the library could not be written; the page is fine
        except UserError as error:
            return "failed", error.sentence

    async def _record_site(self, site_import: SiteImport) -> None:
        """Record the site as an origin, so that refreshes look for new pages there, up to the requested number."""
        imports = self._store.database.site_imports
        tally, failed = await self._store.run(
            lambda: (imports.pages.tally(site_import.id), imports.pages.failed(site_import.id))
        )
        if tally.stored:
            most = tally.done if tally.counts.get("waiting") else site_import.most
            await self._article_service.run(
                site_import.guild_id, lambda library: library.remember_origin(site_import.origin, most)
            )
            if site_import.tags:
                await self._article_service.run(
                    site_import.guild_id,
                    lambda library: library.tag_origin(site_import.origin, tag_names(site_import.tags)),
                )
            await self._article_service.run_in_steps(
                site_import.guild_id, lambda library: library.clean_site_in_steps(site_import.origin)
            )
            failures = [Failure(key, reason, key, origin=site_import.origin) for key, reason in failed]
            await self._article_service.record_failures(site_import.guild_id, site_import.origin, failures)


def _remark(page: Draft) -> str | None:
    """Return a sentence on what may be missing from a page, or None."""
    missing = page.list_missing_pages()
    kept = texts.ARTICLE_KEPT.format(kept=len(page.text), total=page.characters) if page.keeps_little else ""
    return (
        " · ".join(filter(None, (kept, texts.ARTICLE_MISSING_PAGES.format(pages=missing) if missing else ""))) or None
    )
