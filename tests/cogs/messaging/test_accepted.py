"""Storing accepted questions: bounded in number and time, whatever the disk does."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from cogs.core.async_store import AsyncStore
from cogs.messaging.accepted import AcceptedQuestions
from cogs.messaging.claims import Asked


async def test_questions_that_cannot_be_stored_do_not_pile_up(
    store: AsyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a disk hangs, all are answered at once, and only so many wait to be stored."""
    for name, value in {"_PATIENCE": 0.01, "_FINISHING": 0.01, "_MOST_WAITING": 3}.items():
        monkeypatch.setattr(f"cogs.messaging.accepted.{name}", value)
    accepted = AcceptedQuestions(store, "token", "this process")
    held = threading.Event()
    slow = asyncio.create_task(store.run(held.wait))
    await asyncio.sleep(0)

    claims = [await accepted.accept(Asked(key, "message", 1, 2, 3, {"questions": ["?"]})) for key in range(9)]
    await accepted.finish(*range(9))
    waiting, done = len(accepted._batch.accepted), slow.done()
    held.set()
    await slow
    monkeypatch.setattr("cogs.messaging.accepted._FINISHING", 60.0)
    await accepted.finish(9)  # after all that waited
    left = await store.run(lambda: store.database.accepted_questions.left_by_others(0, {"nobody"}))

    assert [claim.stored.question_id for claim in claims if claim] == list(range(9))
    assert (waiting, done) == (3, False)
    assert left == []


async def test_a_clock_that_is_behind_loses_no_question(store: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restart on a machine whose clock is not set yet, what was accepted before is answered."""
    gone, now = AcceptedQuestions(store, "token", "gone"), time.time()
    await gone.accept(Asked(1, "message", 1, 2, 3, {"questions": ["?"]}))
    accepted = AcceptedQuestions(store, "token", "this process")

    monkeypatch.setattr("time.time", lambda: now - 3600)
    left = await accepted.left(lambda _: True)

    assert [(one.question_id, details) for one, details in left] == [(1, {"questions": ["?"]})]
