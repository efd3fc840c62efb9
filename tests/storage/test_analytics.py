"""Tests of statistics and gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from storage.analytics import Day, Gap, Slowest, Stats, channels_of_gaps, gaps, stats
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


def test_gaps_are_grouped_and_need_members(store: Database) -> None:
    """Similar questions form one gap, with the newest wording; each member counts once."""
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


def test_gaps_of_some_channels(store: Database) -> None:
    """Questions of other channels, and those that were asked privately, are neither shown nor counted."""
    question = "Where is the map?"
    keys = [asked(store, question, asker) for asker in (1, 2, 3, 4)]
    store.update(keys[2], channel_id=88)
    store.update(keys[3], private=True)

    with store.reading() as db:
        channels = channels_of_gaps(db, 1, 0)
        found = [gaps(db, 1, 0, members=1, channels=some) for some in (channels, channels - {88}, {88}, ())]
        everywhere = gaps(db, 1, 0, members=1)

    assert 88 in channels
    assert everywhere == found[0]
    assert found == [[Gap(question, 3, 3)], [Gap(question, 2, 2)], [Gap(question, 1, 1)], []]


def test_an_answer_that_did_not_help_is_a_gap(store: Database) -> None:
    """A question whose answer was voted not helpful is a gap; one with a helpful answer is not."""
    keys = [asked(store, "Where is the map?", asker, "answer") for asker in (1, 2)]
    for key in keys:
        store.votes.put(key, 9, helpful=True)
    with store.reading() as db:
        before = gaps(db, 1, 0, members=2)
    for key in keys:
        store.votes.put(key, 9, helpful=False)
    with store.reading() as db:
        after = gaps(db, 1, 0, members=2)

    assert before == []
    assert after == [Gap("Where is the map?", 2, 2)]
