"""Threads that own models, indexes or databases, or that fetch and parse, with a fair queue of jobs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self, TypeVar

from cogs.core.fair_queue import FairQueue, Turn
from i18n import texts
from i18n.languages import in_force, speaking
from index.models import UserError
from observability.request_ids import continue_request, request_in_progress

T = TypeVar("T")

NOBODY: Final = Turn()
_MAX_BYTES: Final = 64_000_000  # that waiting jobs hold together, as far as they say so
_WEIGHT: Final = 0.2  # of the last answer in the mean time of answers


class BusyError(UserError):
    """The queue is full or the worker is closed; the request may be repeated later."""


class Priority(IntEnum):
    """Order of jobs in the queue, most urgent first."""

    ANSWER = 0
    LOADING = 1


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One queue entry: `step` does a bounded part of the work and returns whether more remains.

    A step whose future is already refused or cancelled only cleans up. Both functions run in the caller's
    language, and with the id of its request.
    """

    priority: Priority
    turn: Turn
    size: int
    step: Callable[[], bool]
    refuse: Callable[[], None]


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """What a worker has to do at one moment.

    Attributes:
        waiting: The number of jobs that wait, by priority.
        running: The number of jobs that run.
        size: The bytes that jobs hold until they end, as far as they say so.
        longest_step: Seconds since the step began that has run longest; 0 if none runs.
    """

    waiting: dict[Priority, int]
    running: int
    size: int
    longest_step: float


