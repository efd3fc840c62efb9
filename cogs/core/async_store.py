"""Async access to the bot's memory and the read-only catalogues, on dedicated threads: nothing waits for models."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, ParamSpec, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.fair_queue import Turn
from cogs.core.job_queue import NOBODY, BusyError
from cogs.core.library_watch import LibraryWatch
from cogs.core.quiet_threads import QuietThreads
from cogs.core.recent_questions import RecentQuestions
from cogs.core.worker import Worker
from i18n import texts
from index.memory import SizedCache
from index.models import UserError
from index.sqlite_errors import UnreachableError
from observability.outages import OUTAGES
from qa.pins.pinned import Pin
from storage.database import Database
from storage.models import ServerSettings
from storage.server_settings import UnreadableSettingsError
from storage.stores import Stores

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)

_CACHED_BYTES: Final = 16 * 1024 * 1024  # of settings, and of pins
_CLOSE_SECONDS: Final = 3.0  # for each thread
_PROBE_SECONDS: Final = 1.0
_NOTING_SECONDS: Final = 2.0  # that an answer waits for its note
_WAITING: Final = 1024  # short jobs of one thread: whoever may wait for an answer may need one at the same moment
_SHARED_SECONDS: Final = 3.0  # that settings and pins are kept which another process may change


class AsyncStore:
    """Owns the bot's memory, drafts and the read-only catalogues, in files or on PostgreSQL, and four threads.

    `run` is for `database` and `drafts`: everything that writes, and reading a few rows. `read` is for lists of
    articles, with `read_only`; `report` is for background jobs and reports, which may take long, and have
    `report_catalogues`. All may read `database` too, on connections of their own, so that noting an answer waits for
    neither. What every answer waits for is read by `read_sources`, and noted by `note`: neither waits for a change that
    a slow disk, or another process that has locked the file, holds up.

    `is_shared` says that other processes may use the same database. Then settings and pins are read again after three
    seconds. While it cannot be reached, everything raises UnreachableError at once; `watch` finds out when it can be.
    """

    def __init__(self, stores: Stores | Path) -> None:
        """Start the threads and open the stores, or the files in a folder. Raises UserError if one cannot be opened."""
        stores = Stores(stores) if isinstance(stores, Path) else stores
        self.stores = stores
        self.is_shared = stores.engine is not None
        self.recent_questions = RecentQuestions()
        self._settings: SizedCache[int, tuple[float, ServerSettings]] = SizedCache(_CACHED_BYTES)  # and until when
        self._changes = 0  # of settings and pins, so that what was read before one is not kept after it
        self._changing = threading.Lock()
        self._loading: dict[int, asyncio.Task[ServerSettings]] = {}
        self._pins: SizedCache[int, tuple[float, tuple[Pin, ...]]] = SizedCache(_CACHED_BYTES)
        with ExitStack() as stack:
            self._thread = stack.enter_context(Worker(capacity=_WAITING, name="verbatim-store"))
            self._reading = stack.enter_context(Worker(capacity=_WAITING, name="verbatim-reading"))
            self._sources = stack.enter_context(Worker(capacity=_WAITING, name="verbatim-sources"))
            self._reports = stack.enter_context(Worker(capacity=_WAITING, name="verbatim-reports"))
            self.database = self._thread.submit(stores.database).result()
            stack.callback(self.database.close)
            self.drafts = self._thread.submit(stores.drafts).result()
            stack.pop_all()
        self.read_only = stores.read_only_libraries()
        self.report_catalogues = stores.read_only_libraries()
        self.source_catalogues = stores.read_only_libraries()
        self.library_watch = LibraryWatch(self)
        self.quiet_threads = QuietThreads(self)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The threads; that of discord.db comes first."""
        return self._thread, self._reading, self._sources, self._reports

    async def run(self, job: Callable[[], T]) -> T:
        """Run a short job with discord.db on its thread; return its result or raise its exception."""
        return await self._noting(self._thread.run, job)

    async def note(self, job: Callable[[], T]) -> T:
        """Run a short change, as `run` does, for which an answer waits: for two seconds, then it raises BusyError.

        A change that has not begun then is dropped. With PostgreSQL it takes as long as the server's limits allow,
        since another process may have taken the question over.
        """
        if self.is_shared:
            return await self.run(job)
        try:
            return await asyncio.wait_for(self.run(job), _NOTING_SECONDS)
        except TimeoutError:
            raise BusyError(texts.BUSY) from None

    async def run_in_steps(self, steps: Generator[object, None, T], turn: Turn = NOBODY) -> T:
        """Run a long change of a file step by step, after whatever is waiting; each step is short.

        Changes for different turns alternate; those for nobody, such as retention, are one turn.
        """
        return await self._noting(self._thread.run_in_steps, steps, turn=turn)

    async def read(self, job: Callable[[], T]) -> T:
        """Run a short job with `read_only` on the thread that owns it; return its result or raise its exception."""
        return await self._noting(self._reading.run, job)

    async def read_sources(self, job: Callable[[], T]) -> T:
        """Run a short job that only reads, for which answers wait, on its own thread.

        It may use `source_catalogues` and `database`.
        """
        return await self._noting(self._sources.run, job)

    async def report(self, job: Callable[[], T]) -> T:
        """Run a job that may take long, with `report_catalogues`; return its result or raise its exception."""
        return await self._noting(self._reports.run, job)

    async def watch(self, on_change: Callable[[bool], object] = lambda _: None) -> None:
        """Find out each second, until cancelled, whether a database that could not be reached answers again.

        `on_change` is called with whether it does, when that has changed.
        """
        told = True
        while True:
            await asyncio.sleep(_PROBE_SECONDS)
            if OUTAGES.reason():
                if told:
                    on_change(told := False)
                with suppress(UserError, SQLAlchemyError, OSError):
                    await self._thread.run(self.database.require_readable)
                    OUTAGES.over()
                    on_change(told := True)

    async def _noting(self, run: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a job, but while the database cannot be reached, fail at once: else all would wait for each attempt."""
        reason = OUTAGES.reason() if self.is_shared else None
        if reason is not None:
            raise UnreachableError(reason)
        try:
            return await run(*args, **kwargs)
        except UnreachableError as error:
            OUTAGES.begun(error)
            raise

    async def settings(self, guild_id: int | None) -> ServerSettings:
        """Return a server's settings, the defaults in direct messages. Cached, for seconds if others may change them.

        Raises UserError if they cannot be read: the defaults would answer in servers that are paused.
        """
        if guild_id is None:
            return ServerSettings()
        until, cached = self._settings.get(guild_id) or (0.0, None)
        if cached is not None and time.monotonic() < until:
            return cached
        loading = self._loading.get(guild_id)
        if loading is None or loading.done():
            # One job for all who ask at the same time: after a start, everyone does.
            loading = self._loading[guild_id] = asyncio.create_task(self._load_settings(guild_id))
            loading.add_done_callback(lambda _: self._loading.pop(guild_id, None))
        return await asyncio.shield(loading)

    async def _load_settings(self, guild_id: int) -> ServerSettings:
        def load() -> ServerSettings:
            changes = self._changes
            found = self.database.server_settings.get(guild_id)
            with self._changing:
                if changes == self._changes:
                    self._settings.put(guild_id, (self._fresh_until(), found))
            return found

        try:
            return await self.read_sources(load)
        except (SQLAlchemyError, UnreadableSettingsError) as error:
            _log.exception("The settings of server %s could not be read", guild_id)
            raise UserError(texts.SETTINGS_UNREADABLE) from error

    async def change_settings(
        self,
        guild_id: int,
        change: Callable[[ServerSettings], ServerSettings],
        *,
        damaged: ServerSettings | None = None,
    ) -> tuple[ServerSettings, ServerSettings]:
        """Store what `change` returns for a server's settings, on the store's thread; return both, before and after.

        Raises UserError if the settings cannot be read, unless `damaged` is given, which is then taken for them.
        """

        def apply() -> tuple[ServerSettings, ServerSettings]:
            before, after = self.database.server_settings.change(guild_id, change, damaged=damaged)
            with self._changing:  # on this thread, so that the last change that was stored is the one cached
                self._changes += 1
                self._settings.put(guild_id, (self._fresh_until(), after))
            return before, after

        try:
            return await self.run(apply)
        except UnreadableSettingsError as error:
            raise UserError(texts.SETTINGS_UNREADABLE) from error

    async def pins(self, guild_id: int | None) -> tuple[Pin, ...]:
        """Return a server's pins; none in direct messages or if discord.db cannot be read. Cached."""
        if guild_id is None:
            return ()
        until, cached = self._pins.get(guild_id) or (0.0, None)
        if cached is None or time.monotonic() >= until:
            try:
                cached = await self.read_sources(lambda: self._load_pins(guild_id))
            except UnreachableError:
                return ()  # said once for each outage, by whoever asks next
            except SQLAlchemyError:
                _log.exception("The pins of server %s could not be read", guild_id)
                return ()
        return cached

    async def change_pins(self, guild_id: int, change: Callable[[Database], T]) -> T:
        """Run `change` on the store's thread, update the cached pins of the server, and return its result."""

        def apply() -> T:
            result = change(self.database)
            with self._changing:
                self._changes += 1
            self._load_pins(guild_id)
            return result

        return await self.run(apply)

    def _load_pins(self, guild_id: int) -> tuple[Pin, ...]:
        changes = self._changes
        found = self.database.pins.of(guild_id)
        with self._changing:
            if changes == self._changes:
                self._pins.put(guild_id, (self._fresh_until(), found))
        return found

    def _fresh_until(self) -> float:
        """Return until when (monotonic seconds) what was read now is known to be true, or nearly so."""
        return time.monotonic() + _SHARED_SECONDS if self.is_shared else math.inf

    async def forget_server(self, guild_id: int) -> None:
        """Delete everything stored about a server."""

        def steps() -> Generator[object, None, None]:
            yield from self.database.forget_server_in_steps(guild_id)
            self.drafts.forget_server(guild_id)
            with self._changing:
                self._changes += 1
                self._settings.pop(guild_id)
                self._pins.pop(guild_id)

        await self.run_in_steps(steps())
        self.quiet_threads.forget(guild_id)

    def close(self) -> None:
        """Close the databases and stop the threads."""
        for thread, close in (
            (self._reports, self.report_catalogues.close),
            (self._reading, self.read_only.close),
            (self._sources, self.source_catalogues.close),
            (self._thread, self._close_files),
        ):
            # A report that takes longer is given up: it only reads, and its thread ends with the process.
            with suppress(TimeoutError):
                thread.submit(close).result(_CLOSE_SECONDS)
            thread.close(timeout=_CLOSE_SECONDS)

    def _close_files(self) -> None:
        self.drafts.close()
        self.database.close()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()
