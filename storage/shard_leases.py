"""Which process of a bot runs which shard, in PostgreSQL: leases that are renewed, and expire if their holder is gone.

With SQLite a bot is one process that runs all shards, and none of this exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, MetaData, String, Table, select
from sqlalchemy.dialects.postgresql import insert

from index.catalog.engine import write_transaction
from index.catalog.postgres.migrations import SchemaPart
from index.models import SettingsError
from storage.cluster_models import ClusterView, Lease, Process

if TYPE_CHECKING:
    from collections.abc import Collection

LEASE_SECONDS: Final = 20.0
"""How long a lease and the registration of a process last after their last renewal, by the database's clock."""

SPACING: Final = 5.0
"""Seconds between two starts of a session with one rate limit key (shard modulo `max_concurrency`)."""

_UNKNOWN: Final = ""  # the holder of a shard whose row was lost
_KEPT_SECONDS: Final = 86_400.0  # for which a process that is gone stays listed, for whoever looks at the table
_OTHER_APPLICATION: Final = (
    "The database in DATABASE_URL is in use by another Discord application ({other}). Give each bot a database of its "
    "own, or stop the other one first."
)
_MIXED: Final = (
    "Either all processes of the bot are started with --cluster I/N, or none is: {count} run {how} it. "
    "Start this one in the same way."
)

cluster_tables: Final = MetaData()

cluster: Final = Table(  # one row: what all processes agree on
    "cluster",
    cluster_tables,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("application_id", BigInteger, nullable=False),
    Column("shards", Integer, nullable=False),
    Column("resharding", Boolean, nullable=False),  # whether all processes are to give up their shards
    Column("remaining", Integer, nullable=False),  # session starts of the day that Discord allows
    Column("commands", String, nullable=False),  # JSON: the last sync of the commands (`cogs.core.command_sync`)
)

cluster_processes: Final = Table(
    "cluster_processes",
    cluster_tables,
    Column("process", String, primary_key=True),
    Column("part", String, nullable=False),  # "I/N" if its shards were chosen by hand, else empty
    Column("stopping", Boolean, nullable=False),  # whether it takes no shards any more
    Column("started_at", Float(53), nullable=False),  # Unix times, by the database's clock, as in the other tables
    Column("expires_at", Float(53), nullable=False),
)

shard_leases: Final = Table(
    "shard_leases",
    cluster_tables,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("shards", Integer, nullable=False),
    Column("holder", String, index=True),
    Column("expires_at", Float(53), nullable=False),
)

identify_slots: Final = Table(  # for each rate limit key of Discord, when the next session may start
    "identify_slots",
    cluster_tables,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("process", String),  # whose session is starting
    Column("free_at", Float(53), nullable=False),
)

CLUSTER_PART: Final = SchemaPart(
    "the processes",
    "bot",
    lambda db: cluster_tables.create_all(db.execution_options(schema_translate_map={None: "bot"})),
)
"""The tables on PostgreSQL."""

NOW: Final = sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), Float(53))
"""Unix time by the database's clock, which is the same for all processes."""

_ONE: Final = 1  # the id of the only row of `cluster`