class Worker:
    """Runs jobs by priority; within a priority, servers take turns, then the members of each, then order of arrival.

    With one thread, as for what owns models or databases, jobs run one at a time. With several, at most one job of
    each priority runs for one server, and at most half of the threads load, so that no server holds up another.

    A job that has started is finished even if its awaiter is cancelled; one still queued then never starts. At most
    `capacity` jobs of one priority, and `server_capacity` of one server, may wait; further ones raise BusyError.
    """

    def __init__(
        self,
        *,
        capacity: int = 64,
        server_capacity: int | None = None,
        threads: int = 1,
        name: str = "verbatim-worker",
        close_timeout: float = 10.0,
    ) -> None:
        """Start the threads; `close` waits for them at most `close_timeout` seconds."""
        self.name = name
        self._close_timeout = close_timeout
        self._capacity = capacity
        self._server_capacity = capacity if server_capacity is None else server_capacity
        self._most_loading = max(1, threads // 2)
        self._queues: dict[Priority, FairQueue[_Job]] = {priority: FairQueue() for priority in Priority}
        self._running: dict[_Job, float] = {}  # when their present steps began
        self._bytes = 0
        self._seconds: float | None = None  # the mean time of an answer
        self._accepting = True
        self._closed = False
        self._wake = threading.Condition()
        # Daemon threads, so that a model call that never returns cannot keep the process alive after `close`.
        self._threads = [threading.Thread(target=self._loop, name=name, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(
        self, job: Callable[[], T], *, priority: Priority = Priority.ANSWER, turn: Turn = NOBODY, size: int = 0
    ) -> Future[T]:
        """Queue `job` and return its future; ignores the capacity, for start-up and shutdown code.

        Raises BusyError if the worker is closed.
        """
        future: Future[T] = Future()

        def step() -> bool:
            if not future.done() and future.set_running_or_notify_cancel():
                with suppress(InvalidStateError):  # refused meanwhile
                    try:
                        future.set_result(job())
                    except InvalidStateError:
                        raise
                    except BaseException as error:  # noqa: BLE001 - passed on to the awaiter
                        future.set_exception(error)
            return False

        self._add(step, future, priority, turn, size)
        return future

    async def run(
        self, job: Callable[[], T], *, priority: Priority = Priority.ANSWER, turn: Turn = NOBODY, size: int = 0
    ) -> T:
        """Run `job` on one of the threads; return its result or raise its exception.

        `size` is the number of bytes that the job holds while it waits. Raises BusyError if the queue is full or the
        worker is closed.
        """
        self._check_capacity(priority, turn, size)
        return await asyncio.wrap_future(self.submit(job, priority=priority, turn=turn, size=size))

    async def run_in_steps(self, steps: Generator[object, None, T], *, turn: Turn = NOBODY, size: int = 0) -> T:
        """Run a generator step by step, so that others can run between two steps; return the generator's value.

        A step ends at each `yield` and should take at most 100 ms. Generators of one turn run in order of arrival, one
        to its end before the next; those of several servers alternate. If the awaiter is cancelled, the generator is
        closed between two steps, on the thread.

        Raises BusyError if the queue is full or the worker is closed.
        """
        self._check_capacity(Priority.LOADING, turn, size)
        future: Future[T] = Future()

        def step() -> bool:
            if future.done():
                steps.close()
                return False
            try:
                next(steps)
            except StopIteration as end:
                with suppress(InvalidStateError):  # cancelled or refused meanwhile
                    future.set_result(end.value)
            except BaseException as error:  # noqa: BLE001 - passed on to the awaiter
                with suppress(InvalidStateError):
                    future.set_exception(error)
            else:
                return True
            return False

        self._add(step, future, Priority.LOADING, turn, size)
        return await asyncio.wrap_future(future)

    def expected_wait(self, turn: Turn) -> float:
        """Return the seconds after which an answer that is queued now would begin, from the mean time of answers."""
        with self._wake:
            ahead = self._queues[Priority.ANSWER].ahead_of(turn)
            ahead += sum(job.priority is Priority.ANSWER for job in self._running)
            return ahead * (self._seconds or 0.0)

    def load(self) -> WorkerLoad:
        """Return what there is to do now. For any thread."""
        with self._wake:
            waiting = {priority: len(queue) for priority, queue in self._queues.items()}
            oldest = min(self._running.values(), default=None)
            longest = 0.0 if oldest is None else time.monotonic() - oldest
            return WorkerLoad(waiting, len(self._running), self._bytes, longest)

    @property
    def is_stopping(self) -> bool:
        """Whether new jobs are refused because the bot stops, not because others wait."""
        return self._closed or not self._accepting

    def stop_accepting(self) -> None:
        """Refuse what `run` and `run_in_steps` are given from now on; what waits is still done."""
        self._accepting = False

    def refuse_all(self) -> None:
        """Refuse all jobs, those that run too: their awaiters are told now, and their results are dropped."""
        self._accepting = False
        with self._wake:
            for job in [*self._running, *(job for queue in self._queues.values() for job in queue.items())]:
                job.refuse()

    def close(self, *, timeout: float | None = None) -> None:
        """Refuse queued jobs, let running steps end, and wait for the threads, at most `timeout` seconds if given."""
        with self._wake:
            self._closed = True
            for queue in self._queues.values():
                for job in queue.items():
                    job.refuse()
            self._wake.notify_all()
        end = time.monotonic() + (self._close_timeout if timeout is None else timeout)
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the worker."""
        self.close()

    def _check_capacity(self, priority: Priority, turn: Turn, size: int) -> None:
        if not self._accepting:
            raise BusyError(texts.STOPPING)
        with self._wake:
            queue = self._queues[priority]
            full = len(queue) >= self._capacity or queue.count(turn.server) >= self._server_capacity
            if full or (size and self._bytes + size > _MAX_BYTES):
                raise BusyError(texts.BUSY)

    def _add(self, step: Callable[[], bool], future: Future[T], priority: Priority, turn: Turn, size: int) -> None:
        def refuse() -> None:
            with suppress(InvalidStateError):
                future.set_exception(BusyError(texts.STOPPING))

        with self._wake:
            if self._closed:
                raise BusyError(texts.STOPPING)
            job = _Job(priority, turn, size, _for_caller(step), _for_caller(refuse))
            self._queues[priority].push(turn, job)
            self._bytes += size
            self._wake.notify()

    def _take(self) -> _Job | None:
        """Remove and return the next job that may run now, or None; the caller holds the lock."""
        for priority, queue in self._queues.items():
            running = Counter(job.turn.server for job in self._running if job.priority is priority)
            if priority is Priority.LOADING and running.total() >= self._most_loading:
                continue
            job = queue.pop(running)
            if job is not None:
                self._running[job] = time.monotonic()
                return job
        return None

    def _next_job(self) -> _Job | None:
        """Wait for the next job and return it; None once the worker is closed."""
        with self._wake:
            while not self._closed:
                job = self._take()
                if job is not None:
                    return job
                self._wake.wait()
        return None

    def _loop(self) -> None:
        while (job := self._next_job()) is not None:
            begun = time.monotonic()
            more = job.step()
            self._note_end(job, time.monotonic() - begun, more=more)
        # The rest has been refused; started generators are closed here, on a thread that owns their resources.
        while (left := self._pop_any()) is not None:
            left.step()

    def _note_end(self, job: _Job, seconds: float, *, more: bool) -> None:
        """Note that a step has ended, and queue the job again if `more` of it remains."""
        with self._wake:
            self._running.pop(job, None)
            if job.priority is Priority.ANSWER and job.turn != NOBODY:
                mean = seconds if self._seconds is None else self._seconds
                self._seconds = mean + _WEIGHT * (seconds - mean)
            if more:
                # Before the others of its turn, so that an older generator continues before a newer one starts.
                self._queues[job.priority].push(job.turn, job, first=True)
                if self._closed:
                    job.refuse()
            else:
                self._bytes -= job.size
            self._wake.notify_all()  # another thread may take what had to wait for this job

    def _pop_any(self) -> _Job | None:
        """Remove and return any queued job, or None."""
        with self._wake:
            return next(filter(None, (queue.pop() for queue in self._queues.values())), None)


def _for_caller(call: Callable[[], T]) -> Callable[[], T]:
    """Return a function that runs `call` in the language in force now and as part of the request in progress."""
    language, request = in_force(), request_in_progress()

    def run() -> T:
        with speaking(language), continue_request(request):
            return call()

    return run
