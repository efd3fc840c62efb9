"""How long what was deleted stays in the files of PostgreSQL, with the settings of `prepare-database` and the defaults.

    python -m benchmarks.purging

needs PostgreSQL's programs and some minutes: a round of autovacuum takes one.
"""

from __future__ import annotations

import random
import string
import time
from typing import Final

import psycopg

from index.catalog.postgres.tables import vacuum_at_once
from tests import postgres_server
from tests.postgres_server import PostgresServer, running_postgres

_ROWS: Final = 200
_LARGE: Final = 60_000  # characters of a text that is stored out of line (TOAST)
_ROUNDS: Final = 3
_PATIENCE: Final = 140.0  # seconds, more than two rounds of autovacuum
_SMALL_MARK, _LARGE_MARK = "short text 77 ", "long text 7 "


def main() -> None:
    """Measure, and print one line for each result."""
    postgres_server._OPTIONS["autovacuum"] = "on"  # noqa: SLF001 - tests have it off
    with running_postgres() as server:
        database = server.create_database()
        with psycopg.connect(database.superuser_url, autocommit=True) as db:
            _fill(db)
            for when, statement in (
                ("stored", "SELECT 1"),
                ("deleted", "DELETE FROM texts WHERE id IN (77, 1007)"),
                ("after VACUUM", "VACUUM texts"),
                ("after VACUUM FULL", "VACUUM FULL texts"),
            ):
                db.execute(statement.encode())
                db.execute("CHECKPOINT")
                small, large = (_copies(server, mark) for mark in (_SMALL_MARK, _LARGE_MARK))
                print(f"{when}: copies of the short text in the tables' files {small}, of the long one {large}")
            print(f"autovacuum by default: {_wait(db, 1)}")
            db.execute(vacuum_at_once("texts").encode())
            for number in range(_ROUNDS):
                print(f"autovacuum as prepared: {_wait(db, 2 + number)}")


def _fill(db: psycopg.Connection) -> None:
    db.execute("CREATE TABLE texts (id integer PRIMARY KEY, body text)")
    rng = random.Random(0)
    for number in range(_ROWS):
        for key, kind, length in ((number, "short", 500), (1000 + number % 20, "long", _LARGE)):
            body = f"{kind} text {key % 1000} " + "".join(rng.choices(string.printable[:90], k=length))
            db.execute("INSERT INTO texts VALUES (%s, %s) ON CONFLICT DO NOTHING", (key, body))


def _copies(server: PostgresServer, mark: str) -> int:
    """Return how often a text is in the files of tables; those of the write-ahead log are not counted."""
    files = (path for path in (server.folder / "data" / "base").rglob("*") if path.is_file())
    return sum(path.read_bytes().count(mark.encode()) for path in files)


def _wait(db: psycopg.Connection, key: int) -> str:
    """Delete a row and return after how many seconds autovacuum has freed it."""
    state = "SELECT last_autovacuum FROM pg_stat_user_tables WHERE relname = 'texts'"
    before, begun = db.execute(state.encode()).fetchone(), time.monotonic()
    db.execute("DELETE FROM texts WHERE id = %s", (key,))
    while time.monotonic() - begun < _PATIENCE:
        time.sleep(1)
        if db.execute(state.encode()).fetchone() != before:
            return f"{time.monotonic() - begun:.0f} s"
    return f"not within {_PATIENCE:.0f} s"


if __name__ == "__main__":
    main()
