"""Tracks the answers in progress, so that shutdown can wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    """The tasks that are inside an `answering` block."""

    def __init__(self) -> None:
        """Start with no task."""
        self._tasks: set[asyncio.Task[object]] = set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Track the current task inside the block. Raises RuntimeError outside a task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("answering() needs a running task")
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    def __len__(self) -> int:
        """Return the number of tasks."""
        return len(self._tasks)

    async def wait_until_idle(self, *, seconds: float) -> bool:
        """Wait at most `seconds` for the tasks tracked now; return whether all of them ended."""
        if not self._tasks:
            return True
        _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
        return not late
