"""Fixtures for tests of log and metrics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cogs.core.worker import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    """Return a worker that is closed after the test."""
    with Worker() as worker:
        yield worker
