"""The worker: one thread, priorities, cancellation and shutdown."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator

import pytest

from cogs.core.fair_queue import Turn
from cogs.core.job_queue import BusyError, Priority, WorkerLoad
from cogs.core.worker import Worker
from i18n import texts
from index.models import UserError


@pytest.fixture
def gate(worker: Worker) -> Generator[threading.Event]:
    """Return an event that holds the worker's thread until it is set."""
    opened = threading.Event()
    worker.submit(opened.wait)
    yield opened
    opened.set()


async def test_one_thread_runs_everything(worker: Worker) -> None:
    """Every job runs on the same thread, which is not the event loop's."""
    names = await asyncio.gather(*[worker.run(threading.get_ident) for _ in range(20)])

    assert len(set(names)) == 1
    assert names[0] != threading.get_ident()


async def test_errors_reach_the_awaiter(worker: Worker) -> None:
    """A job's exception is raised where it is awaited, and the worker continues."""
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 // 0)

    assert await worker.run(lambda: 1) == 1


async def test_answers_go_before_loading(worker: Worker, gate: threading.Event) -> None:
    """Answers run before queued loading; within one priority jobs run in order of arrival."""
    done: list[str] = []
    jobs = [("l1", Priority.LOADING), ("a1", Priority.ANSWER), ("l2", Priority.LOADING), ("a2", Priority.ANSWER)]
    futures = [worker.submit(lambda name=name: done.append(name), priority=priority) for name, priority in jobs]

    gate.set()
    await asyncio.gather(*map(asyncio.wrap_future, futures))

    assert done == ["a1", "a2", "l1", "l2"]


async def test_answers_go_between_pieces(worker: Worker) -> None:
    """A queued answer runs between two steps of a generator, whose value is returned at the end."""
    order: list[str] = []
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def loading(name: str) -> Generator[None, None, str]:
        for number in range(5):
            order.append(f"{name}{number}")
            loop.call_soon_threadsafe(begun.set)
            time.sleep(0.02)
            yield
        return name

    first = asyncio.create_task(worker.run_in_steps(loading("first")))
    second = asyncio.create_task(worker.run_in_steps(loading("second")))
    await begun.wait()
    await worker.run(lambda: order.append("answer"))

    assert await first == "first"
    assert await second == "second"
    assert order.index("answer") < 4
    assert [name for name in order if name != "answer"] == [f"{n}{i}" for n in ("first", "second") for i in range(5)]


async def test_pieces_that_fail(worker: Worker) -> None:
    """An error in a step is raised where the generator is awaited."""

    def loading() -> Generator[None]:
        yield
        raise ValueError("broken source")

    with pytest.raises(ValueError, match="broken source"):
        await worker.run_in_steps(loading())


