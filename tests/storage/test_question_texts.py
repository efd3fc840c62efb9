"""Texts of questions are kept as long as each server has set, within the operator's bound."""

from __future__ import annotations

import time

import pytest

from index.incremental import finish
from storage.database import Database
from storage.models import QuestionPolicy, QuestionText, ServerSettings
from storage.schema import WITH_TEXT, servers
from tests.storage.test_database import recent

GUILD = 42
DAY = 86400.0
DEFAULT = QuestionPolicy(QuestionText.KEPT, 90)
OFF, COUNTED = QuestionPolicy(QuestionText.OFF, 90), QuestionPolicy(QuestionText.COUNTED, 90)


def ask(store: Database, age: float, guild_id: int | None = GUILD) -> int:
    """Store an answer to a question that was asked some seconds ago; return its id."""
    key = store.keep(recent(guild_id=guild_id, question="Who built it?"))
    store.update(key, asked_at=time.time() - age)
    return key


def state(store: Database, key: int) -> str:
    """Return what is left of an answer."""
    answer = store.answer(key)
    if answer is None:
        return "nothing"
    assert (answer.question == "") == (answer.asker_id == 0)
    return "text" if answer.question else "outcome"


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        (DEFAULT, ["text", "text", "text"]),
        (QuestionPolicy(QuestionText.KEPT, 7), ["text", "text", "outcome"]),
        (COUNTED, ["text", "outcome", "outcome"]),
        (OFF, ["text", "nothing", "nothing"]),
    ],
)
def test_what_is_left(store: Database, policy: QuestionPolicy, left: list[str]) -> None:
    """A text is removed after its time with the member's id; with `off` the record goes."""
    keys = [ask(store, age) for age in (60.0, 3600.0, 8 * DAY)]
    other = ask(store, 8 * DAY, guild_id=7)

    due = store.question_texts.is_due(GUILD, policy)
    finish(store.question_texts.apply_in_steps(GUILD, policy))

    assert [state(store, key) for key in keys] == left
    assert due == (policy != DEFAULT)
    assert not store.question_texts.is_due(GUILD, policy)
    assert state(store, other) == "text"


def test_many_texts(store: Database) -> None:
    """More texts than one step removes are all removed."""
    keys = [ask(store, 3600.0) for _ in range(405)]

    steps = list(store.question_texts.apply_in_steps(GUILD, COUNTED))

    assert len(steps) == 2
    assert {state(store, key) for key in keys} == {"outcome"}


@pytest.mark.parametrize(
    ("own", "bound", "expected"),
    [
        (DEFAULT, 90, DEFAULT),
        (DEFAULT, 30, QuestionPolicy(QuestionText.KEPT, 30)),
        (QuestionPolicy(QuestionText.KEPT, 7), 30, QuestionPolicy(QuestionText.KEPT, 7)),
        (DEFAULT, 0, QuestionPolicy(QuestionText.COUNTED, 0)),
        (OFF, 0, OFF),
        (COUNTED, 30, COUNTED),
    ],
)
def test_the_operators_bound(own: QuestionPolicy, bound: int, expected: QuestionPolicy) -> None:
    """A server may keep less than the operator allows, never more."""
    settings = ServerSettings(questions=own.kind.value, question_days=own.days)

    assert settings.question_policy(QuestionPolicy.of_operator(bound)) == expected


@pytest.mark.parametrize("damaged", ["[" * 100_000, '{"question_days": Infinity}', '{"questions": [1]}', "null", ""])
def test_damaged_settings_stop_no_deletion(store: Database, damaged: str) -> None:
    """Whatever is stored for one server, the texts of all others are deleted in time."""
    for guild_id in (1, 2):
        ask(store, 60.0, guild_id=guild_id)
    with store.writing() as db:
        db.execute(servers.insert().values(guild_id=2, settings=damaged))

    assert store.question_texts.own_policies(DEFAULT) == {2: QuestionPolicy(QuestionText.COUNTED, 0)}


def test_the_policies_of_servers(store: Database) -> None:
    """A server that keeps less has its own policy; damaged settings keep nothing for long."""
    own = ({"questions": "off"}, {"question_days": 7}, {"questions": "counted"}, {"question_days": 90}, {"plain": True})
    for guild_id, change in enumerate(own):
        store.server_settings.change(guild_id, lambda now, change=change: now.changed(**change))  # type: ignore[misc]
    with store.writing() as db:
        db.execute(servers.insert().values(guild_id=9, settings="[]"))

    policies = store.question_texts.own_policies(DEFAULT)

    counted = QuestionPolicy(QuestionText.COUNTED, 0)
    assert policies == {0: OFF, 1: QuestionPolicy(QuestionText.KEPT, 7), 2: policies[2], 9: counted}
    assert policies[2].kind is QuestionText.COUNTED


@pytest.mark.parametrize("default", [DEFAULT, COUNTED])
def test_servers_with_old_texts_are_found_at_once(store: Database, default: QuestionPolicy) -> None:
    """Those whose texts are kept longer than even the operator allows are found in one query, by an index."""
    for guild_id, age in ((None, 100 * DAY), (1, 60.0), (2, 100 * DAY), (3, 100 * DAY)):
        ask(store, age, guild_id=guild_id)
    store.update(4, question="", asker_id=0)

    assert store.question_texts.due_by_default(default) == {None, 2}
    with store.reading() as db:
        explain, expected = "EXPLAIN QUERY PLAN", ("USING INDEX ix_answers_with_text (asked_at<",)
        if db.dialect.name == "postgresql":
            explain, expected = "EXPLAIN", ("ix_answers_with_text", "Index Cond: (asked_at <")
            db.exec_driver_sql("SET LOCAL enable_seqscan = off")  # by which so small a table would be read
        plan = db.exec_driver_sql(f"{explain} SELECT guild_id FROM answers WHERE asked_at < 5 AND {WITH_TEXT}").all()
        assert all(part in str(plan) for part in expected)


def test_what_is_stored_of_a_member(store: Database) -> None:
    """Questions, votes and imports are counted, those of others are not."""
    own = ask(store, DAY)
    store.keep(recent(asker_id=8))
    store.votes.put(own, 3, helpful=True)

    found = store.question_texts.of_member(3)

    assert (found.questions, found.votes, found.imports) == (1, 1, 0)
    assert found.oldest == pytest.approx(time.time() - DAY, abs=60)
    assert store.question_texts.of_member(99) == (0, None, 0, 0)
