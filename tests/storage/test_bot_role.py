"""The role that the bot connects as: made where that is possible, and refused where libraries would not be apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from index.models import UserError
from storage.bot_role import ensure_role
from tests.postgres_server import BOT, OWNER, SUPERUSER, PostgresDatabase, PostgresServer

_NEW = "new bot"  # has to be quoted
_SECRET = "a-secret/word"


@contextmanager
def role(server: PostgresServer, database: PostgresDatabase, options: str | None = None) -> Iterator[str]:
    """Yield the address of a role, which exists only if its options are given, and delete it at the end."""
    if options is not None:
        server.execute(f"CREATE ROLE \"{_NEW}\" LOGIN PASSWORD '{_SECRET}' {options}")
    try:
        yield database.bot_url.replace(BOT, "new%20bot").replace("only-for-tests", "a-secret%2Fword")
    finally:
        server.execute(f'DROP OWNED BY "{_NEW}"', database.name)
        server.execute(f'DROP ROLE IF EXISTS "{_NEW}"')


def test_a_role_is_created(postgres_server: PostgresServer, empty_postgres: PostgresDatabase) -> None:
    """It can do nothing but connect, its password is never sent, and a second time nothing is done."""
    postgres_server.execute(f'REVOKE CONNECT ON DATABASE "{empty_postgres.name}" FROM PUBLIC')
    postgres_server.execute(f"ALTER DATABASE \"{empty_postgres.name}\" SET log_statement = 'all'")
    with role(postgres_server, empty_postgres) as url:
        done = ensure_role(empty_postgres.superuser_url, url)
        again = ensure_role(empty_postgres.superuser_url, url)
        with psycopg.connect(url) as connection:
            connection.execute("SELECT 1")
        powers = postgres_server.execute(
            f"SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = '{_NEW}'"
        )

    assert done == [f"Created the role {_NEW}.", f"Let the role {_NEW} connect to {empty_postgres.name}."]
    assert again == []
    assert powers == [(False, False, False, False)]
    assert "CREATE ROLE" in postgres_server.log()
    assert _SECRET not in postgres_server.log()


def test_what_cannot_be_created_is_told(postgres_server: PostgresServer, empty_postgres: PostgresDatabase) -> None:
    """Without the right, or without a password, the statement to run is in the message, and the password is not."""
    with role(postgres_server, empty_postgres, "") as url:
        pass
    for owner, address, why in (
        (empty_postgres.owner_url, url, "the owner may not create roles"),
        (empty_postgres.superuser_url, url.replace(":a-secret%2Fword", ""), "DATABASE_URL has no password for it"),
    ):
        with pytest.raises(UserError, match=why) as caught:
            ensure_role(owner, address)
        assert 'CREATE ROLE "new bot" LOGIN NOSUPERUSER NOBYPASSRLS ' in str(caught.value)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("options", ["SUPERUSER", "BYPASSRLS", f"IN ROLE {OWNER}"])
def test_a_role_with_too_much_power_is_refused(
    postgres_server: PostgresServer, empty_postgres: PostgresDatabase, options: str
) -> None:
    """A superuser, a role that bypasses row-level security, and one that may become the owner."""
    with (
        role(postgres_server, empty_postgres, options) as url,
        pytest.raises(UserError, match="could not keep the libraries of servers apart"),
    ):
        ensure_role(empty_postgres.owner_url, url)


def test_the_owner_is_not_the_bot(empty_postgres: PostgresDatabase) -> None:
    """The same role in both settings is refused, also for a superuser."""
    for name in (OWNER, SUPERUSER):
        with pytest.raises(UserError, match=f"The role {name} of DATABASE_URL owns the tables"):
            ensure_role(empty_postgres.url(name), empty_postgres.url(name))


def test_a_server_that_cannot_be_reached(empty_postgres: PostgresDatabase) -> None:
    """It is one sentence with the address, without its password."""
    with pytest.raises(UserError, match=f"^postgresql://{OWNER}@127.0.0.1:1/") as caught:
        ensure_role(empty_postgres.url(OWNER, port=1), empty_postgres.bot_url)
    assert "only-for-tests" not in str(caught.value)
    assert "\n" not in str(caught.value)
