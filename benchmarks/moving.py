"""Measures how long moving libraries takes, to PostgreSQL on this machine and back, and backups of both.

    python -m benchmarks.moving DATA_DIR

A copy of DATA_DIR is moved; it may be any data folder, such as one that `benchmarks.scale` made. The server is started
for it, on the disk, with PostgreSQL's usual settings for safety. Prints one JSON object for each step.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalog.engine import write_transaction
from index.catalog.schema import dismissed
from storage.backups.into_database import restore_into_database
from storage.backups.restoring import restore_backup
from storage.backups.writing import write_backup
from storage.moving.move import Move, MoveReport
from storage.moving.postgres_side import PATIENT
from storage.moving.targets import side
from storage.process_lock import sole_process
from storage.stores import Stores, prepare
from tests import postgres_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.postgres_server import PostgresServer

_AS_USUAL = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}


def main() -> int:
    """Run the benchmark and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    given = parser.parse_args().data_dir
    postgres_server._OPTIONS.update(_AS_USUAL, max_wal_size="1GB", shared_buffers="128MB")  # noqa: SLF001
    postgres_server._place = lambda: None  # noqa: SLF001 - not in memory
    with tempfile.TemporaryDirectory() as folder, postgres_server.running_postgres() as server:
        shutil.copytree(given, Path(folder) / "data")
        _measure(Path(folder), server)
    return 0


def _measure(folder: Path, server: PostgresServer) -> None:
    source, back = Stores(folder / "data"), Stores(folder / "back")
    with closing(_database(folder, server)) as target:
        with sole_process(source.data_dir):
            _timed("SQLite to PostgreSQL, while a bot runs", lambda: Move(side(source), side(target)).run())
            name = side(source).names()[0]
            with side(source).catalog(name, writing=True) as engine, write_transaction(engine) as db:
                db.execute(dismissed.insert().values(key="changed"))
            _timed("again, one library has changed", lambda: Move(side(source), side(target)).run())
        _timed("the last run, nothing has changed", lambda: Move(side(source), side(target)).run())
        _timed("PostgreSQL to SQLite", lambda: Move(side(target), side(back)).run())
        _timed("backup of SQLite", lambda: write_backup(source, folder / "one.zip"))
        _timed("backup of PostgreSQL", lambda: write_backup(target, folder / "two.zip"))
    with closing(_database(folder, server)) as empty:
        _timed("restored into PostgreSQL", lambda: restore_into_database(folder / "one.zip", empty))
    _timed("restored into SQLite", lambda: restore_backup(folder / "two.zip", folder / "new"))


def _database(folder: Path, server: PostgresServer) -> Stores:
    made = server.create_database()
    prepare(made.owner_url, made.bot_url)
    return Stores(folder / "caches", made.bot_url, timeouts=PATIENT)


def _timed(step: str, work: Callable[[], object]) -> None:
    start, used = time.perf_counter(), time.process_time()
    found = work()
    values: dict[str, object] = {"step": step, "seconds": round(time.perf_counter() - start, 2)}
    values["cpu_seconds"] = round(time.process_time() - used, 2)
    if isinstance(found, MoveReport):
        values |= {"articles": found.articles, "passages": found.passages}
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    sys.exit(main())
