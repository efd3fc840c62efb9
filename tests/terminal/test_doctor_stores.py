"""`doctor` on PostgreSQL and Milvus: what answers, what is prepared, and that nothing is waited for without end."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Database
from storage.stores import Stores
from terminal.doctor import store_checks
from terminal.doctor.findings import Finding
from terminal.settings_file import load
from tests.milvus_server import MilvusProcess
from tests.postgres_server import OWNER, SUPERUSER, PostgresDatabase

Check = Callable[..., list[Finding]]
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return a function that runs the checks of the stores with some settings."""

    def run(**given: str) -> list[Finding]:
        settings = load(tmp_path / "no such file", data_dir=tmp_path / "data", **given)
        checks = (store_checks.check_stores, store_checks.check_postgresql, store_checks.check_milvus)
        found = [one for check in checks for one in check(settings)]
        assert all((one.remedy is None) == (one.status == "ok") for one in found)
        assert "only-for-tests" not in repr(found)
        return found

    return run


def of(found: list[Finding], status: str) -> list[str]:
    """Return the messages with a status."""
    return [one.message for one in found if one.status == status]


@pytest.fixture
def silent() -> Iterator[int]:
    """Return the port of a server that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_all_is_well(check: Check, postgres: PostgresDatabase, milvus_server: MilvusProcess) -> None:
    """Versions, time of a statement, clock, tables and role are each a line."""
    found = check(database_url=postgres.bot_url, vector_store=milvus_server.url)
    said = " ".join(of(found, "ok"))

    assert {one.status for one in found} <= {"ok", "warning"}  # a busy machine may be slow
    assert f"PostgreSQL (postgresql://verbatim_bot@127.0.0.1:{postgres.port}/{postgres.name}) and Milvus (" in said
    assert "It is prepared, and the role verbatim_bot sees one library at a time." in said
    assert "Its clock and the one here agree." in said
    assert "Milvus" in {one.check for one in found}


def test_the_processes_of_the_bot(check: Check, postgres: PostgresDatabase, tmp_path: Path) -> None:
    """How many run, which shards have none, and a number of `--cluster` that two of them have."""
    found = check(database_url=postgres.bot_url)
    assert "No process of the bot runs." in of(found, "ok")

    with closing(Stores(tmp_path, postgres.bot_url)) as stores:
        one, other = stores.shard_leases("here:1:x"), stores.shard_leases("here:2:x")
        assert one is not None
        assert other is not None
        one.join(42, 3, "0/1")
        one.take([0, 2], 3)
        found = check(database_url=postgres.bot_url)
        assert "No process runs the shards 1 of 3." in of(found, "warning")

        one.take([1], 3)
        found = check(database_url=postgres.bot_url)
        assert "Processes that run: 1. Shards: 3, all of them run." in of(found, "ok")

        other.join(42, 3, "0/1")
        found = check(database_url=postgres.bot_url)
        said = "2 processes were started with --cluster 0/1 (here:1, here:2), so that some of them have no shards."
        assert said in of(found, "problem")
        one.dispose()
        other.dispose()


def test_embedded_stores_are_one_line(check: Check, tmp_path: Path) -> None:
    """SQLite with FAISS needs nothing, and no server is asked."""
    assert of(check(), "ok") == [f"SQLite ({tmp_path / 'data'}) and FAISS."]


def test_databases_that_nothing_reads(check: Check, tmp_path: Path) -> None:
    """With PostgreSQL, files of SQLite that are left in the data folder are named."""
    Database(tmp_path / "data" / "discord.db").close()
    (found,) = of(check(database_url="postgresql://a:b@127.0.0.1:1/d"), "warning")

    assert "1 database of SQLite, which nothing reads now" in found


def test_a_database_that_is_not_prepared(check: Check, empty_postgres: PostgresDatabase) -> None:
    """The command to run is named."""
    (found,) = of(check(database_url=empty_postgres.bot_url), "problem")

    assert "`python bot.py prepare-database`" in found


@pytest.mark.parametrize("role", [OWNER, SUPERUSER])
def test_a_role_that_may_do_too_much(check: Check, postgres: PostgresDatabase, role: str) -> None:
    """The owner of the tables and a superuser are refused."""
    (found,) = of(check(database_url=postgres.url(role)), "problem")

    assert role in found


def test_what_does_not_answer(check: Check, silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is down and one that says nothing are a problem each, soon."""
    monkeypatch.setattr(store_checks, "_SECONDS", 1.0)
    down = of(check(database_url="postgresql://a:b@127.0.0.1:1/d", vector_store=NOBODY), "problem")
    mute = f"127.0.0.1:{silent}"
    hanging = of(check(database_url=f"postgresql://a:b@{mute}/d", vector_store=f"http://{mute}"), "problem")

    assert len(down) == len(hanging) == 2
    assert "127.0.0.1:1/d cannot be reached" in down[0]
    assert hanging[0] == "It has not answered for 1 s."


def test_packages_that_are_missing(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how to install them, and nothing else is tried."""
    monkeypatch.setattr(store_checks, "find_spec", lambda _: None)
    (found,) = check(database_url="postgresql://a:b@127.0.0.1:1/d", vector_store=NOBODY)

    assert (found.status, found.remedy) == ("problem", 'Run `pip install "verbatim[cluster]"`.')
    assert found.message == "Not installed: psycopg, pymilvus."


def test_clock_and_distance(check: Check, postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that differs and statements that take long are warnings."""
    monkeypatch.setattr(store_checks, "_CLOCK", -1.0)
    monkeypatch.setattr(store_checks, "_SLOW", -1.0)
    slow, clock = of(check(database_url=postgres.bot_url), "warning")

    assert slow.startswith("A statement takes ")
    assert clock.startswith("The clock here is 0 s ")


def test_a_busy_database_keeps_working(check: Check, postgres: PostgresDatabase) -> None:
    """Looking leaves no connection behind."""
    import psycopg

    check(database_url=postgres.bot_url)
    with closing(psycopg.connect(postgres.superuser_url, autocommit=True)) as db:
        query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'verbatim_bot' AND datname = %s"
        while db.execute(query, (postgres.name,)).fetchone() != (0,):
            pass
