"""Keeps the leases of this process's shards, and takes and hands over shards so that all processes have as many.

A lease is renewed every few seconds. A process that could not renew in time stops its shards before the lease expires
for others, judged by its own clock, so that no shard is run twice; a shard whose lease has expired is taken over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from typing import Final, Protocol

from cogs.core.cluster import Cluster
from cogs.core.shard_share import to_give_up, to_take
from storage.cluster_models import PARTS_REMEDY, ClusterView

_log = logging.getLogger(__name__)

_MARGIN: Final = 0.25  # of the length of a lease, before its end: for closing the connections
_INTERVAL: Final = 0.2  # of it, between two renewals
_UNCHANGED: Final = 0.3  # of it, for which an expired lease must have stood still: a living holder would renew it
_SOON: Final = 0.05  # of it, between two renewals while a shard may soon be free, and after a failure
_IDLE_SECONDS: Final = 10.0  # at most, until a shard is handed over though questions are being answered


class ShardHost(Protocol):
    """The client, whose shards come and go."""

    @property
    def ready_shards(self) -> Collection[int]:
        """The shards whose servers are known."""
        ...

    def add_shard(self, shard_id: int) -> None:
        """Connect a shard."""
        ...

    async def remove_shard(self, shard_id: int) -> None:
        """Disconnect a shard; afterwards no event of it is handled."""
        ...

    async def suspend_shards(self) -> None:
        """Disconnect all shards, which connect again when they may."""
        ...

    async def wait_until_idle(self, seconds: float) -> None:
        """Wait at most so long until no question is being answered."""
        ...


def steady_clock() -> float:
    """Return seconds of a clock that nobody sets, and that runs on while the machine sleeps if there is such a one."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class LeasedShards:
    """The shards that this process may run. For use on the event loop."""

    def __init__(self, cluster: Cluster, clock: Callable[[], float] = steady_clock) -> None:
        """Have no shard yet; `clock` returns seconds."""
        self.cluster = cluster
        self._clock = clock
        self._seconds = cluster.lease_seconds
        self._count = 1
        self._held: set[int] = set()
        self._leaving: set[int] = set()  # disconnected, but not given up in the database yet
        self._given_up: set[int] = set()  # since the present renewal began, whose view may still show them as held
        self._valid_until = clock()
        self._renewed = asyncio.Event()
        self._seen: dict[int, tuple[object, float]] = {}  # the lease of each shard, and since when it is the same
        self._handing_over: asyncio.Task[object] | None = None
        self._stopping = False
        self._wrong_parts: tuple[list[str], float] = [], clock()  # what is wrong, since when
        self._told: list[str] = []  # of it

    @property
    def held(self) -> tuple[int, ...]:
        """The shards of this process."""
        return tuple(sorted(self._held))

    def holds(self, shard_id: int) -> bool:
        """Whether this process may run a shard: it has the lease, and no other one can have taken it."""
        return shard_id in self._held and self._clock() < self._valid_until

    async def until_held(self, shard_id: int) -> None:
        """Wait until this process may run a shard."""
        while not self.holds(shard_id):
            self._renewed.clear()
            await self._renewed.wait()

    async def join(self, application_id: int, recommended: int) -> int:
        """Join the others and return the number of shards on which they agree, as `Cluster.join` does.

        No shard may run then; those whose leases this process still has are added again.
        """
        self._held.clear()
        self._count = await self.cluster.join(application_id, recommended)
        self._seen.clear()
        return self._count

    async def run(self, host: ShardHost) -> None:
        """Keep the leases, and add and remove shards, until another number of shards is needed; then have none."""
        watch = asyncio.create_task(self.watch(host))
        try:
            while True:
                pause = await self.beat(host)
                if pause is None:
                    break
                await asyncio.sleep(pause)
        except BaseException:
            if self._handing_over is not None:
                self._handing_over.cancel()
            raise
        finally:
            watch.cancel()
        await self.give_up_all(host)

    async def settled(self) -> None:
        """Wait until the shards that this process began to hand over are handed over."""
        if self._handing_over is not None:
            await asyncio.wait({self._handing_over})

    async def give_up_all(self, host: ShardHost) -> None:
        """Disconnect all shards, and let others take them."""
        await self.settled()
        await self._give_up(host, self.held)

    async def stop(self, host: ShardHost) -> None:
        """Hand over all shards at once if another process can take them.

        This one stays registered until `leave`, so that the questions that it has accepted remain its own.
        """
        try:
            alone = len(await self.cluster.living()) < 2
        except Exception:  # noqa: BLE001 - then nobody can take them
            alone = True
        if not alone:
            self._stopping = True
            await self.cluster.stop()
            await self._give_up(host, self.held)

    async def leave(self) -> None:
        """Give up everything in the database, within two seconds if it answers. The shards must be disconnected."""
        self._stopping = True
        self._held.clear()
        await self.cluster.leave()

    async def ask_for_other_number(self) -> None:
        """Have all processes agree on another number of shards, because Discord refuses this one."""
        await self.cluster.ask_for_other_number(self._count)

    async def beat(self, host: ShardHost) -> float | None:
        """Renew, and take or give up shards; return the pause until the next time, None to agree on a number anew."""
        begun = self._clock()
        self._given_up.clear()
        view = await self.cluster.renew()
        if view is None:
            return self._seconds * _SOON
        self._valid_until = begun + self._seconds * (1 - _MARGIN)
        self._renewed.set()
        mine = view.held_by(self.cluster.process)
        for shard in sorted(self._held - mine):
            _log.warning("Shard %s was taken over by another process", shard)
            await self._disconnect(host, shard)
        if view.resharding or view.shards != self._count:
            return None
        mine.update(await self._take(view))
        for shard in sorted(mine - self._held - self._leaving - self._given_up):
            if self._stopping:
                break
            self._held.add(shard)
            host.add_shard(shard)
        self._hand_over(host, view)
        self._tell_of_wrong_parts(view)
        return self._seconds * (_SOON if self._is_unsettled(view) else _INTERVAL)

    async def _take(self, view: ClusterView) -> list[int]:
        free = self._free(view)
        if self._stopping:
            return []
        wanted = to_take(view, self.cluster.process, self.cluster.part, free)
        taken = await self.cluster.take(wanted, self._count)
        if taken:
            _log.info("This process takes the shards %s of %s", ", ".join(map(str, taken)), self._count)
        return taken

    def _free(self, view: ClusterView) -> list[int]:
        """Return the shards that can be taken.

        An expired lease must also have stood still before the eyes of this process: when the database's clock jumps,
        or another server takes its place, the leases of living processes seem to have expired until they are renewed.
        """
        now, free = self._clock(), list[int]()
        for lease in view.leases:
            state = lease.holder, lease.expires_at
            if self._seen.get(lease.shard, (None, 0.0))[0] != state:
                self._seen[lease.shard] = (state, now)
            if lease.is_free and (lease.holder is None or self._stands_still(lease.shard)):
                free.append(lease.shard)
        return free

    def _stands_still(self, shard: int) -> bool:
        return self._clock() - self._seen[shard][1] >= self._seconds * _UNCHANGED

    def _is_unsettled(self, view: ClusterView) -> bool:
        """Whether a shard is free or may soon be: it is being handed over, or its holder does not renew."""
        if self._handing_over is not None or self._clock() >= self._valid_until:
            return True
        others = [lease for lease in view.leases if lease.holder != self.cluster.process]
        return any(lease.holder is None or self._stands_still(lease.shard) for lease in others) or bool(
            to_take(view, self.cluster.process, self.cluster.part, [lease.shard for lease in others])
        )

    def _tell_of_wrong_parts(self, view: ClusterView) -> None:
        """Log once what is wrong with the `--cluster` of the processes.

        Not before it has been so for the length of a lease: so long a process that was killed still seems to live.
        """
        found = view.wrong_parts()
        if found != self._wrong_parts[0]:
            self._wrong_parts = found, self._clock()
        if found == self._told or self._clock() - self._wrong_parts[1] < self._seconds:
            return
        idle = "" if self._held else " This process has no shards until another one ends."
        for sentence in found:
            _log.error("%s %s%s", sentence, PARTS_REMEDY, idle)
        self._told = found

    def _hand_over(self, host: ShardHost, view: ClusterView) -> None:
        """Begin to hand over what is more than a fair share, one shard that is in use at a time."""
        ready = set(host.ready_shards)
        excess = [
            shard
            for shard in to_give_up(view, self.cluster.process, self.cluster.part, ready)
            if shard in self._held and not self._stopping
        ]
        unused = [shard for shard in excess if shard not in ready]
        if excess and self._handing_over is None:
            self._handing_over = self.cluster.in_background(self._give_up_when_idle(host, unused or excess[:1]))
            self._handing_over.add_done_callback(self._handed_over)

    def _handed_over(self, _: object) -> None:
        self._handing_over = None

    async def _give_up_when_idle(self, host: ShardHost, shards: Collection[int]) -> None:
        await host.wait_until_idle(_IDLE_SECONDS)
        _log.info("This process hands over the shards %s of %s", ", ".join(map(str, shards)), self._count)
        await self._give_up(host, shards)

    async def _give_up(self, host: ShardHost, shards: Collection[int]) -> None:
        """Disconnect shards, and then let others take them."""
        self._leaving.update(shards)
        try:
            await asyncio.gather(*(self._disconnect(host, shard) for shard in shards))
            await self.cluster.release(set(shards))
            self._given_up.update(shards)
        finally:
            self._leaving.difference_update(shards)

    async def _disconnect(self, host: ShardHost, shard: int) -> None:
        self._held.discard(shard)
        await host.remove_shard(shard)

    async def watch(self, host: ShardHost) -> None:
        """Disconnect the shards whenever the leases could not be renewed in time."""
        while True:
            left = self._valid_until - self._clock()
            if left > 0 or not self._held:
                await asyncio.sleep(min(max(left, 0.05), 1.0))
                continue
            _log.error("The shards are disconnected: their leases could not be renewed in time")
            await host.suspend_shards()
            self._renewed.clear()
            await self._renewed.wait()
