"""Tests of statistics."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from storage.analytics import Day, Slowest, Stats, stats
from storage.database import Database
from tests.storage.test_database import ANSWER

NOW = 2e9


def asked(store: Database, question: str, asker: int, outcome: str = "not_covered", **values: object) -> int:
    """Store an answer to a question and return its id."""
    quotes = ANSWER.quotes if outcome != "not_covered" else ()
    answer = replace(ANSWER, question=question, asker_id=asker, outcome=outcome, asked_at=NOW, quotes=quotes, **values)
    return store.keep(answer)


def test_stats_count_one_server_and_one_time(store: Database) -> None:
    """Only questions of the server and the period count, with their votes."""
    key = asked(store, "a", 1, "answer", elapsed_ms=10.0)
    asked(store, "b", 1, "closest", elapsed_ms=30.0)
    asked(store, "c", 1, elapsed_ms=20.0)
    other = asked(store, "d", 1, "answer", guild_id=2)
    old = store.keep(replace(ANSWER, asked_at=NOW - 100))
    for answer, helpful in ((key, True), (other, False), (old, False)):
        store.votes.put(answer, 9, helpful=helpful)

    with store.reading() as db:
        found = stats(db, 1, NOW - 50)
        nothing = stats(db, 3, 0)

    assert replace(found, days=(), slowest=None) == Stats(1, 1, 1, 1, 0, 20.0, 30.0, ((("shared", 7), 2),))
    assert found.slowest == Slowest(ANSWER.channel_id, 5)
    assert nothing == Stats(0, 0, 0, 0, 0, 0.0, 0.0, ())


def test_days(store: Database) -> None:
    """Each day of the period is counted, days without questions included."""
    day = 86_400
    for at, outcome in ((0, "answer"), (0, "closest"), (2 * day, "not_covered"), (2 * day + 1, "answer")):
        key = asked(store, "a", 1, outcome, private=at == 2 * day, elapsed_ms=99.0 if at == 2 * day else 1.0)
        store.update(key, asked_at=NOW + at)

    with store.reading() as db:
        found = stats(db, 1, NOW - day, NOW + 3 * day)

    counts = [(0, 0, 0), (1, 1, 0), (0, 0, 0), (1, 0, 1), (0, 0, 0)]
    assert found.days == tuple(Day(date(2033, 5, 17 + at), *count) for at, count in enumerate(counts))
    assert found.slowest is None
