"""Fixtures for tests of the storage: the bot's memory on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from index.catalog.postgres.engine import open_postgres
from storage.database import Database
from storage.stores import prepare
from tests.postgres_server import PostgresDatabase, PostgresServer


@pytest.fixture
def memory_postgres(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Return a PostgreSQL database with the tables of the bot's memory, which are empty."""

    def prepared(database: PostgresDatabase) -> None:
        prepare(database.owner_url, database.bot_url)

    with postgres_server.database(postgres_server.template("memory", prepared)) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Return a function that opens the bot's memory, which is empty at first, as another process would.

    What it has opened is closed after the test.
    """
    with ExitStack() as opened:
        if request.param == "sqlite":

            def open_one() -> Database:
                return opened.enter_context(closing(Database(tmp_path / "data" / "discord.db")))

        else:
            database: PostgresDatabase = request.getfixturevalue("memory_postgres")
            engine = open_postgres(database.bot_url)
            opened.callback(engine.dispose)

            def open_one() -> Database:
                return Database(engine)

        yield open_one


@pytest.fixture
def store(open_store: Callable[[], Database]) -> Database:
    """Return an empty memory, closed after the test."""
    return open_store()
