"""Promises of processes that share shards: never two run the same, and none stays without one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

import pytest

from cogs.core.cluster import Cluster
from cogs.core.shard_leases import LeasedShards
from cogs.core.shard_share import Part, fair_share, to_give_up, to_take
from index.sqlite_errors import UnreachableError
from storage.cluster_models import ClusterView, Lease, Process
from storage.shard_leases import LEASE_SECONDS, ShardLeases
from tests.cluster_world import APPLICATION, ClusterWorld

T = TypeVar("T")


class Client:
    """What a process does with its shards."""

    def __init__(self) -> None:
        """Run none."""
        self.running: set[int] = set()
        self.done: list[str] = []

    @property
    def ready_shards(self) -> Collection[int]:
        """All that run."""
        return self.running

    def add_shard(self, shard_id: int) -> None:
        """Run it."""
        self.running.add(shard_id)
        self.done.append(f"+{shard_id}")

    async def remove_shard(self, shard_id: int) -> None:
        """Run it no more."""
        self.running.discard(shard_id)
        self.done.append(f"-{shard_id}")

    async def suspend_shards(self) -> None:
        """Note it."""
        self.done.append("suspended")

    async def wait_until_idle(self, seconds: float) -> None:
        """Be idle."""
        self.done.append(f"waited at most {seconds:.0f}")


class Member:
    """A process: its leases, its client, and its own clock, which began at another time than those of others."""

    def __init__(self, world: ClusterWorld, name: str, skew: float = 0.0, part: Part | None = None) -> None:
        """Do not join yet."""
        self.name, self.world, self.skew = name, world, skew
        self.table = world.process(name)
        self.client = Client()
        self.cut_off = False  # from the database
        self.time = 0.0
        self.shards = LeasedShards(Cluster(self.table, part), clock=lambda: self.time + self.skew)
        for method in ("renew", "take", "release"):
            setattr(self.table, method, self._unless_cut_off(getattr(self.table, method)))

    def _unless_cut_off(self, method: Callable[..., T]) -> Callable[..., T]:
        def guarded(*arguments: object) -> T:
            if self.cut_off:
                raise UnreachableError("the database cannot be reached")
            return method(*arguments)

        return guarded

    async def join(self, shards: int) -> int:
        """Join the cluster."""
        return await self.shards.join(APPLICATION, shards)

    async def beat(self, times: int = 1) -> float | None:
        """Renew, and finish what that has begun."""
        pause: float | None = None
        for _ in range(times):
            pause = await self.shards.beat(self.client)
            await self.shards.settled()
        return pause

    def may_run(self) -> set[int]:
        """Return the shards whose events would be handled now."""
        return {shard for shard in self.client.running if self.shards.holds(shard)}


class Processes:
    """Processes and the time, which is the same for all; each one's clock shows it with a difference of its own."""

    def __init__(self, world: ClusterWorld) -> None:
        """Begin without processes."""
        self.world = world
        self.members: dict[str, Member] = {}

    async def start(self, name: str, shards: int = 2, skew: float = 0.0, part: Part | None = None) -> Member:
        """Start a process that joins."""
        made = self.members[name] = Member(self.world, name, skew, part)
        await made.join(shards)
        return made

    def pass_time(self, seconds: float) -> None:
        """Let time pass for all, and for the database."""
        self.world.pass_time(seconds)
        for one in self.members.values():
            one.time += seconds

    async def close(self) -> None:
        """Let all leave."""
        for one in self.members.values():
            await one.shards.leave()


@pytest.fixture
async def processes(cluster: ClusterWorld) -> Processes:
    """Return a cluster without processes."""
    return Processes(cluster)


def view_of(*held: str | None, processes: str) -> ClusterView:
    """Return a view in which these hold the shards."""
    leases = tuple(Lease(shard, holder, 0.0, holder is None) for shard, holder in enumerate(held))
    return ClusterView(len(held), False, leases, tuple(Process(name, "", at) for at, name in enumerate(processes)))