class ShardLeases:
    """The leases of one process. Each method is one short transaction; use it on one thread.

    Raises StorageError, as all access to PostgreSQL does, if the database cannot be reached.
    """

    def __init__(self, engine: sa.Engine, process: str, seconds: float = LEASE_SECONDS) -> None:
        """Use an engine of PostgreSQL for the process of this name; leases last `seconds`."""
        self.engine = engine
        self.process = process
        self.seconds = seconds

    def join(self, application_id: int, recommended: int, part: str = "") -> int | None:
        """Register this process; return the number of shards that all processes agree on.

        That is `recommended` if no other process lives or holds a lease, else the number in use. None means that the
        others are giving up their shards because the number is to change: ask again. Raises SettingsError if processes
        of another application live, or if some were started with `--cluster` and some were not.
        """
        with write_transaction(self.engine) as db:
            first = insert(cluster).values(
                id=_ONE, application_id=application_id, shards=recommended, resharding=False, remaining=0, commands=""
            )
            db.execute(first.on_conflict_do_nothing())
            agreed = db.execute(select(cluster).with_for_update()).one()
            alone = self._is_alone(db, agreed.application_id, application_id, part)
            db.execute(cluster_processes.delete().where(cluster_processes.c.expires_at < NOW - _KEPT_SECONDS))
            self._register(db, part)
            held = select(shard_leases.c.shard).where(shard_leases.c.holder.is_not(None), ~_is_expired())
            if db.execute(held.limit(1)).first() is not None:
                return None if agreed.resharding else int(agreed.shards)
            if not (alone or agreed.resharding):
                return int(agreed.shards)
            db.execute(cluster.update().values(application_id=application_id, shards=recommended, resharding=False))
            _list_shards(db, recommended)
            return recommended

    def renew(self, part: str = "") -> ClusterView:
        """Renew the registration and all leases of this process; return the present state of the cluster.

        An expired lease is renewed as well unless another process has taken it. Rows that were lost, as when an older
        state of the database was restored, are listed again; the shards are free when no process can think any more
        that it holds one.
        """
        with write_transaction(self.engine) as db:
            self._register(db, part)
            own = shard_leases.c.holder == self.process
            db.execute(shard_leases.update().where(own).values(expires_at=NOW + self.seconds))
            agreed = db.execute(select(cluster.c.shards, cluster.c.resharding)).first()
            if agreed is None:
                return ClusterView(0, True, (), ())  # all are to join again
            if len(_leases(db, agreed.shards)) < agreed.shards and not agreed.resharding:
                _list_lost(db, agreed.shards, self.seconds)
            return _view(db, agreed.shards, resharding=agreed.resharding)

    def view(self) -> ClusterView:
        """Return the present state of the cluster, for somebody who is no process of it."""
        with self.engine.connect() as db:
            agreed = db.execute(select(cluster.c.shards, cluster.c.resharding)).first()
            return _view(db, agreed.shards, resharding=agreed.resharding) if agreed else ClusterView(0, False, (), ())

    def take(self, shards: Collection[int], count: int) -> list[int]:
        """Take those of these shards that are free or whose lease has expired; return them.

        None are taken if the number of shards is not `count` any more, or if it is about to change.
        """
        with write_transaction(self.engine) as db:
            agreed = db.execute(select(cluster.c.shards, cluster.c.resharding).with_for_update()).one()
            if agreed.shards != count or agreed.resharding:
                return []
            free = shard_leases.c.shard.in_(shards), _is_free()
            taken = shard_leases.update().where(*free).values(holder=self.process, expires_at=NOW + self.seconds)
            return sorted(db.execute(taken.returning(shard_leases.c.shard)).scalars())

    def release(self, shards: Collection[int]) -> None:
        """Give up leases, so that others can take them at once."""
        own = shard_leases.c.holder == self.process
        with write_transaction(self.engine) as db:
            given_up = shard_leases.update().where(own, shard_leases.c.shard.in_(shards))
            db.execute(given_up.values(holder=None, expires_at=NOW))

    def stop(self) -> None:
        """Tell the others that this process will have no shards any more, though it lives."""
        own = cluster_processes.c.process == self.process
        with write_transaction(self.engine) as db:
            db.execute(cluster_processes.update().where(own).values(stopping=True))

    def leave(self) -> None:
        """Give up all leases, and the registration of this process."""
        with write_transaction(self.engine) as db:
            own = shard_leases.c.holder == self.process
            db.execute(shard_leases.update().where(own).values(holder=None, expires_at=NOW))
            starting = identify_slots.update().where(identify_slots.c.process == self.process)
            db.execute(starting.values(process=None, free_at=NOW + SPACING))  # it may have begun its session just now
            db.execute(cluster_processes.delete().where(cluster_processes.c.process == self.process))

    def ask_for_other_number(self, count: int) -> None:
        """Have all processes give up their shards, as Discord refuses `count` of them; `join` then agrees anew."""
        with write_transaction(self.engine) as db:
            db.execute(cluster.update().where(cluster.c.shards == count).values(resharding=True))

    def living(self) -> set[str]:
        """Return the processes that have renewed their registration in time."""
        with write_transaction(self.engine) as db:
            living = select(cluster_processes.c.process).where(cluster_processes.c.expires_at > NOW)
            return set(db.execute(living).scalars())

    def synced_commands(self) -> str:
        """Return what was stored of the last sync of the commands; empty if there was none."""
        with write_transaction(self.engine) as db:
            return db.execute(select(cluster.c.commands)).scalar() or ""

    def set_synced_commands(self, synced: str) -> None:
        """Store what is to be known of the last sync of the commands."""
        with write_transaction(self.engine) as db:
            db.execute(cluster.update().values(commands=synced))

    def dispose(self) -> None:
        """Close the connection."""
        self.engine.dispose()

    def _register(self, db: sa.Connection, part: str) -> None:
        until = NOW + self.seconds
        row = insert(cluster_processes).values(
            process=self.process, part=part, stopping=False, started_at=NOW, expires_at=until
        )
        db.execute(row.on_conflict_do_update(index_elements=["process"], set_={"expires_at": until, "part": part}))

    def _is_alone(self, db: sa.Connection, agreed_id: int, application_id: int, part: str) -> bool:
        """Whether no other process lives. Raises SettingsError if one does that this one does not go with."""
        others = select(cluster_processes.c.part).where(
            cluster_processes.c.expires_at > NOW, cluster_processes.c.process != self.process
        )
        parts = list(db.execute(others).scalars())
        if parts and agreed_id != application_id:
            raise SettingsError(_OTHER_APPLICATION.format(other=agreed_id))
        if any(bool(one) != bool(part) for one in parts):
            raise SettingsError(_MIXED.format(count=len(parts), how="without" if part else "with"))
        return not parts


