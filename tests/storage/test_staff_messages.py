"""What was posted for staff is remembered by the answers and votes that it is about."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select

from index.incremental import finish
from storage.database import Database
from storage.schema import servers, staff_messages
from storage.staff_messages import NewMessage
from tests.storage.test_database import recent

GUILD = 42


@pytest.fixture
def database(store: Database) -> Database:
    """Return an empty memory, closed after the test."""
    return store


def vote(database: Database, question: str = "Why?", member: int = 7, **more: Any) -> int:
    """Store an answer and a vote that it did not help; return the id of the answer."""
    key = database.keep(recent())
    database.update(key, guild_id=GUILD, question=question, **more)
    database.votes.put(key, member, helpful=False)
    return key


def due(database: Database, seconds: float = 0.0, wanted: tuple[int, ...] = (GUILD,)) -> list[str | None]:
    """Return the reasons of the votes that are due after some seconds."""
    found = database.staff_messages.due_votes((GUILD,), wanted, 10, time.time() + seconds)
    return [one.reason for one in found]


def test_a_vote_waits_for_its_reason(database: Database) -> None:
    """It is due after five minutes, or once its reason is there; a vote that helped never is."""
    key = vote(database)
    assert due(database) == []
    assert due(database, 301) == [None]

    database.votes.set_reason(key, 7, "wrong")
    assert due(database) == ["wrong"]
    database.votes.put(key, 7, helpful=True)
    assert due(database, 301) == []


def test_an_id_that_is_used_again(database: Database) -> None:
    """After an answer is deleted, the vote of another server that gets the id of its vote is none of its votes."""
    gone = vote(database)
    database.forget(gone)
    key = database.keep(recent())
    database.update(key, guild_id=5)
    database.votes.put(key, 7, helpful=False)
    database.votes.set_reason(key, 7, "wrong")

    assert due(database) == []
    with database.reading() as db:
        assert db.execute(select(staff_messages.c.guild_id)).scalars().all() == [5]


def test_votes_that_nobody_wants(database: Database) -> None:
    """Without a digest channel, and after a day, a vote is dropped; those of other processes' servers wait."""
    vote(database)
    other = vote(database)
    database.update(other, guild_id=GUILD)
    assert due(database, 301, wanted=()) == []
    assert due(database, 301) == []

    vote(database)
    assert database.staff_messages.due_votes((5,), (), 10, time.time() + 301) == []
    assert due(database, 301) == [None]
    assert due(database, 100_000) == []
    assert due(database, 301) == []


def test_direct_messages_have_no_staff(database: Database) -> None:
    """A vote in a direct message is posted nowhere."""
    key = database.keep(recent())
    database.update(key, guild_id=None)
    database.votes.put(key, 7, helpful=False)

    assert due(database, 301) == []


def test_only_one_posts_a_vote(database: Database) -> None:
    """Of two that claim it one does; a claim that failed is due again later."""
    vote(database)
    messages = database.staff_messages
    (waiting,) = messages.due_votes((GUILD,), (GUILD,), 10, time.time() + 301)
    assert [messages.claim_vote(waiting.id), messages.claim_vote(waiting.id)] == [True, False]
    assert due(database, 301) == []

    messages.vote_waits(waiting.id, time.time() - 1)
    assert due(database) == [None]


def test_what_is_forgotten_is_outdated(database: Database) -> None:
    """A message with words is outdated once its answer is gone; one without words when its member was forgotten."""
    messages, answers = database.staff_messages, [vote(database, member=member) for member in (7, 8)]
    for waiting, words in zip(
        messages.due_votes((GUILD,), (GUILD,), 10, time.time() + 301), (True, False), strict=True
    ):
        sent = NewMessage(GUILD, 5, 100 + waiting.id, "en", plain=False, words=words)
        messages.vote_posted(waiting.id, sent)
    with_words, without = (100 + number for number in (1, 2))
    assert messages.outdated((GUILD,), 10) == []

    database.forget(*answers)
    assert [one.message_id for one in messages.outdated((GUILD,), 10)] == [with_words]
    assert messages.outdated((5,), 10) == []
    again = vote(database, member=9)
    (waiting,) = messages.due_votes((GUILD,), (GUILD,), 10, time.time() + 301)
    messages.vote_posted(waiting.id, NewMessage(GUILD, 5, 200, "en", plain=False, words=False))
    finish(database.forget_member_in_steps(9))
    assert [one.message_id for one in messages.outdated((GUILD,), 10)] == [with_words, 200]
    assert database.answer(again) is not None
    assert without == 102

    finish(database.forget_server_in_steps(GUILD))
    assert messages.outdated((GUILD,), 10) == []


def test_damaged_settings_have_no_channel(database: Database) -> None:
    """One server's damaged settings do not keep others from their digests."""
    newest = 1_456_074_448_175_104_004  # ids of Discord have 19 digits by now
    database.server_settings.change(GUILD, lambda now: now.changed(digest_channel=newest))
    database.server_settings.change(1, lambda now: now.changed(plain=True))
    with database.writing() as db:
        for number, text in enumerate(("{", "[]", "5", '{"digest_channel": "x"}'), 2):
            db.execute(servers.insert().values(guild_id=number, settings=text))

    assert database.staff_messages.servers_with_channel() == {GUILD: newest}
