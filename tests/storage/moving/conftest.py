"""Fixtures for moves: stores of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.moving.postgres_side import PATIENT
from storage.stores import Stores
from tests.postgres_server import PostgresDatabase


@pytest.fixture
def sqlite(tmp_path: Path) -> Stores:
    """Return stores in a data folder."""
    return Stores(tmp_path / "data")


@pytest.fixture
def on_postgres(postgres: PostgresDatabase, tmp_path: Path) -> Iterator[Stores]:
    """Return stores in PostgreSQL, opened as the bot's role."""
    with closing(Stores(tmp_path / "caches", postgres.bot_url, timeouts=PATIENT)) as stores:
        yield stores
