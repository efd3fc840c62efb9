"""A thread that owns models, indexes or databases, with a priority queue of jobs."""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self, TypeVar

from i18n import texts
from i18n.languages import in_force, speaking
from index.models import UserError

T = TypeVar("T")


class BusyError(UserError):
    """The queue is full or the worker is closed; the request may be repeated later."""


class Priority(IntEnum):
    """Order of jobs in the queue, most urgent first."""

    ANSWER = 0
    LOADING = 1


@dataclass(order=True, slots=True)
class _Job:
    """One queue entry: `step` does a bounded part of the work and returns whether more remains.

    A step whose future is already refused or cancelled only cleans up. Both functions run in the caller's language.
    """

    priority: Priority
    order: int
    step: Callable[[], bool] = field(compare=False)
    refuse: Callable[[], None] = field(compare=False)


class Worker:
    """Runs jobs one at a time on one thread, by priority and then in order of arrival.

    A job that has started is finished even if its awaiter is cancelled; one still queued then never starts.
    At most `capacity` jobs of one priority may wait; further ones raise BusyError.
    """

    def __init__(self, *, capacity: int = 64, name: str = "verbatim-worker", close_timeout: float = 10.0) -> None:
        """Start the thread; `close` waits for it at most `close_timeout` seconds."""
        self._close_timeout = close_timeout
        self._capacity = capacity
        self._jobs: list[_Job] = []
        self._waiting: Counter[Priority] = Counter()
        self._order = 0
        self._closed = False
        self._wake = threading.Condition()
        # A daemon thread, so that a model call that never returns cannot keep the process alive after `close`.
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], T], *, priority: Priority = Priority.ANSWER) -> Future[T]:
        """Queue `job` and return its future; ignores `capacity`, for start-up and shutdown code outside the event loop.

        Raises BusyError if the worker is closed.
        """
        future: Future[T] = Future()

        def step() -> bool:
            if not future.done() and future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except BaseException as error:  # noqa: BLE001 - passed on to the awaiter
                    future.set_exception(error)
            return False

        self._add(step, future, priority)
        return future

    async def run(self, job: Callable[[], T], *, priority: Priority = Priority.ANSWER) -> T:
        """Run `job` on the worker's thread; return its result or raise its exception.

        Raises BusyError if the queue is full or the worker is closed.
        """
        self._check_capacity(priority)
        return await asyncio.wrap_future(self.submit(job, priority=priority))

    async def run_in_steps(self, steps: Generator[object, None, T]) -> T:
        """Run a generator step by step, so that answers can run between two steps; return the generator's value.

        A step ends at each `yield` and should take at most 100 ms. Generators run in order of arrival, one to its end
        before the next. If the awaiter is cancelled, the generator is closed between two steps, on the thread.

        Raises BusyError if the queue is full or the worker is closed.
        """
        self._check_capacity(Priority.LOADING)
        future: Future[T] = Future()

        def step() -> bool:
            if future.done():
                steps.close()
                return False
            try:
                next(steps)
            except StopIteration as end:
                if future.set_running_or_notify_cancel():
                    future.set_result(end.value)
            except BaseException as error:  # noqa: BLE001 - passed on to the awaiter
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)
            else:
                return True
            return False

        self._add(step, future, Priority.LOADING)
        return await asyncio.wrap_future(future)

    def close(self, *, timeout: float | None = None) -> None:
        """Refuse queued jobs, let the running step end, and wait for the thread, at most `timeout` seconds if given."""
        with self._wake:
            self._closed = True
            for job in self._jobs:
                job.refuse()
            self._wake.notify()
        self._thread.join(self._close_timeout if timeout is None else timeout)

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the worker."""
        self.close()

    def _check_capacity(self, priority: Priority) -> None:
        with self._wake:
            if self._waiting[priority] >= self._capacity:
                raise BusyError(texts.BUSY)

    def _add(self, step: Callable[[], bool], future: Future[T], priority: Priority) -> None:
        def refuse() -> None:
            if not future.done() and future.set_running_or_notify_cancel():
                future.set_exception(BusyError(texts.STOPPING))

        language = in_force()
        with self._wake:
            if self._closed:
                raise BusyError(texts.STOPPING)
            self._order += 1
            self._push(_Job(priority, self._order, _in_language(language, step), _in_language(language, refuse)))

    def _push(self, job: _Job) -> None:
        """Add a job to the queue; the caller holds the lock."""
        heapq.heappush(self._jobs, job)
        self._waiting[job.priority] += 1
        self._wake.notify()

    def _next_jobs(self) -> Iterator[_Job]:
        """Yield jobs as they become available, until the worker is closed."""
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._jobs or self._closed)
                if self._closed:
                    return
                job = heapq.heappop(self._jobs)
                self._waiting[job.priority] -= 1
            yield job

    def _loop(self) -> None:
        for job in self._next_jobs():
            if job.step():
                with self._wake:
                    # Keeps its order, so that an older generator continues before a newer one starts.
                    self._push(job)
                    if self._closed:
                        job.refuse()
        # The rest has been refused; started generators are closed here, on the thread that owns their resources.
        for job in self._jobs:
            job.step()


def _in_language(language: str, call: Callable[[], T]) -> Callable[[], T]:
    """Return a function that runs `call` in a language."""

    def run() -> T:
        with speaking(language):
            return call()

    return run
