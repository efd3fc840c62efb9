"""Threads that own models, indexes or databases, or that fetch and parse, with a fair queue of jobs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Self, TypeVar

from cogs.core.fair_queue import Turn
from cogs.core.job_queue import NOBODY, BusyError, Job, JobQueue, Priority, WorkerLoad
from i18n import texts
from i18n.languages import in_force, speaking
from observability.request_ids import continue_request, request_in_progress

T = TypeVar("T")


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
        self._queue = JobQueue(capacity, capacity if server_capacity is None else server_capacity, max(1, threads // 2))
        self._accepting = True
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
        return self._queue.expected_wait(turn)

    def load(self) -> WorkerLoad:
        """Return what there is to do now. For any thread."""
        return self._queue.load()

    @property
    def is_stopping(self) -> bool:
        """Whether new jobs are refused because the bot stops, not because others wait."""
        return self._queue.is_closed or not self._accepting

    def stop_accepting(self) -> None:
        """Refuse what `run` and `run_in_steps` are given from now on; what waits is still done."""
        self._accepting = False

    def refuse_all(self) -> None:
        """Refuse all jobs, those that run too: their awaiters are told now, and their results are dropped."""
        self._accepting = False
        self._queue.refuse_all()

    def close(self, *, timeout: float | None = None) -> None:
        """Refuse queued jobs, let running steps end, and wait for the threads, at most `timeout` seconds if given."""
        self._queue.close()
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
        self._queue.require_room(priority, turn, size)

    def _add(self, step: Callable[[], bool], future: Future[T], priority: Priority, turn: Turn, size: int) -> None:
        def refuse() -> None:
            with suppress(InvalidStateError):
                future.set_exception(BusyError(texts.STOPPING))

        self._queue.add(Job(priority, turn, size, _for_caller(step), _for_caller(refuse)))

    def _loop(self) -> None:
        while (job := self._queue.take()) is not None:
            begun = time.monotonic()
            more = job.step()
            self._queue.note_end(job, time.monotonic() - begun, more=more)
        # The rest has been refused; started generators are closed here, on a thread that owns their resources.
        while (left := self._queue.pop()) is not None:
            left.step()


def _for_caller(call: Callable[[], T]) -> Callable[[], T]:
    """Return a function that runs `call` in the language in force now and as part of the request in progress."""
    language, request = in_force(), request_in_progress()

    def run() -> T:
        with speaking(language), continue_request(request):
            return call()

    return run
