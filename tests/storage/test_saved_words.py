"""Saved messages and offers in discord.db."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

from storage.database import Database
from storage.gaps import gaps
from storage.human_calls import HumanCall
from storage.saved_words import OfferedMessage, SavedWords, new_offer
from tests.storage.test_database import recent

ALICE, HANNA = 101, 102
GUILD = 7


def words(message_id: int = 30, **values: object) -> SavedWords:
    """Return a saved message."""
    made = SavedWords(GUILD, 20, message_id, HANNA, "When does the ferry leave?", for_all=False, saved_at=1.0)
    return replace(made, **values)  # type: ignore[arg-type]


def test_offers_keep_ids_alone(store: Database) -> None:
    """An offer is stored with the ids of its messages, which of them are chosen, and its heading."""
    messages = [OfferedMessage(20, 30), OfferedMessage(20, 31)]
    offer = store.saved_words.put_offer(new_offer(GUILD, ALICE, HANNA, "Why?", messages, None))

    changed = replace(offer.choosing({31}), title="When?", request_id=40, request_channel_id=20)
    store.saved_words.put_offer(changed)

    assert store.saved_words.offer(offer.id) == changed
    assert [one.message_id for one in changed.chosen] == [31]
    assert store.saved_words.requests_for(30, GUILD) == [changed]
    assert store.saved_words.requests_for(30, GUILD + 1) == store.saved_words.requests_for(32, GUILD) == []
    assert [store.saved_words.drop_offer(offer.id) for _ in range(2)] == [True, False]


def test_covered_questions(store: Database) -> None:
    """What a saved message answers is no gap until it is dropped; ids of deleted answers are passed over."""
    key = store.keep(replace(recent(), guild_id=GUILD, outcome="not_covered", question="When does the ferry leave?"))
    saved = store.saved_words.add(words())

    def count() -> int:
        with closing(store.reading()) as db:
            return len(gaps(db, GUILD, 0.0, members=1))

    found = [count()]
    store.saved_words.cover(saved, [key, key + 1])
    found.append(count())
    store.saved_words.drop(saved)
    store.saved_words.cover(saved, [key])
    found.append(count())

    assert found == [1, 0, 1]
    assert store.saved_words.not_compared() == []


def test_a_message_is_stored_once(store: Database) -> None:
    """Saving a message again replaces what was stored about it."""
    store.saved_words.add(words())
    store.saved_words.add(words(title="Why?"))

    (found,) = store.saved_words.of_messages({30})
    assert found.title == "Why?"


def test_a_forgotten_member(store: Database) -> None:
    """`/forget` deletes the offers that name a member, and their id from saved messages."""
    saved = store.saved_words
    saved.add(words())
    saved.put_offer(new_offer(GUILD, ALICE, HANNA, "Why?", [OfferedMessage(20, 31)], None))
    before = saved.count_of_member(HANNA)

    list(store.forget_member_in_steps(HANNA))

    assert (before, saved.count_of_member(HANNA)) == (2, 0)
    assert [one.author_id for one in saved.of_server(GUILD)] == [0]


def test_a_forgotten_question_is_no_heading_of_an_offer(store: Database) -> None:
    """`/forget` of the member who has called deletes the offers for that call: their heading is the question."""
    call = store.human_calls.open(HumanCall(GUILD, ALICE, store.keep(recent()), 10, 11, 12, 20, time.time()))
    assert isinstance(call, HumanCall)
    offer = store.saved_words.put_offer(new_offer(GUILD, HANNA, HANNA, "Why?", [OfferedMessage(20, 31)], call.id))

    list(store.forget_member_in_steps(ALICE))

    assert store.saved_words.offer(offer.id) is None


def test_what_is_kept_how_long(store: Database) -> None:
    """Offers are deleted after two weeks; saved messages stay until their server is forgotten."""
    saved = store.saved_words
    saved.add(words())
    old = new_offer(GUILD, ALICE, HANNA, "Why?", [OfferedMessage(20, 31)], None)
    kept = saved.put_offer(old)
    dropped = saved.put_offer(replace(old, made_at=time.time() - 15 * 86400))

    list(store.expire_in_steps())
    offers = [saved.offer(kept.id) is not None, saved.offer(dropped.id) is not None]
    list(store.forget_server_in_steps(GUILD))

    assert offers == [True, False]
    assert (saved.offer(kept.id), saved.of_server(GUILD)) == (None, [])
