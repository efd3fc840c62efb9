"""Fixtures of the tests of `cogs/articles/`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cogs.core.worker import Worker
from index.libraries.registry import Libraries
from index.passages.embedder import Embedder
from settings import Settings


@pytest.fixture
def libraries(settings: Settings, worker: Worker, embedder: Embedder) -> Iterator[Libraries]:
    """Return libraries with the real embedder, which is loaded once for all tests."""
    libraries = Libraries(settings.data_dir, lambda: embedder)
    yield libraries
    worker.submit(libraries.close).result()
