"""The jobs of a worker that wait and run, by priority; within one, servers and then their members take turns."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cogs.core.fair_queue import FairQueue, Turn
from i18n import texts
from index.models import UserError

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
class Job:
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


class JobQueue:
    """Jobs that wait, and those that run. Thread-safe.

    At most `capacity` jobs of one priority, and `server_capacity` of one server, may wait, and `most_loading` jobs of
    priority LOADING run; of one server, one job of each priority.
    """

    def __init__(self, capacity: int, server_capacity: int, most_loading: int) -> None:
        """Start empty."""
        self._capacity = capacity
        self._server_capacity = server_capacity
        self._most_loading = most_loading
        self._queues: dict[Priority, FairQueue[Job]] = {priority: FairQueue() for priority in Priority}
        self._running: dict[Job, float] = {}  # when their present steps began
        self._bytes = 0
        self._seconds: float | None = None  # the mean time of an answer
        self._wake = threading.Condition()
        self.is_closed = False

    def require_room(self, priority: Priority, turn: Turn, size: int) -> None:
        """Raise BusyError if there are too many jobs already for another one of `size` bytes."""
        with self._wake:
            queue = self._queues[priority]
            full = len(queue) >= self._capacity or queue.count(turn.server) >= self._server_capacity
            if full or (size and self._bytes + size > _MAX_BYTES):
                raise BusyError(texts.BUSY)

    def add(self, job: Job) -> None:
        """Let a job wait, whatever the capacity. Raises BusyError once the queue is closed."""
        with self._wake:
            if self.is_closed:
                raise BusyError(texts.STOPPING)
            self._queues[job.priority].push(job.turn, job)
            self._bytes += job.size
            self._wake.notify()

    def take(self) -> Job | None:
        """Wait for the next job and return it; None once the queue is closed."""
        with self._wake:
            while not self.is_closed:
                job = self._take()
                if job is not None:
                    return job
                self._wake.wait()
        return None

    def note_end(self, job: Job, seconds: float, *, more: bool) -> None:
        """Note that a step has ended, and queue the job again if `more` of it remains."""
        with self._wake:
            self._running.pop(job, None)
            if job.priority is Priority.ANSWER and job.turn != NOBODY:
                mean = seconds if self._seconds is None else self._seconds
                self._seconds = mean + _WEIGHT * (seconds - mean)
            if more:
                # Before the others of its turn, so that an older generator continues before a newer one starts.
                self._queues[job.priority].push(job.turn, job, first=True)
                if self.is_closed:
                    job.refuse()
            else:
                self._bytes -= job.size
            self._wake.notify_all()  # another thread may take what had to wait for this job

    def pop(self) -> Job | None:
        """Remove and return any queued job, or None."""
        with self._wake:
            return next(filter(None, (queue.pop() for queue in self._queues.values())), None)

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

    def refuse_all(self) -> None:
        """Refuse all jobs, those that run too."""
        with self._wake:
            for job in [*self._running, *(job for queue in self._queues.values() for job in queue.items())]:
                job.refuse()

    def close(self) -> None:
        """Refuse the jobs that wait, and let `take` return None from now on."""
        with self._wake:
            self.is_closed = True
            for queue in self._queues.values():
                for job in queue.items():
                    job.refuse()
            self._wake.notify_all()

    def _take(self) -> Job | None:
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
