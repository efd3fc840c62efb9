"""Fixtures for moves: databases that are prepared for the bot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.moving.postgres_side import PATIENT
from storage.stores import Stores, prepare
from tests.postgres_server import PostgresDatabase, PostgresServer


@pytest.fixture
def prepared_postgres(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Return a database with all tables, in which nothing is stored."""
    template = postgres_server.template("prepared", lambda made: prepare(made.owner_url, made.bot_url))
    with postgres_server.database(template) as database:
        yield database


@pytest.fixture
def sqlite(tmp_path: Path) -> Stores:
    """Return stores in a data folder."""
    return Stores(tmp_path / "data")


@pytest.fixture
def postgres(prepared_postgres: PostgresDatabase, tmp_path: Path) -> Iterator[Stores]:
    """Return stores in PostgreSQL, opened as the bot's role."""
    with closing(Stores(tmp_path / "caches", prepared_postgres.bot_url, timeouts=PATIENT)) as stores:
        yield stores
