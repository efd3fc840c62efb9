"""Promises of the PostgreSQL server that tests use."""

from __future__ import annotations

import psycopg
import pytest

from tests.postgres_server import BOT, OWNER, SUPERUSER, PostgresDatabase, PostgresServer


def test_roles_are_ordinary(postgres_server: PostgresServer) -> None:
    """Neither the owner nor the bot is a superuser or passes row-level security."""
    rows = postgres_server.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolcanlogin"
    )

    assert sorted(rows) == [(SUPERUSER, True, True, True), (BOT, *[False] * 3), (OWNER, *[False] * 3)]


def test_databases_are_copies(postgres_server: PostgresServer, empty_postgres: PostgresDatabase) -> None:
    """A database is empty or has what its template has; what is written to it is in no other."""

    def prepare(database: PostgresDatabase) -> None:
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("CREATE TABLE words (word text)")
            connection.execute(f"GRANT ALL ON words TO {BOT}")

    with postgres_server.database(postgres_server.template("words", prepare)) as one:
        with psycopg.connect(one.bot_url) as connection:
            connection.execute("INSERT INTO words VALUES ('a')")
        with postgres_server.database(postgres_server.template("words", prepare)) as other:
            assert postgres_server.execute("SELECT * FROM words", other.name) == []
    with psycopg.connect(empty_postgres.bot_url) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM words")
