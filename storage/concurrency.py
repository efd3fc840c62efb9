"""What keeps changes right when several processes make them at once.

SQLite lets one transaction write at a time. On PostgreSQL, what a transaction has read may have changed before it
writes: such a change is one statement, an upsert, or holds a lock (`serialised`). PostgreSQL may also end a transaction
that waits for another in a circle; nothing of it was stored then, so that it is run again (`retried`).
"""

from __future__ import annotations

import hashlib
import inspect
import time
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.dialects import postgresql

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=type)

_ROLLED_BACK: Final = frozenset({"40001", "40P01"})  # PostgreSQL's codes: serialization failure, deadlock

_PAUSE: Final = 0.1  # seconds, in which the other transaction goes on: at once, the same could happen again


def serialised(db: sa.Connection, what: str, *key: object) -> None:
    """Wait until no other transaction holds the lock of this name and key; hold it until the caller's ends.

    On SQLite a write transaction keeps all others out already. Take locks of several names in one order everywhere.
    """
    if db.dialect.name == "postgresql":
        digest = hashlib.blake2b(repr((what, *key)).encode(), digest_size=8).digest()
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(digest, "big", signed=True))))


def upsert(db: sa.Connection, table: sa.Table, *rows: Mapping[str, Any]) -> None:
    """Insert rows with the same columns, or set these columns of the rows that have their primary key."""
    if rows:
        new = _insert(db, table)
        keys = {column.name for column in table.primary_key}
        values = {name: new.excluded[name] for name in rows[0] if name not in keys}
        db.execute(new.on_conflict_do_update(index_elements=list(table.primary_key), set_=values), list(rows))


def insert_missing(db: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, but for those whose primary key, or another unique one, is there already."""
    if rows:
        db.execute(insert_new(db, table), list(rows))


def insert_new(db: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """Return the statement that inserts a row unless its primary key, or another unique one, is there already."""
    return _insert(db, table).on_conflict_do_nothing()


def _insert(db: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    if db.dialect.name != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # takes long to import

    return postgresql.insert(table)


def retried(job: Callable[P, T]) -> Callable[P, T]:
    """Return a function that calls `job`, which is one transaction, again once if PostgreSQL has rolled that back."""

    @wraps(job)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return job(*args, **kwargs)
        except Exception as error:
            if not _is_rolled_back(error):
                raise
        time.sleep(_PAUSE)
        return job(*args, **kwargs)

    return call


def one_transaction_each(store: C) -> C:
    """Decorate a class whose public methods are one transaction each: they are `retried`, but for generators."""
    for name, method in list(vars(store).items()):
        if not name.startswith("_") and inspect.isfunction(method) and not inspect.isgeneratorfunction(method):
            setattr(store, name, retried(method))
    return store


def _is_rolled_back(error: BaseException) -> bool:
    """Whether an error is PostgreSQL's for a transaction that it has rolled back because of another one."""
    causes = (getattr(error, "orig", None), error.__cause__)
    return any(getattr(cause, "sqlstate", None) in _ROLLED_BACK for cause in causes)