async def test_a_part_that_two_processes_have(processes: Processes, caplog: pytest.LogCaptureFixture) -> None:
    """Both say so, once a killed one would not count any more, and the idle one takes over when the other dies."""
    first = await processes.start("host:1:x", part=Part(0, 1))
    await first.beat()
    second = await processes.start("host:2:y", part=Part(0, 1))
    for _ in range(8):
        for one in (first, second):
            await one.beat()
        processes.pass_time(LEASE_SECONDS / 5)
        said = caplog.text.count("2 processes were started with --cluster 0/1 (host:1, host:2)")
        assert said == (2 if processes.world.now >= 1_000_000 + 1.1 * LEASE_SECONDS else 0)
    assert caplog.text.count("This process has no shards until another one ends") == 1
    assert (first.client.running, second.client.running) == ({0, 1}, set())

    for _ in range(10):  # the first one is killed
        processes.pass_time(LEASE_SECONDS / 5)
        await second.beat()
    assert second.may_run() == {0, 1}
    await processes.close()


def test_wrong_parts() -> None:
    """A part that several have is named, and so are different numbers of processes."""
    view = ClusterView(4, False, (), tuple(Process(f"h:{at}:x", part, at) for at, part in enumerate(["0/2", "1/2"])))
    assert view.wrong_parts() == []
    assert replace(view, processes=(*view.processes, Process("h:9:x", "1/2", 9))).wrong_parts() == [
        "2 processes were started with --cluster 1/2 (h:1, h:9), so that some of them have no shards."
    ]
    assert replace(view, processes=(*view.processes, Process("h:9:x", "2/3", 9))).wrong_parts() == [
        "Processes were started with different N in --cluster I/N (2, 3), so that some shards may have no process."
    ]


def test_fair_shares() -> None:
    """All have as many as each other or one more, and nobody gives up a shard without need."""
    view = view_of("b", "b", "a", "b", "a", processes="ab")
    assert {name: fair_share(view, name) for name in "abx"} == {"a": 2, "b": 3, "x": 0}
    assert to_give_up(view, "b", None, {0}) == []

    view = view_of("a", "a", "a", None, None, processes="abc")
    assert [fair_share(view, name) for name in "abc"] == [2, 2, 1]
    assert to_give_up(view, "a", None, {0, 2}) == [1]
    assert to_give_up(view, "a", None, {0, 1, 2}) == [2]
    assert to_take(view, "b", None, [3, 4]) == [3, 4]
    assert to_take(view, "c", None, [3, 4]) == [3]
    assert to_take(view, "a", None, [3, 4]) == []

    view = view_of("a", "b", processes="abc")
    assert [fair_share(view, name) for name in "abc"] == [1, 1, 0]


def test_shards_chosen_by_hand() -> None:
    """They are those with the number of the process, and no others."""
    view = view_of("a", None, None, None, processes="a")
    assert to_take(view, "a", Part(1, 2), [1, 2, 3]) == [1, 3]
    assert to_give_up(view, "a", Part(1, 2), {0}) == []
    assert str(Part(1, 2)) == "1/2"


async def test_a_process_joins_and_leaves(processes: Processes) -> None:
    """The first one has all shards, hands one over when it is idle, and gets it back at once when the other leaves."""
    one = await processes.start("one")
    await one.beat()
    other = await processes.start("other", shards=7)
    await other.beat()
    assert (one.may_run(), other.may_run()) == ({0, 1}, set())

    await one.beat()
    assert one.client.done == ["+0", "+1", "waited at most 10", "-1"]
    await other.beat()
    assert (one.may_run(), other.may_run()) == ({0}, {1})
    await other.shards.leave()
    await one.beat()
    assert one.may_run() == {0, 1}


