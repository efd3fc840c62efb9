"""Background job that ends pauses whose time is over."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from cogs.core.background_job import INTERVAL_SECONDS, BackgroundJob
from cogs.core.work_share import EVERYTHING, WorkShare
from cogs.services import Services
from index.trusted_clock import TrustedClock
from storage.models import ServerSettings
from storage.server_settings import TimedPause

_log = logging.getLogger(__name__)

_PLAUSIBLE_JUMP: Final = 30 * 86_400.0  # seconds for which the bot may have been off


class PauseJob(BackgroundJob):
    """Ends timed pauses, on time to the second while the bot runs, and after a start those that ended meanwhile.

    Times are stored, so a restart changes nothing. A clock that jumps ahead by more than a month ends no pause early:
    then the time is that of `TrustedClock`. A clock that is set back makes none endless: once the bot itself has run
    for as long as a pause lasts, the pause is over.
    """

    def __init__(self, services: Services, share: WorkShare = EVERYTHING) -> None:
        """Use the bot's shared services; end the pauses of the servers in `share`."""
        self._share = share
        self._store = services.store
        self._clock = TrustedClock(services.settings.data_dir)
        self._seen: dict[TimedPause, float] = {}  # seconds of `time.monotonic` at which each was found first
        self._timer: asyncio.TimerHandle | None = None

    async def cog_unload(self) -> None:
        """Stop the job."""
        if self._timer:
            self._timer.cancel()
        await super().cog_unload()

    async def run_once(self) -> None:
        """End the pauses that are over, and come back earlier than usual if the next one ends before."""
        found = await self._store.report(self._store.database.server_settings.timed_pauses)
        pauses = [pause for pause in found if self._share.holds(pause.guild_id)]
        trusted, wall, run = (await self._store.report(self._clock.read)).trusted, time.time(), time.monotonic()
        now = trusted if wall - trusted > _PLAUSIBLE_JUMP else wall
        self._seen = {pause: self._seen.get(pause, run) for pause in pauses}
        left = {
            pause: min(pause.until - now, pause.until - pause.since - (run - self._seen[pause])) for pause in pauses
        }
        for pause in pauses:
            if left[pause] <= 0:
                await self._end(pause)
        next_end = min((seconds for seconds in left.values() if seconds > 0), default=INTERVAL_SECONDS)
        if self._timer:
            self._timer.cancel()
        self._timer = None
        if next_end < INTERVAL_SECONDS:
            self._timer = asyncio.get_running_loop().call_later(next_end + 1, self.wake)

    async def _end(self, pause: TimedPause) -> None:
        """End a pause, unless it was changed meanwhile."""

        def resume(now: ServerSettings) -> ServerSettings:
            return now.resumed() if (now.paused_since, now.paused_until) == pause[1:] else now

        _, after = await self._store.change_settings(pause.guild_id, resume)
        if not after.paused:
            _log.info("The pause of server %s is over", pause.guild_id)
