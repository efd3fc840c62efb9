"""Figures and gaps, counted from what was answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from storage.analytics import Day, Gap, Slowest, Stats, gaps, stats
from storage.database import Database
from tests.storage.test_database import GIVEN

NOW = 2e9


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """Return an empty store, closed after the test."""
    made = Database(tmp_path / "discord.db")
    yield made
    made.close()


def asked(store: Database, question: str, asker: int, outcome: str = "not_covered", **values: object) -> int:
    """Keep an answer to a question."""
    quotes = GIVEN.quotes if outcome != "not_covered" else ()
    given = replace(GIVEN, question=question, asker_id=asker, outcome=outcome, asked_at=NOW, quotes=quotes, **values)
    return store.keep(given)


def test_stats_count_one_server_and_one_time(store: Database) -> None:
    """Only the server's own questions of the last days count, with their votes."""
    key = asked(store, "a", 1, "answer", elapsed_ms=10.0)
    asked(store, "b", 1, "closest", elapsed_ms=30.0)
    asked(store, "c", 1, elapsed_ms=20.0)
    other = asked(store, "d", 1, "answer", guild_id=2)
    old = store.keep(replace(GIVEN, asked_at=NOW - 100))
    for answer, helpful in ((key, True), (other, False), (old, False)):
        store.vote(answer, 9, helpful=helpful)

    with store.reading() as db:
        found = stats(db, 1, NOW - 50)
        nothing = stats(db, 3, 0)

    assert replace(found, days=(), slowest=None) == Stats(1, 1, 1, 1, 0, 20.0, 30.0, ((("shared", 7), 2),))
    assert found.slowest == Slowest(GIVEN.channel_id, 5)
    assert nothing == Stats(0, 0, 0, 0, 0, 0.0, 0.0, ())


def test_days(store: Database) -> None:
    """Each day of the time that is looked at is counted by itself, also one without a question."""
    day = 86_400
    for at, outcome in ((0, "answer"), (0, "closest"), (2 * day, "not_covered"), (2 * day + 1, "answer")):
        key = asked(store, "a", 1, outcome, private=at == 2 * day, elapsed_ms=99.0 if at == 2 * day else 1.0)
        store.update(key, asked_at=NOW + at)

    with store.reading() as db:
        found = stats(db, 1, NOW - day, NOW + 3 * day)

    counts = [(0, 0, 0), (1, 1, 0), (0, 0, 0), (1, 0, 1), (0, 0, 0)]
    assert found.days == tuple(Day(date(2033, 5, 17 + at), *count) for at, count in enumerate(counts))
    assert found.slowest is None


def test_gaps_are_grouped_and_need_members(store: Database) -> None:
    """Questions about one thing form one gap, in the newest wording; the same member counts once."""
    for asker, question in (
        (1, "How do I install the texture pack?"),
        (1, "texture pack install"),
        (2, "installing a texture pack???"),
        (3, "How much is a server boost?"),
        (3, "price of a server boost, how much"),
        (4, "???"),
        (5, "???"),
    ):
        asked(store, question, asker)
    asked(store, "How do I install the texture pack?", 6, guild_id=2)
    asked(store, "How much is a server boost?", 7, "answer")

    with store.reading() as db:
        found = [gaps(db, 1, 0, members=least) for least in (1, 2, 3)]

    assert found[1] == [Gap("installing a texture pack???", 2, 3)]
    assert [gap.times for gap in found[0]] == [3, 2]
    assert found[2] == []


def test_an_answer_that_did_not_help_is_a_gap(store: Database) -> None:
    """An answer that someone called not helpful counts as none; one that helped does not."""
    keys = [asked(store, "Where is the map?", asker, "answer") for asker in (1, 2)]
    for key in keys:
        store.vote(key, 9, helpful=True)
    with store.reading() as db:
        before = gaps(db, 1, 0, members=2)
    for key in keys:
        store.vote(key, 9, helpful=False)
    with store.reading() as db:
        after = gaps(db, 1, 0, members=2)

    assert before == []
    assert after == [Gap("Where is the map?", 2, 2)]
