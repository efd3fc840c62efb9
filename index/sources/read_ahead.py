"""Runs jobs ahead of whoever uses their results, in order: files are parsed while others are being embedded."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

_THREADS: Final = 2  # each waits for a parser process of its own
_MOST_JOBS: Final = 64  # that are started before their results are asked for
_MOST_BYTES: Final = 16_000_000  # that these jobs hold; a larger one runs alone


def results_ahead(jobs: Iterable[tuple[int, Callable[[], T]]]) -> Iterator[T]:
    """Yield the results of jobs in order; each is a pair of the bytes that it holds and a function.

    The functions run in two other threads, which end with the generator or with the program; `jobs` is iterated in the
    caller's. An exception of a function is raised in place of its result.
    """
    waiting: SimpleQueue[tuple[Future[T], Callable[[], T]] | None] = SimpleQueue()
    running: deque[tuple[int, Future[T]]] = deque()
    for _ in range(_THREADS):
        Thread(target=_work, args=(waiting,), name="verbatim-reading-ahead", daemon=True).start()
    try:
        for size, function in jobs:
            while running and (len(running) >= _MOST_JOBS or size + sum(held for held, _ in running) > _MOST_BYTES):
                yield running.popleft()[1].result()
            future: Future[T] = Future()
            running.append((size, future))
            waiting.put((future, function))
        while running:
            yield running.popleft()[1].result()
    finally:
        for _, future in running:
            future.cancel()
        for _ in range(_THREADS):
            waiting.put(None)


def _work(waiting: SimpleQueue[tuple[Future[T], Callable[[], T]] | None]) -> None:
    while job := waiting.get():
        future, function = job
        if not future.set_running_or_notify_cancel():
            continue
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            future.set_exception(error)
        else:
            future.set_result(result)
