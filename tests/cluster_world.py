"""Several processes of one bot on a real PostgreSQL database whose clock is set by the test: fixture `cluster`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
import pytest

from index.catalog.postgres.engine import open_postgres
from storage.shard_leases import ShardLeases
from storage.stores import prepare

if TYPE_CHECKING:
    from tests.postgres_server import PostgresDatabase, PostgresServer

APPLICATION = 4242
_CLOCK = """
    CREATE TABLE bot.set_clock (at double precision);
    INSERT INTO bot.set_clock VALUES (1000000);
    CREATE FUNCTION bot.clock_timestamp() RETURNS timestamptz LANGUAGE sql
        AS 'SELECT to_timestamp(at) FROM bot.set_clock';
    GRANT SELECT ON bot.set_clock TO PUBLIC;
"""


@dataclass
class ClusterWorld:
    """The database and its clock; `statement` runs SQL as the owner."""

    database: PostgresDatabase
    owner: psycopg.Connection[tuple[object, ...]]
    now: float = 1_000_000.0
    _opened: list[ShardLeases] = field(default_factory=list)

    def set_clock(self, now: float) -> None:
        """Set the clock of the database (Unix time)."""
        self.now = now
        self.owner.execute("UPDATE bot.set_clock SET at = %s", [now])

    def pass_time(self, seconds: float) -> None:
        """Move the clock of the database on."""
        self.set_clock(self.now + seconds)

    def process(self, name: str, *, idle: float = 10.0) -> ShardLeases:
        """Return the leases of a process of this name, on a connection of its own.

        Its transactions end after `idle` seconds in which it does nothing.
        """
        engine = open_postgres(self.database.bot_url, pool_size=1)
        # Functions of the schema come first, so that the clock is the one that can be set.
        leases = ShardLeases(engine.execution_options(schema="bot, pg_catalog", idle=idle), name)
        self._opened.append(leases)
        return leases

    def joined(self, name: str, shards: int) -> ShardLeases:
        """Return the leases of a process that has joined a cluster of so many shards."""
        leases = self.process(name)
        assert leases.join(APPLICATION, shards) == shards
        return leases

    def close(self) -> None:
        """Close all connections."""
        for leases in self._opened:
            leases.dispose()


@pytest.fixture
def cluster(postgres_server: PostgresServer) -> Iterator[ClusterWorld]:
    """Return a cluster without a process."""

    def with_clock(made: PostgresDatabase) -> None:
        prepare(made.owner_url, made.bot_url)
        with psycopg.connect(made.owner_url, autocommit=True) as db:
            db.execute(_CLOCK)

    template = postgres_server.template("cluster", with_clock)
    with (
        postgres_server.database(template) as database,
        psycopg.connect(database.owner_url, autocommit=True) as owner,
    ):
        world = ClusterWorld(database, owner)
        yield world
        world.close()
