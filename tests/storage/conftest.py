"""Fixtures for tests of the storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """Return an empty database, in a folder that it creates, closed after the test."""
    database = Database(tmp_path / "data" / "discord.db")
    yield database
    database.close()
