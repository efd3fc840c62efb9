"""Compares the bot's memory on SQLite with that on PostgreSQL: noting, reading, reports and retention.

    python -m benchmarks.memory_engines --database-url URL [--answers 100000] [--servers 10000]

`URL` is a prepared, empty database (`python bot.py prepare-database`), as the bot's role. All answers are those of one
server, the worst case for its reports; every server has settings. Each figure is the median of several runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from storage.analytics import stats
from storage.answer_rows import quotes_to_json
from storage.concurrency import upsert
from storage.gaps import gaps
from storage.models import QuestionPolicy, QuestionText, ServerSettings
from storage.schema import answers, servers
from storage.stored_answers import StoredAnswer, StoredQuote
from storage.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

_GUILD: Final = 1_100_000_000_000_000_000
_MONTH: Final = 30 * 86400.0
_POLICY: Final = QuestionPolicy(QuestionText.KEPT, 90)
_AT_ONCE: Final = 5000  # rows in one statement, while the memory is filled


def main() -> None:
    """Print one line for each measured step: its name, and the milliseconds on both sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--servers", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sides = {"SQLite": Stores(Path(folder)), "PostgreSQL": Stores(Path(folder), options.database_url)}
        found = {}
        for name, stores in sides.items():
            with closing(stores.database()) as database:
                _fill(database, options.answers, options.servers)
                found[name] = {step: _median(run, times) for step, (run, times) in _steps(database).items()}
            stores.close()
    print(f"{'':<44}" + "".join(f"{name:>14}" for name in found))
    for step in found["SQLite"]:
        print(f"{step:<44}" + "".join(f"{side[step]:>12.2f}ms" for side in found.values()))


def _steps(database: Database) -> dict[str, tuple[Callable[[], object], int]]:
    """Return what is measured, and how often."""
    key = database.keep(_answer(0))

    def with_reading(report: Callable[..., object], *arguments: object, **more: object) -> Callable[[], object]:
        def run() -> object:
            with database.reading() as db:
                return report(db, *arguments, **more)

        return run

    since = time.time() - _MONTH
    return {
        "store an answer": (lambda: database.keep(_answer(1)), 200),
        "vote": (lambda: database.votes.put(key, 7, helpful=False), 200),
        "change settings": (lambda: database.server_settings.change(_GUILD, _other), 200),
        "read an answer": (lambda: database.answer(key), 200),
        "read settings": (lambda: database.server_settings.get(_GUILD), 200),
        "statistics of a month": (with_reading(stats, _GUILD, since), 5),
        "gaps of a month": (with_reading(gaps, _GUILD, since, members=2), 5),
        "servers that keep texts for less": (lambda: database.question_texts.own_policies(_POLICY), 5),
        "servers with texts that are too old": (lambda: database.question_texts.due_by_default(_POLICY), 5),
        "servers with a digest": (database.staff_messages.servers_with_channel, 5),
    }


def _other(settings: ServerSettings) -> ServerSettings:
    return settings.changed(plain=not settings.plain)


def _median(run: Callable[[], object], times: int) -> float:
    """Return the median of the milliseconds that something takes."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def _answer(number: int) -> StoredAnswer:
    """Return an answer with three quotes, asked in the last month."""
    quotes = [
        StoredQuote("shared", number % 500 + at, 10, 90, "0" * 64, (), 1, 9, 0.75, key=f"https://example.org/{number}")
        for at in range(3)
    ]
    return StoredAnswer(
        guild_id=_GUILD, channel_id=5, asker_id=number % 999, asked_at=time.time() - number % 29 * 86400, shown=1,
        question=f"When does ferry {number % 3000} sail?", outcome=("answer", "closest", "not_covered")[number % 3],
        confidence=0.75, elapsed_ms=float(number % 100), quotes=tuple(quotes), plain=False, message_id=number,
    )  # fmt: skip


def _fill(database: Database, count: int, several: int) -> None:
    settings = json.dumps(asdict(ServerSettings()))
    for first in range(0, count, _AT_ONCE):
        rows = [_row(_answer(number)) for number in range(first, min(first + _AT_ONCE, count))]
        with database.writing() as db:
            db.execute(answers.insert(), rows)
    with database.writing() as db:
        upsert(db, servers, *({"guild_id": number, "settings": settings} for number in range(several)))


def _row(answer: StoredAnswer) -> dict[str, object]:
    row = {column.name: getattr(answer, column.name) for column in answers.c if column.name != "id"}
    return row | {"quotes": quotes_to_json(answer.quotes)}


if __name__ == "__main__":
    main()
