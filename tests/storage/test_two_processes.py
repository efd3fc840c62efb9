"""What two processes do with the same memory at once comes out as if one had done it after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from qa.pins.pinned import Pin
from storage.answer_rows import row_from_answer
from storage.channel_sources import ChannelSource
from storage.concurrency import retried
from storage.database import Database
from storage.human_calls import HumanCall
from storage.import_models import SiteImport
from storage.library_states import LibraryState
from storage.models import ServerSettings
from storage.saved_words import SavedWords
from storage.schema import (
    answers,
    contributors,
    covered_questions,
    digests,
    feedback,
    human_calls,
    library_states,
    load_pages,
    loads,
    marks,
    memberships,
    meta,
    pending_messages,
    pins,
    quiet_threads,
    read_days,
    saved_words,
    servers,
    staff_messages,
    sweeps,
    watched,
)
from storage.stale_answers import StaleAnswers
from tests.storage.test_database import ANSWER, recent

Open = Callable[[], Database]
Job = Callable[[Database], Any]

GUILD = 1
LIBRARIES: Any = None  # not used here
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def at_once(open_store: Open, tables: list[sa.Table], *jobs: Job) -> list[Any]:
    """Run jobs in a process each, as far as possible before any of them writes to these tables; return their results.

    Reading the tables is possible meanwhile: each job may read what the others have not written yet.
    """
    stores, third = [open_store() for _ in jobs], open_store()
    with ThreadPoolExecutor(len(jobs)) as threads:
        with third.writing() as db:
            if db.dialect.name == "postgresql":
                db.exec_driver_sql(f"LOCK TABLE {', '.join(table.name for table in tables)} IN EXCLUSIVE MODE")
            running = [threads.submit(job, store) for job, store in zip(jobs, stores, strict=True)]
            while db.dialect.name == "postgresql" and _waiting(third) + sum(one.done() for one in running) < len(jobs):
                time.sleep(0.01)
        return [one.result() for one in running]


def _waiting(store: Database) -> int:
    with store.reading() as db:  # a transaction sees those who wait as they were when it first looked
        return int(db.exec_driver_sql(_WAITING).scalar_one())


def count(store: Database, table: sa.Table) -> int:
    """Return the number of rows of a table."""
    with store.reading() as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())


def test_votes(open_store: Open) -> None:
    """A member has one vote on an answer, whatever is pressed at the same time."""
    store = open_store()
    key = store.keep(recent())

    for job in (
        lambda one: one.votes.put(key, 7, helpful=False),
        lambda one: one.votes.put_wanted(key, 7),
        lambda one: one.votes.put(key, 7, helpful=True),
    ):
        assert at_once(open_store, [feedback], job, job) == [True, True]
        assert count(store, feedback) == 1


def test_a_flag_is_set_once(open_store: Open) -> None:
    """Of two processes that set the same flag of an answer, one is told that it did."""
    key = open_store().keep(recent())

    def job(one: Database) -> bool:
        return one.compare_and_set(key, human_asked=True)

    assert sorted(at_once(open_store, [answers], job, job)) == [False, True]


def test_limits(open_store: Open) -> None:
    """No more is imported in a day than is allowed, and everything is counted."""
    counters = open_store().import_counters

    def limited(one: Database) -> bool:
        return one.import_counters.count_read(GUILD, 3)

    assert sorted(at_once(open_store, [read_days], *[limited] * 4)) == [False, True, True, True]
    assert at_once(open_store, [read_days], *[lambda one: one.import_counters.count_read(GUILD)] * 2) == [True, True]
    assert counters.read_today(GUILD) == 5


def test_pins(open_store: Open) -> None:
    """A question is in one pin."""

    def job(one: Database) -> None:
        one.pins.add(GUILD, Pin("shared", "a.md", 1, 0, 5, "digest", (), ("When is the ferry?",)))

    at_once(open_store, [pins], job, job)

    assert [pin.questions for pin in open_store().pins.of(GUILD)] == [("When is the ferry?",)]


def call(store: Database, asker: int, answer: int, guild: int = GUILD) -> HumanCall | float:
    """Open a call."""
    return store.human_calls.open(HumanCall(guild, asker, answer, 10, 11, 12, 20, time.time()))


def test_calls(open_store: Open) -> None:
    """There is one call of a member, and one about an answer; one helper answers it."""
    store = open_store()
    keys = [store.keep(recent()) for _ in range(5)]

    first = at_once(open_store, [human_calls], lambda one: call(one, 7, keys[0]), lambda one: call(one, 7, keys[1]))
    assert first[0] == first[1]
    same = at_once(open_store, [human_calls], lambda one: call(one, 8, keys[2]), lambda one: call(one, 9, keys[2]))
    assert same[0] == same[1]
    elsewhere = at_once(
        open_store, [human_calls], lambda one: call(one, 10, keys[3], 5), lambda one: call(one, 10, keys[4], 6)
    )
    assert sum(isinstance(one, float) for one in elsewhere) == 1
    claims = [lambda one, helper=helper: one.human_calls.claim(same[0].id, helper) for helper in (1, 2)]
    assert sorted(at_once(open_store, [human_calls], *claims)) == [False, True]


def test_a_call_about_a_deleted_answer_is_withdrawn(open_store: Open) -> None:
    """A call is opened before its answer is deleted, and withdrawn with it, or it is not opened."""
    store = open_store()
    key = store.keep(recent())

    def open_call(one: Database) -> None:
        with suppress(sa.exc.IntegrityError):
            call(one, 7, key)

    at_once(open_store, [human_calls], open_call, lambda one: one.forget(key))

    assert store.human_calls.of_answer(key) is None
    with store.reading() as db:
        assert not db.execute(select(human_calls.c.id).where(human_calls.c.withdrawn.is_(False))).all()


def words(store: Database, message: int, call_id: int | None = None) -> int:
    """Store that a message is an article."""
    return store.saved_words.add(SavedWords(GUILD, 10, message, 7, "T", for_all=True, saved_at=0.0, call_id=call_id))


def test_saved_words(open_store: Open) -> None:
    """A message is saved once, a question covered once; a call has an article as long as one of its messages is one."""
    store = open_store()
    key = store.keep(recent())
    made = call(store, 7, key)
    assert isinstance(made, HumanCall)

    at_once(open_store, [saved_words], lambda one: words(one, 1), lambda one: words(one, 1))
    assert count(store, saved_words) == 1
    old, other = words(store, 2, made.id), words(store, 3)
    at_once(open_store, [saved_words], lambda one: words(one, 4, made.id), lambda one: one.saved_words.drop(old))
    assert store.human_calls.get(made.id).saved
    new = words(store, 5)
    covers = [lambda one, saved=saved: one.saved_words.cover(saved, [key]) for saved in (other, new)]
    at_once(open_store, [covered_questions], *covers)
    assert count(store, covered_questions) == 1


def test_staff_messages(open_store: Open) -> None:
    """A vote and a digest are posted by one process."""
    store = open_store()
    store.votes.put(store.keep(recent()), 7, helpful=False)
    (waiting,) = store.staff_messages.due_votes((GUILD,), (GUILD,), 10, time.time() + 301)
    store.digest_weeks.claim_week(GUILD, "2026-11-23")

    claims = at_once(open_store, [staff_messages], *[lambda one: one.staff_messages.claim_vote(waiting.id)] * 2)
    weeks = at_once(open_store, [digests], *[lambda one: one.digest_weeks.claim_week(GUILD, "2026-11-30")] * 2)
    first = at_once(open_store, [digests], *[lambda one: one.digest_weeks.claim_week(2, "2026-11-30")] * 2)

    assert (sorted(claims), sorted(weeks), first) == ([False, True], [0, 1], [0, 0])


def test_site_imports(open_store: Open) -> None:
    """An import is started once, a server has one, a page is listed once, and never more pages than were allowed."""
    store = open_store()
    offered = SiteImport(GUILD, 10, 7, "https://example.org", None, 5, more=False, plain=False, begun_at=time.time())
    keys = []
    for _ in range(2):
        steps = store.site_imports.offer_in_steps(offered, ["https://example.org/0"])
        while True:
            try:
                next(steps)
            except StopIteration as done:
                keys.append(done.value)
                break

    def start(one: Database, number: int) -> bool | None:
        return one.site_imports.start(store.site_imports.get(number), f"process {number}")

    def record(one: Database, first: int) -> None:
        links = [f"https://example.org/{number}" for number in range(first, first + 4)]
        one.site_imports.pages.record_page(store.site_imports.get(key), "https://example.org/0", "stored", links=links)

    started = at_once(open_store, [loads], *[lambda one, number=number: start(one, number) for number in keys])
    assert sorted(started, key=str) == [None, True]
    key = next(one for one, has in zip(keys, started, strict=True) if has)
    at_once(open_store, [load_pages], lambda one: record(one, 1), lambda one: record(one, 3))
    assert store.site_imports.pages.tally(key).total == 5
    assert store.site_imports.get(key).more


def test_memberships(open_store: Open) -> None:
    """A server is joined once; of two applications that are removed at once, the last one finds that none is left."""
    store = open_store()

    at_once(open_store, [memberships], *[lambda one: one.memberships.join(5, GUILD)] * 2)
    at_once(open_store, [memberships], *[lambda one: one.memberships.compare(5, {GUILD, 2})] * 2)
    assert count(store, memberships) == 2
    store.memberships.join(6, GUILD)
    left = [lambda one, name=name: one.memberships.leave(name, GUILD) for name in (5, 6)]
    assert sorted(at_once(open_store, [memberships], *left)) == [False, True]


def test_parts_of_the_servers_in_each_process(open_store: Open) -> None:
    """A server that one process sees is not missing because another one, with other shards, does not see it."""
    store, week = open_store(), 7 * 86400
    for now in (0.0, week + 1.0):
        for shard in range(2):
            present = {guild for guild in (10, 11, 12) if guild % 2 == shard}
            gone = store.memberships.compare(5, present, lambda guild, shard=shard: guild % 2 == shard, now)
            assert gone == []
    assert store.memberships.compare(5, {10}, lambda guild: guild % 2 == 0, 2 * week) == []
    assert store.memberships.compare(5, set(), lambda guild: guild % 2 == 1, 3.5 * week) == []
    assert store.memberships.compare(5, {10}, lambda guild: guild % 2 == 0, 3.5 * week) == [12]


def test_settings(open_store: Open) -> None:
    """Two settings that are changed at once are both changed."""
    at_once(
        open_store,
        [servers],
        lambda one: one.server_settings.change(GUILD, lambda now: now.changed(plain=True)),
        lambda one: one.server_settings.change(GUILD, lambda now: now.changed(paused=True)),
    )

    assert open_store().server_settings.get(GUILD) == ServerSettings(plain=True, paused=True)


def test_libraries(open_store: Open) -> None:
    """The state of a library that two processes record is recorded once."""
    store, state = open_store(), LibraryState("guild-1", "stamp", 3, 1, 2, "v")

    def record(one: Database) -> None:
        one.library_states.record([(state, ["7", "8"])], 0.0)

    at_once(open_store, [library_states, contributors], record, record)
    at_once(open_store, [meta], *[lambda one: one.library_states.use_interval(24.0)] * 2)
    at_once(open_store, [sweeps], *[lambda one: StaleAnswers(one, LIBRARIES).mark_checked({"guild-1": 3})] * 2)

    assert store.library_states.totals() == (1, 1, 2)
    assert store.contributors.libraries_of("7") == ["guild-1"]
    assert StaleAnswers(store, LIBRARIES).unchecked() == []


def test_channels_threads_and_marks(open_store: Open) -> None:
    """What is only noted is noted once."""
    store = open_store()
    key = store.keep(ANSWER)

    at_once(open_store, [watched], *[lambda one: one.channel_sources.put(ChannelSource(3, GUILD, None))] * 2)
    at_once(
        open_store, [pending_messages], *[lambda one: one.channel_sources.postpone(3, [1, 2], new=True, read_to=2)] * 2
    )
    at_once(open_store, [quiet_threads], *[lambda one: one.silence_threads({4: GUILD})] * 2)
    at_once(open_store, [marks], *[lambda one: StaleAnswers(one, LIBRARIES).mark(key)] * 2)

    assert [count(store, table) for table in (watched, pending_messages, quiet_threads, marks)] == [1, 2, 1, 1]


def test_answers_are_deleted_by_two(open_store: Open) -> None:
    """Both come to their end, and nothing is left."""
    store = open_store()
    with store.writing() as db:
        db.execute(answers.insert(), [row_from_answer(recent())] * 450)

    def forget(one: Database) -> int:
        steps = one.forget_member_in_steps(ANSWER.asker_id)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                return int(done.value)

    deleted = at_once(open_store, [answers], forget, forget)

    assert sum(deleted) == 450
    assert count(store, answers) == 0


def test_an_answer_follows_none_that_was_deleted(open_store: Open) -> None:
    """The answer to a question that follows up another one is kept, even if that was deleted meanwhile."""
    store = open_store()
    key = store.keep(recent())
    store.forget(key)

    later = store.keep(recent(follows=key))

    assert store.answer(later).follows is None


def test_a_deadlock_is_tried_again(open_store: Open) -> None:
    """A transaction that PostgreSQL rolled back, because it waits in a circle with another, is run once more."""
    store = open_store()
    keys = [store.keep(recent()) for _ in range(2)]
    both = threading.Barrier(2, timeout=60)
    runs = []

    def change(one: Database, order: list[int]) -> None:
        runs.append(order)
        with one.writing() as db:
            db.execute(answers.update().where(answers.c.id == order[0]).values(shown=5))
            if len(runs) <= 2 and db.dialect.name == "postgresql":
                both.wait()
            db.execute(answers.update().where(answers.c.id == order[1]).values(shown=5))

    jobs = [lambda one, order=order: retried(change)(one, order) for order in (keys, keys[::-1])]
    with ThreadPoolExecutor(2) as threads:
        for running in [threads.submit(job, open_store()) for job in jobs]:
            running.result()

    assert [store.answer(key).shown for key in keys] == [5, 5]
    assert len(runs) == (3 if store._engine.dialect.name == "postgresql" else 2)