async def test_cancelled_while_waiting_never_begins(worker: Worker, gate: threading.Event) -> None:
    """A job whose awaiter is cancelled before it starts is not run."""
    ran: list[int] = []
    task = asyncio.create_task(worker.run(lambda: ran.append(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()

    assert await worker.run(lambda: list(ran)) == []


async def test_cancelled_while_running_is_harmless(worker: Worker) -> None:
    """A running job whose awaiter is cancelled is finished, and the next one runs."""
    begun, finish = threading.Event(), threading.Event()
    task = asyncio.create_task(worker.run(lambda: (begun.set(), finish.wait())))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    finish.set()

    assert await worker.run(lambda: "next") == "next"


async def test_cancelled_loading_is_closed_in_the_thread(worker: Worker) -> None:
    """A generator whose awaiter is cancelled stops after its step and is closed on the worker's thread."""
    closed: list[int] = []
    begun = threading.Event()

    def loading() -> Generator[None]:
        try:
            while True:
                begun.set()
                time.sleep(0.005)
                yield
        finally:
            closed.append(threading.get_ident())

    task = asyncio.create_task(worker.run_in_steps(loading()))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    thread = await worker.run(threading.get_ident, priority=Priority.LOADING)
    assert closed == [thread]


async def test_full_queue_is_said() -> None:
    """Answers beyond the capacity are refused at once; loading is counted separately.

    `submit`, for the program's own start and end, ignores the capacity.
    """
    with Worker(capacity=2) as worker:
        gate, begun = threading.Event(), threading.Event()
        worker.submit(lambda: (begun.set(), gate.wait()))
        begun.wait()
        waiting = [worker.submit(lambda: 1) for _ in range(2)]

        with pytest.raises(UserError, match=texts.BUSY):
            await worker.run(lambda: 1)
        loading = asyncio.create_task(worker.run(lambda: 2, priority=Priority.LOADING))
        ending = worker.submit(lambda: 3)
        gate.set()

        assert [future.result(5) for future in waiting] == [1, 1]
        assert await loading == 2
        assert ending.result(5) == 3


async def test_close_tells_those_who_wait() -> None:
    """`close` finishes the running job, refuses queued and further ones, and ends the thread."""
    worker = Worker()
    gate, begun = threading.Event(), threading.Event()
    running = worker.submit(lambda: (begun.set(), gate.wait(), "done")[-1])
    begun.wait()
    waiting = worker.submit(lambda: 1)
    threading.Timer(0.05, gate.set).start()

    worker.close()

    assert running.result(0) == "done"
    with pytest.raises(UserError, match=texts.STOPPING):
        waiting.result(0)
    with pytest.raises(UserError, match=texts.STOPPING):
        worker.submit(lambda: 1)
    assert all(thread.name != "verbatim-worker" or not thread.is_alive() for thread in threading.enumerate())


async def test_close_does_not_wait_for_ever() -> None:
    """`close` gives up on a job that never ends after its timeout."""
    worker = Worker()
    gate, begun = threading.Event(), threading.Event()
    running = worker.submit(lambda: (begun.set(), gate.wait()))
    begun.wait()

    worker.close(timeout=0.05)

    assert not running.done()
    gate.set()


async def test_close_ends_a_long_loading() -> None:
    """`close` closes a generator between two steps, on the thread, and refuses its awaiter."""
    worker = Worker()
    begun = threading.Event()
    closed: list[str] = []

    def loading() -> Generator[None]:
        try:
            while True:
                begun.set()
                time.sleep(0.005)
                yield
        finally:
            closed.append(threading.current_thread().name)

    task = asyncio.create_task(worker.run_in_steps(loading()))
    await asyncio.to_thread(begun.wait)
    await asyncio.to_thread(worker.close)

    with pytest.raises(UserError, match=texts.STOPPING):
        await task
    assert closed == ["verbatim-worker"]


async def test_generators_of_servers_alternate(worker: Worker) -> None:
    """A long load of one server does not hold up that of another; those of one server run one after another."""
    order: list[str] = []

    def loading(name: str) -> Generator[None]:
        for _ in range(3):
            order.append(name)
            yield

    gate = threading.Event()
    worker.submit(gate.wait)
    servers = {"a1": "a", "a2": "a", "b1": "b"}
    tasks = [asyncio.create_task(worker.run_in_steps(loading(n), turn=Turn(s))) for n, s in servers.items()]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)

    assert order == ["a1", "b1"] * 3 + ["a2"] * 3


async def test_one_server_cannot_fill_the_queue() -> None:
    """Each server has a share of the queue, and waiting jobs may hold only so many bytes together."""
    with Worker(capacity=4, server_capacity=2) as worker:
        gate, begun = threading.Event(), threading.Event()
        worker.submit(lambda: (begun.set(), gate.wait()))
        begun.wait()
        waiting = [worker.submit(lambda: 1, turn=Turn("a")) for _ in range(2)]
        with pytest.raises(UserError, match=texts.BUSY):
            await worker.run(lambda: 1, turn=Turn("a"))
        other = asyncio.create_task(worker.run(lambda: 2, turn=Turn("b"), size=40_000_000))
        await asyncio.sleep(0)
        with pytest.raises(UserError, match=texts.BUSY):
            await worker.run(lambda: 1, turn=Turn("c"), size=40_000_000)
        gate.set()

        assert await other == 2
        assert [future.result(60) for future in waiting] == [1, 1]
        assert await worker.run(lambda: 3, turn=Turn("c"), size=40_000_000) == 3


async def test_the_wait_is_estimated(worker: Worker) -> None:
    """The expected wait is the mean time of answers times those that come before."""
    assert worker.expected_wait(Turn("a", 1)) == 0.0
    await worker.run(lambda: time.sleep(0.1), turn=Turn("a", 1))
    gate = threading.Event()
    futures = [worker.submit(gate.wait, turn=Turn("a", 1)) for _ in range(3)]

    first, other = worker.expected_wait(Turn("a", 1)), worker.expected_wait(Turn("b", 2))
    gate.set()

    assert first > other >= 0.1
    assert all(future.result(60) for future in futures)


async def test_refused_at_the_end(worker: Worker) -> None:
    """`stop_accepting` lets what waits go on; `refuse_all` ends even the awaiting of what runs."""
    gate, begun = threading.Event(), threading.Event()
    running = asyncio.create_task(worker.run(lambda: (begun.set(), gate.wait())))
    await asyncio.to_thread(begun.wait)
    waiting = asyncio.create_task(worker.run(lambda: 1))
    await asyncio.sleep(0)

    worker.stop_accepting()
    with pytest.raises(BusyError, match=texts.STOPPING):
        await worker.run(lambda: 1)
    assert not waiting.done()
    worker.refuse_all()

    for task in (running, waiting):
        with pytest.raises(BusyError, match=texts.STOPPING):
            await task
    gate.set()
    assert worker.submit(lambda: "closing").result(60) == "closing"


async def test_load_says_what_there_is_to_do(worker: Worker) -> None:
    """The load counts jobs that wait and run, their bytes, and for how long the oldest step has been running."""
    idle = WorkerLoad({Priority.ANSWER: 0, Priority.LOADING: 0}, 0, 0, 0.0)
    assert worker.load() == idle

    gate, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    jobs = [asyncio.create_task(worker.run(lambda: (loop.call_soon_threadsafe(begun.set), gate.wait()), size=10))]
    await begun.wait()
    jobs.append(asyncio.create_task(worker.run(lambda: None, priority=Priority.LOADING, size=5)))
    await asyncio.sleep(0)
    load = worker.load()
    gate.set()
    await asyncio.gather(*jobs)
    await worker.run(lambda: None)

    assert (load.waiting, load.running, load.size) == ({Priority.ANSWER: 0, Priority.LOADING: 1}, 1, 15)
    assert load.longest_step > 0
