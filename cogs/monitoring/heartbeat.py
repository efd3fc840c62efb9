"""Finds out whether the parts of the bot still answer: gateway, event loop, worker thread and database."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.gateway import SteadyClient
from cogs.services import Resources
from index.models import UserError
from index.sqlite_errors import SearchUnreachableError, UnreachableError
from observability.metrics import EVENT_LOOP_LAG
from observability.outages import OUTAGES

CHECKS: Final = ("gateway", "event_loop", "worker", "database", "indexes")
_INTERVAL: Final = 1.0  # seconds between two measurements of the event loop's lag
_DATABASE_INTERVAL: Final = 5.0  # seconds between two reads of the database
_INDEXES_INTERVAL: Final = 10.0  # seconds between two questions to the server of the indexes
_SILENCE: Final = 30.0  # seconds without an answer of event loop or database that are taken for trouble
_LONGEST_STEP: Final = 60.0  # seconds; an answer takes a few, a piece of loading 100 ms
_HANG: Final = 600.0  # seconds of one step after which the worker thread will hardly end it


class Heartbeat:
    """Measures the event loop each second and reads from the database every five, while its coroutines run."""

    def __init__(self, client: SteadyClient, resources: Resources) -> None:
        """Take what is checked; nothing is yet."""
        self._client = client
        self._worker = resources.worker
        self._store = resources.store
        self._database = "PostgreSQL" if resources.settings.database_url else "discord.db"
        self._lag = 0.0
        self._database_answered = time.monotonic()
        self._database_error = ""
        self._ping_indexes = resources.ping_indexes
        self._indexes_error = ""
        self.database_seconds = 0.0
        """How long the last read of the database took, with its wait for the thread."""

    def problems(self) -> dict[str, str]:
        """Return what does not work, a sentence for each of `CHECKS` that fails; empty if all is well."""
        silence = time.monotonic() - self._database_answered
        step = self._worker.load().longest_step
        found = {
            "gateway": self._gateway_problem(),
            "event_loop": f"The event loop was blocked for {self._lag:.0f} s." if self._lag > _SILENCE else "",
            "worker": f"The worker thread is in one step for {step:.0f} s." if step > _LONGEST_STEP else "",
            "database": self._database_error
            or (f"{self._database} has not answered for {silence:.0f} s." if silence > _SILENCE else ""),
            "indexes": self._indexes_error,
        }
        return {check: reason for check, reason in found.items() if reason}

    def hang(self) -> str:
        """Return why only a restart helps, "" if nothing is known to hang: a part that is away comes back by itself."""
        step = self._worker.load().longest_step
        return f"The worker thread hangs: it is in one step for {step:.0f} s." if step > _HANG else ""

    def _gateway_problem(self) -> str:
        missing, count = self._client.disconnected_shards, self._client.own_shards.count
        if not missing:
            return ""
        which = f" on shard {', '.join(map(str, missing))} of {count}" if count > 1 else ""
        return f"The gateway of Discord is not connected{which}."

    async def measure_loop(self) -> None:
        """Measure until cancelled."""
        while True:
            begun = time.monotonic()
            await asyncio.sleep(_INTERVAL)
            self._lag = max(0.0, time.monotonic() - begun - _INTERVAL)
            EVENT_LOOP_LAG.observe(self._lag)

    async def read_database(self) -> None:
        """Read until cancelled."""
        while True:
            begun = time.monotonic()
            try:
                await self._store.run(self._store.database.require_readable)
            except UnreachableError as error:
                self._database_error = str(error)
            except (UserError, SQLAlchemyError) as error:
                self._database_error = f"{self._database} cannot be read ({type(error).__name__})."
            else:
                self._database_error = OUTAGES.reason(SearchUnreachableError) or ""
                self._database_answered = time.monotonic()
            self.database_seconds = time.monotonic() - begun
            await asyncio.sleep(_DATABASE_INTERVAL)

    async def ask_indexes(self) -> None:
        """Ask the server of the indexes until cancelled; return at once if they are files."""
        while self._ping_indexes is not None:
            try:
                await asyncio.to_thread(self._ping_indexes)
            except UserError as error:
                self._indexes_error = f"Milvus does not answer ({type(error).__name__})."
            else:
                self._indexes_error = ""
            await asyncio.sleep(_INDEXES_INTERVAL)
