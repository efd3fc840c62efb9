"""Base class for periodic background jobs."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from discord.ext import commands

from observability.metrics import JOB_RUNS
from observability.request_ids import request

_log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 60.0  # between the end of one run and the start of the next


class BackgroundJob(commands.Cog):
    """Base for background jobs that run every 60 s once the client is ready. Exceptions are logged; the job goes on."""

    interval_seconds: float | None = None  # another interval
    _task: asyncio.Task[None] | None = None
    _sleeping = False
    _again = False

    async def run_once(self) -> None:
        """Do the job's work once."""
        raise NotImplementedError

    async def cog_unload(self) -> None:
        """Stop the job."""
        if self._task:
            self._task.cancel()

    def wake(self) -> None:
        """Run now, or once more after the present run, instead of waiting for the interval."""
        self._again = True
        if self._task is not None and self._sleeping:
            self._task.cancel()
            self._task = asyncio.create_task(self._run_forever())

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the job, unless it runs already: discord.py calls this after each new connection."""
        if self._task is None:
            self._task = asyncio.create_task(self._run_forever())

    async def _run_forever(self) -> None:
        while True:
            self._sleeping = self._again = False
            with request():
                await self._run_and_count()
            if not self._again:
                self._sleeping = True
                await asyncio.sleep(self.interval_seconds or INTERVAL_SECONDS)

    async def _run_and_count(self) -> None:
        name = type(self).__name__
        try:
            await self.run_once()
        except Exception:  # noqa: BLE001 - nothing awaits this task, so an exception would end it silently
            _log.exception("%s failed; it runs again in %s s", name, self.interval_seconds or INTERVAL_SECONDS)
            JOB_RUNS.labels(name, "failed").inc()
        else:
            JOB_RUNS.labels(name, "done").inc()
