"""Calls for a human in discord.db."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from storage.database import Database
from storage.human_calls import HumanCall
from tests.storage.test_database import recent

ALICE, HANNA, OTTO = 101, 102, 103
GUILD = 7


def new_call(store: Database, asker: int = ALICE, **values: object) -> HumanCall:
    """Return a call about a stored answer, which is not stored yet."""
    key = store.keep(recent())
    call = HumanCall(GUILD, asker, key, 10, 11, 12, 20, time.time())
    return replace(call, **values)  # type: ignore[arg-type]


def stored(store: Database, **values: object) -> HumanCall:
    """Return a stored call whose message was sent."""
    call = store.human_calls.open(new_call(store, **values))
    assert isinstance(call, HumanCall)
    store.human_calls.set(call.id, post_id=30)
    return replace(call, post_id=30)


def test_one_call_at_a_time(store: Database) -> None:
    """A member has one open call in a server, an answer one call, and after that there is a pause."""
    first = stored(store)
    second = new_call(store)

    assert store.human_calls.open(second) == replace(first, post_id=30)
    assert store.human_calls.open(new_call(store, asker=OTTO, answer_id=first.answer_id)) == first
    assert store.human_calls.resolve(first.id, 0)
    wait = store.human_calls.open(second)
    assert isinstance(wait, float)
    assert 590 < wait <= 600
    store.human_calls.set(first.id, opened_at=time.time() - 601)
    assert isinstance(store.human_calls.open(second), HumanCall)


def test_a_call_that_was_never_sent_is_forgotten(store: Database) -> None:
    """A call whose message was not sent before the bot stopped does not block its member."""
    lost = store.human_calls.open(new_call(store, opened_at=time.time() - 700))
    assert isinstance(lost, HumanCall)

    assert isinstance(found := store.human_calls.open(new_call(store)), HumanCall)
    assert found.id != lost.id
    assert store.human_calls.get(lost.id) is None


def test_claims(store: Database) -> None:
    """One helper claims an open call; who has it alone gives it up; a resolved one is not claimed."""
    calls, call = store.human_calls, stored(store)

    assert [calls.claim(call.id, HANNA), calls.claim(call.id, OTTO)] == [True, False]
    assert [calls.unclaim(call.id, OTTO), calls.unclaim(call.id, HANNA)] == [False, True]
    assert [calls.resolve(call.id, 1), calls.resolve(call.id, 1), calls.claim(call.id, OTTO)] == [True, False, False]


def test_answered_in_writing_and_not_saved(store: Database) -> None:
    """Only resolved calls with messages of helpers are listed, and only as long as none is an article."""
    calls = store.human_calls
    quiet, written = stored(store), stored(store, asker=OTTO)
    calls.resolve(quiet.id, 0)
    calls.resolve(written.id, 2)

    assert [call.id for call in calls.human_answers_not_saved(GUILD, time.time() - 60)] == [written.id]
    assert calls.human_answers_not_saved(GUILD, time.time() + 60) == []
    assert calls.human_answers_not_saved(GUILD, 0, until=time.time() - 60) == []
    assert calls.human_answers_not_saved(GUILD + 1, 0) == []
    calls.set(written.id, saved=True)
    assert calls.human_answers_not_saved(GUILD, 0) == []


def test_a_forgotten_member(store: Database) -> None:
    """`/forget` withdraws the calls of a member, and gives up those that they had claimed."""
    calls = store.human_calls
    own, claimed = stored(store), stored(store, asker=OTTO)
    calls.claim(claimed.id, ALICE)
    assert calls.count_of_member(ALICE) == 2

    list(store.forget_member_in_steps(ALICE))

    found = [calls.get(own.id), calls.get(claimed.id)]
    assert [(call.asker_id, call.withdrawn, call.claimed_by, call.outdated) for call in found if call] == [
        (0, True, None, True),
        (OTTO, False, None, True),
    ]
    assert calls.count_of_member(ALICE) == 0


@pytest.mark.parametrize("way", ["answer", "time", "server"])
def test_what_ends_a_call(store: Database, way: str) -> None:
    """A call is withdrawn with its answer, and deleted after 90 days and with its server."""
    call = stored(store)
    match way:
        case "answer":
            store.forget(call.answer_id or 0)
        case "time":
            store.human_calls.set(call.id, opened_at=time.time() - 91 * 86400)
            list(store.expire_in_steps())
        case _:
            list(store.forget_server_in_steps(GUILD))

    found = store.human_calls.get(call.id)
    assert (found and (found.withdrawn, found.answer_id)) == ((True, None) if way == "answer" else None)