async def test_a_process_that_stops_hands_over_first(processes: Processes) -> None:
    """With others it gives up its shards at once; alone it keeps them to the end."""
    one = await processes.start("one")
    await one.beat()
    await one.shards.stop(one.client)
    assert one.may_run() == {0, 1}

    other = await processes.start("other")
    await one.shards.stop(one.client)
    assert one.may_run() == set()
    await other.beat()
    await one.beat()
    assert (one.may_run(), other.may_run()) == (set(), {0, 1})


async def test_a_process_is_killed(processes: Processes) -> None:
    """Its shards are taken over once its lease has expired and stood still, not before."""
    one, other = await processes.start("one", skew=500.0), await processes.start("other")
    await one.beat()
    await other.beat()
    await one.beat()
    await other.beat()
    del processes.members["one"]  # it does nothing any more

    for _ in range(int(LEASE_SECONDS / 4)):
        assert other.may_run() == {1}
        processes.pass_time(4.0)
        await other.beat()
    processes.pass_time(1.0)
    await other.beat()
    assert other.may_run() == {0, 1}


async def test_a_frozen_process(processes: Processes) -> None:
    """It may run nothing when it wakes after its lease, also before it has noticed; then it learns what it has lost."""
    one = await processes.start("one")
    await one.beat()
    processes.pass_time(LEASE_SECONDS - 1)
    assert one.may_run() == set()
    other = await processes.start("other")
    processes.pass_time(1.5)
    await other.beat()  # a lease that has just expired may be renewed yet
    assert other.may_run() == set()
    processes.pass_time(7.0)
    await other.beat()
    assert other.may_run() == {0, 1}

    await one.beat()
    assert one.may_run() == set()
    assert one.client.done[-2:] == ["-0", "-1"]
    await other.beat()
    await one.beat()
    assert (one.may_run(), other.may_run()) == ({1}, {0})


async def test_the_database_is_away(processes: Processes, caplog: pytest.LogCaptureFixture) -> None:
    """The shards stop in time; nobody took them meanwhile, so that they go on without having been given up."""
    one = await processes.start("one")
    await one.beat()
    watching = asyncio.create_task(one.shards.watch(one.client))
    one.cut_off = True
    processes.pass_time(LEASE_SECONDS - 1)
    await one.beat(2)
    waiting = asyncio.create_task(one.shards.until_held(0))
    for _ in range(200):
        if "suspended" in one.client.done:
            break
        await asyncio.sleep(0.01)
    assert one.may_run() == set()
    assert not waiting.done()
    assert len([record for record in caplog.records if "cannot be read or renewed" in record.getMessage()]) == 1

    one.cut_off = False
    processes.pass_time(1000.0)
    await one.beat()
    await waiting
    assert one.may_run() == {0, 1}
    assert one.client.done == ["+0", "+1", "suspended"]
    watching.cancel()


async def test_the_clock_of_the_database_jumps(processes: Processes) -> None:
    """The leases of those that live seem to have expired, but are renewed before anybody takes them."""
    one, other = await processes.start("one"), await processes.start("other")
    await one.beat()
    await one.beat()
    await other.beat()
    processes.world.pass_time(86_400.0)

    await other.beat()
    assert (one.may_run(), other.may_run()) == ({0}, {1})
    processes.pass_time(4.0)
    await one.beat()
    await other.beat()
    processes.world.pass_time(-200_000.0)
    for _ in range(4):
        processes.pass_time(3.0)
        await one.beat()
        await other.beat()
    assert (one.may_run(), other.may_run()) == ({0}, {1})


async def test_another_number_of_shards_is_needed(processes: Processes) -> None:
    """All stop theirs, and agree on the new number."""
    one, other = await processes.start("one"), await processes.start("other")
    await one.beat(2)
    await other.beat()
    await one.shards.ask_for_other_number()

    assert await other.beat() is None
    assert await one.beat() is None
    for member in (one, other):
        await member.shards.give_up_all(member.client)
    assert [await one.join(3), await other.join(9)] == [3, 3]
    await one.beat()
    await other.beat()
    await one.beat()
    await other.beat()
    assert one.may_run() | other.may_run() == {0, 1, 2}
    assert not one.may_run() & other.may_run()


