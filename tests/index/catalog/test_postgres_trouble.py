"""Promises about a PostgreSQL server in trouble: waits are bounded, and one sentence says what to do."""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
import sqlalchemy as sa

from index.catalog.engine import write_transaction
from index.catalog.postgres.catalogs import PostgresCatalogs
from index.catalog.postgres.engine import ConnectionSettings, Timeouts, open_postgres
from index.catalog.postgres.errors import database_error
from index.catalog.postgres.tables import libraries
from index.models import Draft, SettingsError, UserError
from index.sqlite_errors import DamagedError, LockedError, StorageError, UnreachableError
from tests.postgres_server import PASSWORD, PostgresDatabase, PostgresServer


def trouble_with(url: str) -> StorageError:
    """Return the error of a first statement, which never has the password."""
    engine = open_postgres(url, timeouts=Timeouts(connect=2))
    with pytest.raises(StorageError) as raised:
        PostgresCatalogs(engine).names()
    engine.dispose()
    assert PASSWORD not in repr(raised.value)
    assert PASSWORD not in repr(engine)
    return raised.value


@pytest.fixture
def catalogs(postgres: PostgresDatabase) -> Iterator[PostgresCatalogs]:
    engine = open_postgres(postgres.bot_url, timeouts=Timeouts(statement=0.5))
    yield PostgresCatalogs(engine)
    engine.dispose()


def test_a_server_that_is_not_there(postgres: PostgresDatabase) -> None:
    """A closed port, a wrong password and a missing database are told apart from each other, in one sentence each."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        closed = taken.getsockname()[1]
    gone = trouble_with(postgres.url(port=closed))
    assert isinstance(gone, UnreachableError)
    assert f"127.0.0.1:{closed}/{postgres.name} cannot be reached" in str(gone)
    assert "password authentication failed" in str(trouble_with(postgres.bot_url.replace(PASSWORD, "another")))
    assert "does not exist" in str(trouble_with(postgres.bot_url.replace(postgres.name, "nowhere")))


def test_a_server_that_says_nothing(postgres: PostgresDatabase) -> None:
    """A connection is waited for a few seconds; then the next attempts fail at once, without waiting again."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        engine = open_postgres(postgres.url(port=silent.getsockname()[1]), timeouts=Timeouts(connect=2))
        for _ in range(2):
            with pytest.raises(UnreachableError, match="cannot be reached"):
                PostgresCatalogs(engine).names()
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
        engine.dispose()


def test_a_server_that_was_restarted(catalogs: PostgresCatalogs, postgres_server: PostgresServer) -> None:
    """Connections that were closed meanwhile are replaced before anybody notices."""
    catalogs.open("one")
    query = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'verbatim_bot'"
    assert postgres_server.execute(query) == [(True,)]
    assert catalogs.names() == ["one"]


def test_a_server_that_freezes(catalogs: PostgresCatalogs) -> None:
    """A statement that gets no answer ends with an error, and later ones work again once the server does."""
    with catalogs._engine.connect() as db:
        backend = db.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    os.kill(backend, signal.SIGSTOP)
    try:
        with pytest.raises(UnreachableError, match="does not answer"):
            catalogs.names()
    finally:
        os.kill(backend, signal.SIGCONT)
    with pytest.raises(UnreachableError):
        catalogs.names()  # for two seconds, nobody waits for it again
    catalogs._engine.dispose()


def test_a_statement_that_takes_too_long(catalogs: PostgresCatalogs) -> None:
    """It is ended by the server, and the connection can be used again."""
    with pytest.raises(UnreachableError, match="took too long"), catalogs._engine.connect() as db:
        db.exec_driver_sql("SELECT pg_sleep(60)")
    assert catalogs.names() == []


