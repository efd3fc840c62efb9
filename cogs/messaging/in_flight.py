"""The answers that are being given just now, so that the bot can end after them and not in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    """Counts the tasks that are inside an `answering` block."""

    def __init__(self) -> None:
        """Begin with none."""
        self._tasks: set[asyncio.Task[object]] = set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count the current task while the block lasts."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an answer is given inside a task")
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    async def finished(self, *, seconds: float) -> bool:
        """Wait for those that are inside now, at most `seconds`; tell whether all of them have ended."""
        if not self._tasks:
            return True
        _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
        return not late