async def test_a_view_from_before_a_handover(processes: Processes) -> None:
    """A shard that is given up while the leases are renewed is not run again because the view still shows it."""
    one = await processes.start("one")
    await one.beat()
    renew = one.shards.cluster.renew

    async def renew_while_handing_over() -> ClusterView | None:
        view = await renew()
        await one.shards._give_up(one.client, [1])
        return view

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one.shards.cluster, "renew", renew_while_handing_over)
        await one.beat()
    assert one.may_run() == {0}
    await one.beat()
    assert one.may_run() == {0, 1}


async def test_shards_that_are_still_held_after_joining_again(processes: Processes) -> None:
    """They are run again: their connections ended, although nobody could be told."""
    one = await processes.start("one")
    await one.beat()
    one.client.running.clear()
    await one.join(2)

    await one.beat()
    assert one.may_run() == {0, 1}


@pytest.mark.parametrize("lost", [["shard_leases"], ["shard_leases", "cluster"], ["cluster"]])
async def test_lost_rows(processes: Processes, lost: list[str]) -> None:
    """No shard is run twice though the table of the leases was emptied, and each is run again without a restart."""
    one, other = await processes.start("one"), await processes.start("other")
    for member in (one, one, other):
        await member.beat()
    for table in lost:
        processes.world.owner.execute(f"DELETE FROM bot.{table}")

    for _ in range(12):
        for member in (other, one):
            if await member.beat() is None:
                await member.shards.give_up_all(member.client)
                await member.join(2)
            assert not one.may_run() & other.may_run()
        processes.pass_time(4.0)
    assert one.may_run() | other.may_run() == {0, 1}


@pytest.mark.parametrize("seed", range(3))
async def test_random_fates(processes: Processes, seed: int) -> None:
    """Whatever processes suffer - death, freezing, no database - no shard is run twice, and each is run again."""
    rng = random.Random(seed)
    shards, names = 5, iter("abcdefghijklmnopqrstuvwxyz" * 3)
    frozen_until: dict[str, float] = {}
    cut_off_until: dict[str, float] = {}
    at = 0.0
    started = 0
    for step in range(160):
        calm = step >= 120  # at the end everything is well again
        processes.pass_time(seconds := rng.uniform(0.1, 2.0))
        at += seconds
        living = list(processes.members)
        fate = rng.random()
        if len(living) < 2 or (fate < 0.05 and len(living) < 4 and not calm):
            started += 1
            await processes.start(f"{next(names)}{started}", shards, skew=rng.uniform(-1e6, 1e6))
        elif fate < 0.09 and not calm:
            del processes.members[rng.choice(living)]
        elif fate < 0.14 and not calm:
            frozen_until[rng.choice(living)] = at + rng.uniform(1, 3 * LEASE_SECONDS)
        elif fate < 0.19 and not calm:
            cut_off_until[rng.choice(living)] = at + rng.uniform(1, 3 * LEASE_SECONDS)
        for name, one in processes.members.items():
            one.cut_off = cut_off_until.get(name, 0.0) > at and not calm
            if frozen_until.get(name, 0.0) <= at or calm:
                await one.beat()
        run = [shard for one in processes.members.values() for shard in one.may_run()]
        assert len(run) == len(set(run)), (step, {name: one.may_run() for name, one in processes.members.items()})

    assert sorted(run) == list(range(shards))
    counts = [len(one.may_run()) for one in processes.members.values()]
    assert max(counts) - min(counts) <= 1


def test_a_table_of_its_own(cluster: ClusterWorld) -> None:
    """The state of the cluster is that of the database, whoever asks."""
    one = cluster.joined("one", 2)
    assert isinstance(one, ShardLeases)
    one.take([1], 2)
    assert cluster.joined("other", 2).renew().leases == one.renew().leases
