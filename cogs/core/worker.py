"""A thread that owns models, indexes or databases, and the queue that decides what it does next."""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from i18n import texts
from i18n.languages import in_force, speaking
from index.models import UserError

T = TypeVar("T")


class BusyError(UserError):
    """Too much is waiting, or the bot is ending: the same may be asked for again later."""


class Priority(IntEnum):
    """What the thread does first: someone is waiting for an answer, loading can wait."""

    ANSWER = 0
    LOADING = 1


@dataclass(order=True, slots=True)
class _Job:
    """One entry of the queue; `step` does a bounded piece of work and says whether more is to come.

    A step whose future is done already, refused or cancelled, only cleans up. Both functions speak the language of
    whoever wants the job.
    """

    priority: Priority
    turn: int
    step: Callable[[], bool] = field(compare=False)
    refuse: Callable[[], None] = field(compare=False)


class Worker:
    """Runs jobs one at a time, in one thread, best priority first and in order of arrival within one.

    Jobs are whole: one that has begun is finished even if nobody waits for its result any more, and one
    that is still waiting when its awaiter is cancelled never begins. `capacity` bounds how many jobs of
    one priority may wait; more are refused with a sentence for the user.
    """

    def __init__(self, *, capacity: int = 64, name: str = "verbatim-worker", close_timeout: float = 10.0) -> None:
        """Start the thread, called `name`; `close` waits for it at most `close_timeout` seconds."""
        self._close_timeout = close_timeout
        self._capacity = capacity
        self._jobs: list[_Job] = []
        self._waiting: Counter[Priority] = Counter()
        self._turns = 0
        self._closed = False
        self._wake = threading.Condition()
        # A daemon, so that a model call that never returns cannot keep the process alive after `close`.
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], T], *, priority: Priority = Priority.ANSWER) -> Future[T]:
        """Queue `job` and return its future; for callers outside the event loop (start-up, ending), and never too many.

        Raises BusyError when the worker has been closed.
        """
        future: Future[T] = Future()

        def step() -> bool:
            if not future.done() and future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits
                    future.set_exception(error)
            return False

        self._add(step, future, priority)
        return future

    async def run(self, job: Callable[[], T], *, priority: Priority = Priority.ANSWER) -> T:
        """Run `job` in the thread and return its result, or raise what it raised.

        Raises BusyError when too much is waiting already or the worker has been closed.
        """
        self._refuse_too_many(priority)
        return await asyncio.wrap_future(self.submit(job, priority=priority))

    async def run_pieces(self, pieces: Generator[object, None, T]) -> T:
        """Run a long work piece by piece, letting answers in between two pieces; return the generator's value.

        A piece ends at each `yield` and should last at most 100 ms. The first long work is finished before
        the next begins. When the awaiter is cancelled, the generator is closed between two pieces, in the thread.

        Raises BusyError when too much is waiting already or the worker has been closed.
        """
        self._refuse_too_many(Priority.LOADING)
        future: Future[T] = Future()

        def step() -> bool:
            if future.done():
                pieces.close()
                return False
            try:
                next(pieces)
            except StopIteration as end:
                if future.set_running_or_notify_cancel():
                    future.set_result(end.value)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)
            else:
                return True
            return False

        self._add(step, future, Priority.LOADING)
        return await asyncio.wrap_future(future)

    def close(self, *, timeout: float | None = None) -> None:
        """Refuse what waits, let the running piece end, and wait for the thread, at most `timeout` seconds if given."""
        with self._wake:
            self._closed = True
            for job in self._jobs:
                job.refuse()
            self._wake.notify()
        self._thread.join(self._close_timeout if timeout is None else timeout)

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the worker."""
        self.close()

    def _refuse_too_many(self, priority: Priority) -> None:
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
            self._turns += 1
            self._put(_Job(priority, self._turns, partial(_in, language, step), partial(_in, language, refuse)))

    def _put(self, job: _Job) -> None:
        """Add to the queue; the caller holds the lock."""
        heapq.heappush(self._jobs, job)
        self._waiting[job.priority] += 1
        self._wake.notify()

    def _taken(self) -> Iterator[_Job]:
        """Yield the next job whenever there is one, until the worker is closed."""
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._jobs or self._closed)
                if self._closed:
                    return
                job = heapq.heappop(self._jobs)
                self._waiting[job.priority] -= 1
            yield job

    def _loop(self) -> None:
        for job in self._taken():
            if job.step():
                with self._wake:
                    # The same turn as before: an older long work goes on before a newer one begins.
                    self._put(job)
                    if self._closed:
                        job.refuse()
        # Whatever is left has been refused; what had begun is closed here, in the thread that owns its resources.
        for job in self._jobs:
            job.step()


def _in(language: str, call: Callable[[], T]) -> T:
    with speaking(language):
        return call()
