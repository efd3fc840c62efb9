"""Promises about moves: everything arrives, ids stay, changes meanwhile are not lost, and a killed move goes on."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from index.catalog.engine import write_transaction
from index.models import UserError
from index.sqlite_errors import LockedError
from storage.models import ServerSettings
from storage.moving import copier
from storage.moving.move import Move
from storage.moving.sides import SqliteSide
from storage.moving.state import refuse_unfinished
from storage.moving.tables import MEMORY_TABLES
from storage.moving.targets import side
from storage.process_lock import sole_process
from storage.stores import Stores
from tests.conftest import ROOT
from tests.small_embedder import SmallEmbedder
from tests.storage.moving.filled_stores import add, content, ids, populate
from tests.storage.moving.random_rows import change

Open = Callable[[], Stores]


class KilledError(BaseException):
    """Stands for the end of the process."""


def test_there_and_back(sqlite: Stores, on_postgres: Stores, tmp_path: Path) -> None:
    """From SQLite to PostgreSQL and back, every row of every table is equal, the source too, and ids go on."""
    populate(sqlite)
    wanted, last = content(sqlite), ids(sqlite, "shared")

    there = Move(side(sqlite), side(on_postgres)).run()
    back = Stores(tmp_path / "back")
    again = Move(side(on_postgres), side(back)).run()

    assert (there.findings, there.libraries, again.findings) == ({}, 2, {})
    assert content(sqlite) == content(on_postgres) == content(back) == wanted
    assert all(ids(on_postgres, "shared")[table] >= last[table] for table in last)
    with closing(on_postgres.database()) as database:
        assert database.server_settings.get(7).paused
    for stores in (on_postgres, back):
        assert add(stores, "shared", "The last boat is red.", "new") > last["articles"]
        with closing(stores.libraries(SmallEmbedder)) as libraries:
            assert libraries.open("shared").check() == []


@pytest.mark.parametrize("kind", ["sqlite", "on_postgres"])
def test_what_changes_meanwhile(kind: str, sqlite: Stores, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A bot that runs keeps the move open; what it stores and deletes until it is stopped is moved by the next run."""
    target = Stores(tmp_path / "target") if kind == "sqlite" else request.getfixturevalue("on_postgres")
    populate(sqlite)
    with sole_process(sqlite.data_dir):
        first = Move(side(sqlite), side(target)).run()
        add(sqlite, "shared", "The ferry leaves at eight.")
        add(sqlite, "guild-9", "The baker opens at five.", "baker")
        with closing(sqlite.database()) as database, database.writing() as db:
            change(db, MEMORY_TABLES[1:], random.Random(4))
        with pytest.raises(UserError, match="not whole"):
            refuse_unfinished(target)
        shutil.rmtree(sqlite.data_dir / "libraries/guild-7")
        second = Move(side(sqlite), side(target)).run()
    last = Move(side(sqlite), side(target)).run()

    assert "process" in str(first.running)
    assert second.running is not None
    assert (last.running, last.libraries) == (None, 2)
    refuse_unfinished(target)
    assert content(target) == content(sqlite)


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_move_goes_on(seed: int, sqlite: Stores, on_postgres: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after any step, several times, between changes, the move ends with everything in place."""
    monkeypatch.setattr(copier, "_TRANSACTION", 2000)
    populate(sqlite, seed)
    chance = random.Random(seed)
    for _ in range(5):
        left = iter(range(chance.randint(0, 40)))

        def on_step(left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise KilledError

        with suppress(KilledError, UserError):
            Move(side(sqlite), side(on_postgres), on_step).run()
            break
        add(sqlite, "shared", f"The ferry leaves at {chance.random()}.")
    with suppress(UserError):  # that it has ended before
        assert Move(side(sqlite), side(on_postgres)).run().findings == {}
    assert content(on_postgres) == content(sqlite)


def test_a_process_that_is_killed(sqlite: Stores, tmp_path: Path) -> None:
    """A move whose process gets SIGKILL goes on where it was, and is the only one that may."""
    populate(sqlite)
    target = Stores(tmp_path / "target")
    script = (
        "import sys, os, signal; from pathlib import Path; from storage.stores import Stores; "
        "from storage.moving.move import Move; from storage.moving.targets import side; left = iter(range(20)); "
        "kill = lambda: next(left, None) is not None or os.kill(os.getpid(), signal.SIGKILL); "
        "Move(side(Stores(Path(sys.argv[1]))), side(Stores(Path(sys.argv[2]))), kill).run()"
    )
    command = [sys.executable, "-c", script, str(sqlite.data_dir), str(target.data_dir)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    other = Stores(tmp_path / "other")
    add(other, "shared", "Something else.")
    with pytest.raises(UserError, match="a move from other stores"):
        Move(side(other), side(target)).run()
    Move(side(sqlite), side(target)).run()
    assert content(target) == content(sqlite)
    with pytest.raises(UserError, match=r"was moved .* before"):
        Move(side(sqlite), side(target)).run()


def test_targets_with_data_are_refused(sqlite: Stores, on_postgres: Stores, tmp_path: Path) -> None:
    """A target with a library or with the memory of a bot, and the source itself, are refused and unchanged."""
    populate(sqlite)
    add(on_postgres, "guild-1", "Mine.")
    used = Stores(tmp_path / "used")
    with closing(used.database()) as database:
        database.server_settings.change(7, lambda _: ServerSettings(paused=True))
    before = content(on_postgres), content(used)
    for target, sentence in ((on_postgres, "already holds 1 libraries"), (used, "a bot's memory"), (sqlite, "in use")):
        with pytest.raises(UserError, match=sentence):
            Move(side(sqlite), side(target)).run()
    assert (content(on_postgres), content(used)) == before


def test_two_moves_at_once(sqlite: Stores, on_postgres: Stores, tmp_path: Path) -> None:
    """While one move fills some stores, another one is refused."""
    for target in (Stores(tmp_path / "target"), on_postgres):
        with side(target).claimed(), pytest.raises(UserError, match="Another move"):
            Move(side(sqlite), side(target)).run()


def test_processes_on_postgres(on_postgres: Stores, tmp_path: Path) -> None:
    """While a process of a cluster renews its lease, the move stays open; then none can join until it has ended."""
    leases, other = on_postgres.shard_leases("one"), on_postgres.shard_leases("two")
    assert leases is not None
    assert other is not None
    assert leases.join(7, 1) == 1
    target = side(Stores(tmp_path / "target"))

    with pytest.raises(UserError, match="A bot is running with postgresql"):  # though it has stored nothing yet
        Move(target, side(on_postgres)).run()
    add(on_postgres, "shared", "The inn closes at nine.")
    first = Move(side(on_postgres), target).run()
    with pytest.raises(UserError, match="Stop it first"), side(on_postgres).reserved():
        pass
    leases.leave()
    with side(on_postgres).reserved(), pytest.raises(LockedError):
        other.join(7, 1)
    last = Move(side(on_postgres), target).run()
    leases.dispose()
    other.dispose()

    assert first.running == "1 process has been active in the last seconds"
    assert (last.running, last.articles) == (None, 1)


def test_faults_of_the_source(sqlite: Stores, tmp_path: Path) -> None:
    """What `check` finds is moved as it is and named, as is a library that was lost."""
    populate(sqlite)
    path = sqlite.data_dir / "libraries/shared/catalog.db"
    with side(sqlite).catalog("shared", writing=True) as engine, write_transaction(engine) as db:
        db.execute(sa.text("UPDATE articles SET text = replace(text, 'nine', 'nein') WHERE text LIKE '%nine%'"))
    assert path.exists()
    with closing(Stores(sqlite.data_dir).libraries(SmallEmbedder)) as libraries:
        libraries.open("guild-7").check()  # makes the indexes
    (sqlite.data_dir / "libraries/guild-7/catalog.db").unlink()

    report = Move(side(sqlite), side(Stores(tmp_path / "target"))).run()

    assert set(report.findings) == {"shared", "guild-7"}
    assert "its text is not the text that was added" in report.findings["shared"][0]


def test_a_copy_that_differs_is_made_again(sqlite: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that never change are not compared; if one was damaged in the target, the digests show it."""
    populate(sqlite)
    target = Stores(tmp_path / "target")
    with sole_process(sqlite.data_dir):
        Move(side(sqlite), side(target)).run()
    with side(target).catalog("shared", writing=True) as engine, write_transaction(engine) as db:
        db.execute(sa.text("UPDATE passages SET heading = 'other'"))
    add(sqlite, "shared", "The ferry leaves at eight.")
    Move(side(sqlite), side(target)).run()
    assert content(target) == content(sqlite)


def test_no_room(sqlite: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is too small is one sentence, before anything is written."""
    populate(sqlite)
    monkeypatch.setattr(SqliteSide, "size", lambda _: 1 << 60)
    with pytest.raises(UserError, match="There is no room"):
        Move(side(sqlite), side(Stores(tmp_path / "target"))).run()
