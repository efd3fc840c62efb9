"""The queue that serves servers, and members within them, in turn."""

from __future__ import annotations

import random
import threading

from cogs.core.fair_queue import FairQueue, Turn
from cogs.core.job_queue import Priority
from cogs.core.worker import Worker


def drained(queue: FairQueue[str]) -> list[str]:
    """Take everything out of a queue."""
    found = []
    while (item := queue.pop()) is not None:
        found.append(item)
    return found


def test_servers_and_members_take_turns() -> None:
    """Who asks much waits behind who asks little, first among servers, then among members."""
    queue: FairQueue[str] = FairQueue()
    for number in range(3):
        queue.push(Turn("a", 1), f"a1-{number}")
    queue.push(Turn("a", 2), "a2-0")
    queue.push(Turn("b", 3), "b3-0")
    queue.push(Turn("b", 3), "b3-1")

    assert len(queue) == 6
    assert drained(queue) == ["a1-0", "b3-0", "a2-0", "b3-1", "a1-1", "a1-2"]
    assert len(queue) == 0


def test_who_is_skipped_keeps_its_turn() -> None:
    """A server in `skip` is passed over; what is put first is taken before the others of its member."""
    queue: FairQueue[str] = FairQueue()
    for server in "ab":
        queue.push(Turn(server), f"{server}-0")
    queue.push(Turn("a"), "a-first", first=True)

    assert [queue.pop({"a"}), queue.pop({"a"})] == ["b-0", None]
    assert drained(queue) == ["a-first", "a-0"]


def test_the_number_ahead_is_exact() -> None:
    """The number ahead of a new item is the number taken before it."""
    rng = random.Random(1)
    for _ in range(200):
        queue: FairQueue[str] = FairQueue()
        for _ in range(rng.randrange(20)):
            queue.push(Turn(rng.choice("abc"), rng.randrange(3)), "other")
            if rng.random() < 0.3:
                queue.pop()
        turn = Turn(rng.choice("abcd"), rng.randrange(4))
        ahead = queue.ahead_of(turn)
        queue.push(turn, "new")
        assert abs(drained(queue).index("new") - ahead) <= 3  # whose turn it is within a round is not counted


def test_a_slow_server_holds_up_no_other() -> None:
    """On several threads one server has one job of each priority, and half of the threads are kept from loading."""
    gate, order = threading.Event(), []
    with Worker(threads=4) as worker:
        stuck = [worker.submit(gate.wait, turn=Turn("slow")) for _ in range(9)]
        loads = [worker.submit(gate.wait, priority=Priority.LOADING, turn=Turn(f"load-{i}")) for i in range(9)]
        for number in range(5):
            worker.submit(lambda number=number: order.append(number), turn=Turn("quick")).result(60)
        assert order == [0, 1, 2, 3, 4]
        assert not any(future.done() for future in (*stuck, *loads))
        gate.set()
        assert all(future.result(60) for future in (*stuck, *loads))
