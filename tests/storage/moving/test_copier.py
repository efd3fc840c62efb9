"""Promises about copies of tables: equal whatever was there before, after a change, and after an interruption."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.catalog.engine import open_engine, write_transaction
from storage.engine import open_database
from storage.moving import copier, rows
from storage.moving.copier import Writer, Written, clear, synchronise
from storage.moving.digests import digest_tables
from storage.moving.move import CATALOG_TABLES, MEMORY_TABLES
from storage.moving.next_ids import last_ids, raise_ids
from tests.storage.moving.random_rows import change, fill

Pair = tuple[sa.Engine, sa.Engine]
TABLES = {"catalogue": CATALOG_TABLES, "memory": MEMORY_TABLES}


@pytest.fixture(params=["catalogue", "memory"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which kind of database is copied."""
    return str(request.param)


@pytest.fixture
def pair(kind: str, tmp_path: Path) -> Iterator[Pair]:
    """Return two empty databases."""
    make = open_engine if kind == "catalogue" else open_database
    engines = make(tmp_path / "a.db"), make(tmp_path / "b.db")
    yield engines
    for engine in engines:
        engine.dispose()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let batches and transactions end after a few rows."""
    monkeypatch.setattr(rows, "_ROWS", 3)
    monkeypatch.setattr(rows, "_ROWS_WITH_TEXT", 2)
    monkeypatch.setattr(copier, "_TRANSACTION", 200)


class KilledError(Exception):
    """Stands for the end of the process."""


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32), st.lists(st.integers(0, 30), max_size=2))
def test_copies_are_equal(kind: str, pair: Pair, seed: int, kills: list[int]) -> None:
    """All rows, and the last ids, are equal after a copy, also one that was killed several times, and after changes."""
    tables, (one, other), chance = TABLES[kind], pair, random.Random(seed)
    for engine in pair:
        with Writer(engine) as writer:
            clear(writer, tables)
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
