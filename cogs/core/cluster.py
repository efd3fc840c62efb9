"""This process among the others of the bot: what they tell each other in PostgreSQL, on a thread of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Final, TypeVar

from cogs.core.shard_share import Part
from cogs.core.worker import Worker
from storage.cluster_models import ClusterView, StartClaim
from storage.identify_slots import IdentifySlots
from storage.shard_leases import ShardLeases

T = TypeVar("T")

_log = logging.getLogger(__name__)

_AGAIN: Final = 1.0  # seconds after which the database is asked again
_LEAVING_SECONDS: Final = 2.0


class Cluster:
    """Async access to the tables of the cluster. What fails is logged once, and is to be tried again by the caller."""

    def __init__(self, leases: ShardLeases, part: Part | None = None) -> None:
        """Take the leases of this process, and its shards if they were chosen by hand."""
        self.part = part
        self._leases = leases
        self._slots = IdentifySlots(leases)
        self._thread = Worker(name="verbatim-leases", close_timeout=_LEAVING_SECONDS)
        self._failing = False
        self._left = False
        self._tasks: set[asyncio.Task[object]] = set()

    @property
    def process(self) -> str:
        """The name of this process."""
        return self._leases.process

    @property
    def lease_seconds(self) -> float:
        """How long a lease lasts after it was renewed."""
        return self._leases.seconds

    async def join(self, application_id: int, recommended: int) -> int:
        """Return the number of shards of the cluster: `recommended` if nobody runs one.

        Raises SettingsError if the other processes belong to another application or were started in another way, and
        StorageError if the database cannot be reached.
        """
        join = partial(self._leases.join, application_id, recommended, str(self.part or ""))
        while True:
            agreed = await self._thread.run(join)
            if agreed is not None:
                return agreed
            await asyncio.sleep(_AGAIN)  # the others are giving up their shards

    async def living(self) -> set[str]:
        """Return the processes of the bot that live. Raises StorageError if the database cannot be reached."""
        return await self._thread.run(self._leases.living)

    async def renew(self) -> ClusterView | None:
        """Renew the leases and return the state of the cluster; None if the database cannot be reached."""
        return await self._attempt(lambda: self._leases.renew(str(self.part or "")))

    async def take(self, shards: list[int], count: int) -> list[int]:
        """Return those of these shards, of `count`, that this process has got."""
        return await self._attempt(lambda: self._leases.take(shards, count)) or [] if shards else []

    async def release(self, shards: set[int]) -> None:
        """Give up leases. What fails expires."""
        await self._attempt(lambda: self._leases.release(shards))

    async def stop(self) -> None:
        """Tell the others that this process takes no shards any more."""
        await self._attempt(self._leases.stop)

    async def ask_for_other_number(self, count: int) -> None:
        """Have all processes agree on another number of shards than `count`."""
        await self._attempt(lambda: self._leases.ask_for_other_number(count))

    async def leave(self) -> None:
        """Give up everything, within two seconds if the database answers, and close the connection to it, once."""
        if self._left:
            return
        self._left = True

        def leave() -> None:
            try:
                self._leases.leave()
            finally:
                self._leases.dispose()

        try:
            await asyncio.wait_for(self._thread.run(leave), _LEAVING_SECONDS)
        except Exception as error:  # noqa: BLE001 - the leases expire by themselves
            _log.warning("The shards could not be given up, and are free in %.0f s: %s", self.lease_seconds, error)
        self._thread.close(timeout=0)

    async def claim_start(self, key: int) -> StartClaim:
        """Claim the next start of a session of all processes."""
        return await self._attempt(lambda: self._slots.claim(key)) or StartClaim(wait=_AGAIN)

    def end_start(self, key: int, *, started: bool) -> None:
        """Let the next process start a session, five seconds later if one has started."""
        self.in_background(self._attempt(lambda: self._slots.end(key, started=started)))

    async def record_remaining(self, remaining: int) -> bool:
        """Store how many session starts are left; return whether that was possible."""
        return await self._attempt(lambda: self._slots.record_remaining(remaining)) is not None

    async def synced_commands(self) -> str | None:
        """Return what is stored of the last sync of the commands; None if the database cannot be reached."""
        return await self._attempt(self._leases.synced_commands)

    async def set_synced_commands(self, synced: str) -> None:
        """Store what is to be known of the last sync of the commands."""
        await self._attempt(lambda: self._leases.set_synced_commands(synced))

    def in_background(self, work: Coroutine[object, object, object]) -> asyncio.Task[object]:
        """Start a task that nobody awaits."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _attempt(self, job: Callable[[], T]) -> T | None:
        """Return the result of a job, None if it fails."""
        try:
            result = await self._thread.run(job)
        except Exception as error:  # noqa: BLE001 - whatever it is, leases that are not renewed expire
            if not self._failing:
                _log.warning("The leases of the shards cannot be read or renewed for now: %s", error)
            self._failing = True
            return None
        if self._failing:
            _log.info("The leases of the shards can be read and renewed again")
        self._failing = False
        return result
