"""Fixtures for moves: databases that are prepared for the bot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.stores import prepare
from tests.postgres_server import PostgresDatabase, PostgresServer


@pytest.fixture
def prepared_postgres(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Return a database with all tables, in which nothing is stored."""
    template = postgres_server.template("prepared", lambda made: prepare(made.owner_url, made.bot_url))
    with postgres_server.database(template) as database:
        yield database
