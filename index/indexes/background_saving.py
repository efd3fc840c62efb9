"""Saves indexes on a thread of its own, so that closing one does not delay the next answer."""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_log = logging.getLogger(__name__)

_MAX_PENDING: Final = 4  # further folders wait for the oldest, since each keeps its index in memory


class BackgroundSaver:
    """Runs one job at a time, in order. At the exit of the process Python waits for all."""

    def __init__(self) -> None:
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)  # a fork has no other threads

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None  # started with the first job
        self._pending: dict[Path, Future[None]] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing is pending."""
        with self._lock:
            return all(future.done() for future in self._pending.values())

    def submit(self, folder: Path, job: Callable[[], None]) -> None:
        """Queue the job that saves the indexes of a folder. What it raises is logged: indexes can be filled again."""
        with self._lock:
            self._pending = {path: future for path, future in self._pending.items() if not future.done()}
            oldest = next(iter(self._pending.values())) if len(self._pending) >= _MAX_PENDING else None
        if oldest is not None:
            wait([oldest])
        with self._lock:
            self._executor = self._executor or ThreadPoolExecutor(1, thread_name_prefix="verbatim-saving")
            self._pending[folder] = self._executor.submit(_run, folder, job)

    def wait(self, folder: Path | None = None) -> None:
        """Wait until nothing is pending for a folder, or for any if it is None."""
        with self._lock:
            pending = [future for path, future in self._pending.items() if folder in {None, path}]
        wait(pending)


def _run(folder: Path, job: Callable[[], None]) -> None:
    try:
        job()
    except Exception as error:  # noqa: BLE001 - nothing is lost, and nobody waits for the result
        _log.warning("The indexes of library %r were not saved, so they will be filled again: %s", folder.name, error)


SAVER: Final = BackgroundSaver()