def test_all_connections_in_use(postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits in vain for a connection of the pool is told so."""
    monkeypatch.setattr("index.catalog.postgres.engine._EXTRA", 0)
    monkeypatch.setattr("index.catalog.postgres.engine._POOL_SECONDS", 0.1)
    engine = open_postgres(postgres.bot_url, pool_size=1)
    with engine.connect(), pytest.raises(UnreachableError, match="in use"):
        PostgresCatalogs(engine).names()
    engine.dispose()


@pytest.mark.parametrize(
    ("state", "kind", "advice"),
    [
        ("53100", StorageError, "Free some space"),
        ("53300", StorageError, "lacks memory or connections"),
        ("25006", StorageError, "primary server"),
        ("40P01", LockedError, "try again"),
        ("57P03", UnreachableError, "starting or stopping"),
        ("XX001", DamagedError, "Restore a backup"),
        ("54000", UserError, "too long"),
        ("42501", StorageError, "prepare-database"),
    ],
)
def test_what_else_a_server_reports(state: str, kind: type[Exception], advice: str) -> None:
    """Its codes become sentences that say what to do."""
    error = RuntimeError("index row size 3000 exceeds\nDETAIL: secret")
    error.sqlstate = state  # type: ignore[attr-defined]
    found = database_error(error, "db.example:5432/verbatim")
    assert type(found) is kind
    assert advice in str(found)
    assert "secret" not in str(found)
    assert database_error(RuntimeError("other"), "db.example") is None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO meta (key) VALUES (:text)",
        "INSERT INTO meta (key, value) VALUES (:text, ''), (:text, '')",
        "SELECT CAST(:text AS integer)",
    ],
)
def test_an_error_has_no_values(catalogs: PostgresCatalogs, statement: str) -> None:
    """PostgreSQL's messages quote rows and values, which are articles and questions: no log may have them."""
    view = catalogs.open("one").engine
    with pytest.raises((sa.exc.SQLAlchemyError, StorageError)) as raised, write_transaction(view) as db:
        db.execute(sa.text(statement), {"text": "x" * 9})
    assert "xxx" not in "".join(traceback.format_exception(raised.value))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg, the sentence names the extra to install; an address that cannot be is not repeated."""
    with pytest.raises(SettingsError, match="cannot be understood") as raised:
        open_postgres(f"postgresql://bot:{PASSWORD}@host/db?nonsense=1")
    assert PASSWORD not in str(raised.value)
    assert raised.value.__cause__ is None
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"verbatim\[cluster\]"):
        open_postgres("postgresql://bot@host/db")


def test_settings_of_a_connection() -> None:
    """What the address says wins over the defaults; the timeouts of the server are added to its options."""
    address = (
        "postgresql://bot:secret@db.example:6432/articles?sslmode=require&connect_timeout=9&options=-c%20work_mem%3D8MB"
    )
    found = ConnectionSettings.read(address, Timeouts(lock=1.5))
    assert found.place == "db.example:6432/articles"
    assert found.parameters["connect_timeout"] == "9"
    assert found.parameters["sslmode"] == "require"
    assert found.parameters["options"].startswith("-c lock_timeout=1500 ")
    assert found.parameters["options"].endswith(" -c work_mem=8MB")
    assert "secret" not in repr(found)


def test_a_name_that_is_too_long(catalogs: PostgresCatalogs) -> None:
    """A key that PostgreSQL cannot put into an index is refused in a sentence for whoever named it."""
    digits = "".join(f"{number * 7919:x}" for number in range(3000))
    with pytest.raises(UserError, match="too long"):
        catalogs.open("one").sources.remember_origin(digits)


def test_a_library_that_was_deleted(catalogs: PostgresCatalogs) -> None:
    """Who writes to a library that another process has deleted, as a move does, reads a sentence."""
    one, reader = catalogs.open("one"), catalogs.open("one", read_only=True)
    with write_transaction(catalogs._engine.execution_options(library=catalogs.library_id("one"))) as db:
        db.execute(libraries.delete().where(libraries.c.name == "one"))
    draft = Draft("key", "shown", "Title", "Text.", None, ())

    with pytest.raises(StorageError, match="has deleted this library"):
        one.put(draft, [], np.empty((0, 3), np.float32), "made")
    assert reader.article_ids() == []


def test_a_database_of_a_later_version(
    catalogs: PostgresCatalogs, postgres: PostgresDatabase, postgres_server: PostgresServer
) -> None:
    """A process that still runs an earlier version reads which one is to be started."""
    one = catalogs.open("one")
    postgres_server.execute("ALTER TABLE catalog.articles ADD COLUMN later text NOT NULL", postgres.name)
    draft = Draft("key", "shown", "Title", "Text.", None, ())

    with pytest.raises(StorageError, match="a later version of Verbatim"):
        one.put(draft, [], np.empty((0, 3), np.float32), "made")
    assert one.article_ids() == []