def _is_expired() -> sa.ColumnElement[bool]:
    return shard_leases.c.expires_at <= NOW


def _is_free() -> sa.ColumnElement[bool]:
    return shard_leases.c.holder.is_(None) | _is_expired()


def _leases(db: sa.Connection, count: int) -> list[sa.Row[Any]]:
    listed = select(shard_leases, _is_free().label("free")).where(shard_leases.c.shards == count)
    return list(db.execute(listed.order_by(shard_leases.c.shard)))


def _view(db: sa.Connection, count: int, *, resharding: bool) -> ClusterView:
    living = select(cluster_processes).where(
        cluster_processes.c.expires_at > NOW, cluster_processes.c.stopping.is_(False)
    )
    processes = db.execute(living.order_by(cluster_processes.c.started_at, cluster_processes.c.process))
    return ClusterView(
        count,
        resharding,
        tuple(Lease(row.shard, row.holder, row.expires_at, row.free) for row in _leases(db, count)),
        tuple(Process(row.process, row.part, row.started_at) for row in processes),
    )


def _list_lost(db: sa.Connection, count: int, seconds: float) -> None:
    """List the shards that are missing in the table, as held by nobody knows whom until a lease would have expired."""
    row = {"shards": count, "holder": _UNKNOWN, "expires_at": NOW + seconds}
    for shard in range(count):
        db.execute(insert(shard_leases).values(shard=shard, **row).on_conflict_do_nothing())


def _list_shards(db: sa.Connection, count: int) -> None:
    """Make the table list `count` shards; nobody may hold one."""
    db.execute(shard_leases.delete().where(shard_leases.c.shards != count))
    known = set(db.execute(select(shard_leases.c.shard)).scalars())
    new = [{"shard": shard, "shards": count, "expires_at": 0.0} for shard in range(count) if shard not in known]
    if new:
        db.execute(shard_leases.insert(), new)
