"""Measures how long the stages of one piece of work take, such as those of answering a question.

Code marks its stages with `stage`; that costs about a microsecond, and nothing is kept unless somebody records.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_recorded: ContextVar[dict[str, float] | None] = ContextVar("stage_times", default=None)


@contextmanager
def recording() -> Iterator[dict[str, float]]:
    """Record the stages inside the block; yield their times in seconds by name, those of one name added up."""
    times: dict[str, float] = {}
    token = _recorded.set(times)
    try:
        yield times
    finally:
        _recorded.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Measure the block as a stage. A stage inside another one counts for both."""
    times = _recorded.get()
    if times is None:
        yield
        return
    begun = time.perf_counter()
    try:
        yield
    finally:
        times[name] = times.get(name, 0.0) + time.perf_counter() - begun
