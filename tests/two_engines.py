"""Fixtures for what must hold on both engines: `stores` is a test's own, on SQLite and on PostgreSQL in turn.

On PostgreSQL everything runs as the bot's role. A test without a server is skipped (`tests/postgres_server.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from storage.stores import Stores, prepare

if TYPE_CHECKING:
    from tests.postgres_server import PostgresDatabase, PostgresServer


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Return a new database with all tables, deleted after the test."""
    template = postgres_server.template("prepared", lambda made: prepare(made.owner_url, made.bot_url))
    with postgres_server.database(template) as database:
        # The right to connect is that of a database, which a template does not pass on, and here everybody's.
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Return empty stores with the data folder `tmp_path`."""
    url = request.getfixturevalue("postgres").bot_url if request.param == "postgres" else None
    with closing(Stores(tmp_path, url)) as made:
        yield made


def everything(stores: Stores) -> bytes:
    """Return the bytes of all files of the data folder, and on PostgreSQL all rows of all libraries as text."""
    found = [path.read_bytes() for path in stores.data_dir.rglob("*") if path.is_file()]
    return b"\n".join(found + ([_rows(stores.database_url)] if stores.database_url else []))


def _rows(url: str) -> bytes:
    """Read every table as the superuser, whom row-level security does not concern."""
    with psycopg.connect(url, user="postgres") as db:
        query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('catalog', 'bot')"
        tables: list[tuple[Any, ...]] = db.execute(query).fetchall()
        rows = [db.execute(f'SELECT t::text FROM "{schema}"."{table}" t'.encode()) for schema, table in tables]
        return "\n".join(str(row[0]) for found in rows for row in found.fetchall()).encode()
