"""Leases of shards on PostgreSQL: nobody has a shard that another one has, and no shard stays without a process."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from index.catalog.engine import write_transaction
from index.models import SettingsError
from index.sqlite_errors import StorageError
from storage.cluster_models import StartClaim, new_process_name
from storage.identify_slots import IdentifySlots
from storage.shard_leases import LEASE_SECONDS, SPACING, shard_leases
from tests.cluster_world import APPLICATION

if TYPE_CHECKING:
    from tests.cluster_world import ClusterWorld


def test_the_number_of_shards_is_agreed(cluster: ClusterWorld) -> None:
    """The first process decides; the number changes only when nobody runs a shard."""
    one = cluster.joined("one", 2)
    assert one.take([0, 1], 2) == [0, 1]

    other = cluster.process("other")
    assert other.join(APPLICATION, 5) == 2
    one.leave()
    assert other.join(APPLICATION, 5) == 5
    assert other.take(range(9), 5) == [0, 1, 2, 3, 4]
    assert other.take([0], 2) == []


def test_a_shard_has_one_holder(cluster: ClusterWorld) -> None:
    """Others get it when it was given up, or once its lease has expired, and its former holder then learns that."""
    one, other = cluster.joined("one", 2), cluster.joined("other", 2)
    assert one.take([0, 1], 2) == [0, 1]
    assert other.take([0, 1], 2) == []

    one.release([1])
    assert other.take([0, 1], 2) == [1]
    cluster.pass_time(LEASE_SECONDS - 1)
    assert other.renew().held_by("other") == {1}
    cluster.pass_time(1.5)
    view = other.renew()
    assert [lease.is_free for lease in view.leases] == [True, False]
    assert [process.name for process in view.processes] == ["other"]
    assert other.take([0, 1], 2) == [0]
    assert one.renew().held_by("one") == set()


def test_a_late_renewal(cluster: ClusterWorld) -> None:
    """A holder that was away for longer than its lease has it again if nobody took it meanwhile."""
    one = cluster.joined("one", 1)
    one.take([0], 1)
    cluster.pass_time(100 * LEASE_SECONDS)

    view = one.renew()
    assert view.held_by("one") == {0}
    assert not view.leases[0].is_free
    assert cluster.joined("other", 1).take([0], 1) == []


def test_a_process_that_stops(cluster: ClusterWorld) -> None:
    """It counts no longer among those that share the shards, but lives until it leaves."""
    one, other = cluster.joined("one", 2), cluster.joined("other", 2)
    one.take([0, 1], 2)
    one.stop()
    one.release([0, 1])

    assert [process.name for process in other.renew().processes] == ["other"]
    assert other.living() == {"one", "other"}
    one.leave()
    assert other.living() == {"other"}


def test_another_number_of_shards(cluster: ClusterWorld) -> None:
    """When Discord refuses the number, all are asked to give up theirs; then the next one decides."""
    one, other = cluster.joined("one", 2), cluster.joined("other", 2)
    one.take([0], 2)
    other.take([1], 2)
    one.ask_for_other_number(2)

    assert other.renew().resharding
    one.release([0])
    assert one.take([0], 2) == []
    assert one.join(APPLICATION, 3) is None
    other.release([1])
    assert one.join(APPLICATION, 3) == 3
    assert other.join(APPLICATION, 3) == 3
    assert not other.renew().resharding
    other.ask_for_other_number(2)  # late: this number is not in use any more
    assert not other.renew().resharding


def test_processes_that_do_not_belong_together(cluster: ClusterWorld) -> None:
    """Another application, and shards chosen by hand beside shares, are refused while the others live."""
    cluster.joined("one", 2)
    with pytest.raises(SettingsError, match=str(APPLICATION)):
        cluster.process("other").join(7, 2)
    with pytest.raises(SettingsError, match="--cluster"):
        cluster.process("other").join(APPLICATION, 2, "0/2")

    cluster.pass_time(LEASE_SECONDS + 1)
    assert cluster.process("other").join(7, 2, "0/2") == 2


def test_names_are_never_used_again() -> None:
    """Not by a process with the same number on the same machine either."""
    assert new_process_name() != new_process_name()


def test_many_processes_at_the_same_time(cluster: ClusterWorld) -> None:
    """Processes that take, renew and release at random at the same time never have the same shard."""
    holders: Counter[int] = Counter()
    lock, doubled = threading.Lock(), list[int]()

    def work(name: str) -> int:
        leases, taken = cluster.joined(name, 4), 0
        for turn in range(30):
            got = leases.take(range(turn % 3, 4), 4)
            with lock:
                holders.update(got)
                doubled.extend(shard for shard in got if holders[shard] > 1)
            assert leases.renew().held_by(name) == set(got)
            with lock:
                holders.subtract(got)
            leases.release(got)
            taken += len(got)
        return taken

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, "abcd")) > 0
    assert doubled == []


def test_a_process_that_freezes_inside_a_transaction(cluster: ClusterWorld) -> None:
    """The server ends its transaction, so that its shards can be taken over."""
    frozen = cluster.process("frozen", idle=0.2)
    frozen.join(APPLICATION, 1)
    frozen.take([0], 1)
    cluster.pass_time(LEASE_SECONDS + 1)
    other = cluster.joined("other", 1)

    def freeze() -> None:
        with write_transaction(frozen.engine) as db:
            db.execute(shard_leases.update().values(expires_at=cluster.now + LEASE_SECONDS))
            assert other.take([0], 1) == [0]  # waits for the lock

    with pytest.raises(StorageError):
        freeze()
    assert other.renew().held_by("other") == {0}


def test_sessions_start_one_after_another(cluster: ClusterWorld) -> None:
    """With one rate limit key, five seconds apart for all processes; those with other keys do not wait."""
    one, other = (IdentifySlots(cluster.joined(name, 4)) for name in ("one", "other"))
    one.record_remaining(100)

    assert one.claim(0) == StartClaim()
    assert one.claim(1) == StartClaim()
    assert other.claim(0).wait > SPACING
    one.end(0, started=True)
    assert other.claim(0) == StartClaim(wait=SPACING)
    one.end(1, started=False)
    assert other.claim(1) == StartClaim()
    cluster.pass_time(SPACING)
    assert other.claim(0) == StartClaim()


def test_a_process_dies_while_its_session_starts(cluster: ClusterWorld) -> None:
    """Others have their turn once its registration has expired."""
    one, survivor = cluster.joined("one", 2), cluster.joined("other", 2)
    other = IdentifySlots(survivor)
    other.record_remaining(100)
    IdentifySlots(one).claim(0)
    assert other.claim(0).wait > 0

    cluster.pass_time(LEASE_SECONDS + 1)
    survivor.renew()
    assert other.claim(0) == StartClaim()


def test_a_process_leaves_while_its_session_starts(cluster: ClusterWorld) -> None:
    """It may have sent its IDENTIFY just now."""
    one, other = cluster.joined("one", 2), IdentifySlots(cluster.joined("other", 2))
    other.record_remaining(100)
    IdentifySlots(one).claim(0)

    one.leave()
    assert other.claim(0) == StartClaim(wait=SPACING)


def test_the_starts_of_the_day_are_shared(cluster: ClusterWorld) -> None:
    """Each claim counts for all; when none is left, nobody gets one until Discord allows more."""
    one, other = (IdentifySlots(cluster.joined(name, 2)) for name in ("one", "other"))
    one.record_remaining(2)

    assert [slots.claim(key) for slots, key in ((one, 0), (other, 1))] == [StartClaim(), StartClaim()]
    assert other.claim(2) == StartClaim(is_used_up=True)
    other.record_remaining(1)
    assert other.claim(2) == StartClaim()


def test_the_last_sync_of_the_commands(cluster: ClusterWorld) -> None:
    """It is known to all processes."""
    one, other = cluster.joined("one", 2), cluster.joined("other", 2)
    assert other.synced_commands() == ""
    one.set_synced_commands("{}")
    assert other.synced_commands() == "{}"
