"""Promises about copies of tables: equal whatever was there before, after a change, and after an interruption."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from index.catalog.engine import open_engine, write_transaction
from storage.engine import open_database
from storage.moving import copier, rows
from storage.moving.copier import Writer, Written, synchronise
from storage.moving.digests import digest_tables
from storage.moving.next_ids import last_ids, raise_ids
from storage.moving.tables import CATALOG_TABLES, MEMORY_TABLES
from storage.stores import Stores
from tests.postgres_server import PostgresDatabase
from tests.storage.moving.random_rows import change, fill

Pair = tuple[sa.Engine, sa.Engine]
TABLES = {"catalogue": CATALOG_TABLES, "memory": MEMORY_TABLES}


@pytest.fixture(params=["catalogue", "memory"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which kind of database is copied."""
    return str(request.param)


@pytest.fixture(params=["SQLite to SQLite", "SQLite to PostgreSQL", "PostgreSQL to SQLite"])
def pair(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[Pair]:
    """Return two empty databases."""
    makers = {"SQLite": sqlite, "PostgreSQL": lambda kind, _: request.getfixturevalue("postgres_view")(kind)}
    engines = [makers[name](kind, tmp_path / f"{at}.db") for at, name in enumerate(request.param.split(" to "))]
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


def sqlite(kind: str, path: Path) -> sa.Engine:
    """Return an SQLite database, which need not survive a power cut."""
    engine = open_engine(path) if kind == "catalogue" else open_database(path)
    engine.dispose()
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return engine


@pytest.fixture
def postgres_view(postgres: PostgresDatabase) -> Iterator[Callable[[str], sa.Engine]]:
    """Return a function that returns an empty catalogue, or the memory, of a database for the bot's role."""
    stores = Stores(Path(), postgres.bot_url)
    assert stores.engine is not None
    memory = stores.engine.execution_options(schema="bot")
    yield lambda kind: stores.catalogs().open("shared").engine if kind == "catalogue" else memory
    stores.close()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let batches and transactions end after a few rows."""
    monkeypatch.setattr(rows, "_ROWS", 3)
    monkeypatch.setattr(rows, "_ROWS_WITH_TEXT", 2)
    monkeypatch.setattr(copier, "_TRANSACTION", 200)


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("seed", range(2))
def test_copies_are_equal(kind: str, pair: Pair, seed: int) -> None:
    """All rows, and the last ids, are equal after a copy, also one that was killed several times, and after changes."""
    tables, (one, other), chance = TABLES[kind], pair, random.Random(seed)
    kills = [chance.randint(0, 20) for _ in range(seed)]
    for make in (fill, change, change):
        with write_transaction(one) as db:
            make(db, tables, chance)
        for steps in kills:
            with suppress(KilledError):
                copy(one, other, tables, steps)
        copy(one, other, tables)
        again = copy(one, other, tables)

        with one.connect() as db, other.connect() as copied:
            assert digest_tables(copied, tables) == digest_tables(db, tables)
            assert {**last_ids(db, tables), **last_ids(copied, tables)} == last_ids(copied, tables)
        assert not again


def copy(one: sa.Engine, other: sa.Engine, tables: Sequence[sa.Table], steps: int | None = None) -> Written:
    """Make the other database equal; raise KilledError after a number of transactions."""
    left = iter(range(steps)) if steps is not None else None

    def on_step() -> None:
        if left is not None and next(left, None) is None:
            raise KilledError

    with one.connect() as db, Writer(other, on_step) as writer:
        synchronise(db, writer, tables)
        raise_ids(writer.db, tables, last_ids(db, tables))
    return writer.written
