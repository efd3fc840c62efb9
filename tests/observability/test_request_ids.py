"""Ids of requests: short, distinct, and handed on to tasks and worker threads."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Generator

from cogs.core.worker import Worker
from observability.request_ids import begin_request, conceal, concealed, known_request_id, request, request_id


def test_ids_can_be_read_aloud() -> None:
    """An id is six letters and digits, none of which is taken for another; two ids differ."""
    with request() as one, request() as other:
        assert one != other
        assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{6}", each) for each in (one, other))


def test_a_block_ends_its_request() -> None:
    """Inside a block there is one id; after it, that of the request around it, or none."""
    assert known_request_id() is None
    with request() as outer:
        with request() as inner:
            assert request_id() == inner
        assert request_id() == outer
    assert known_request_id() is None


async def test_tasks_have_the_id_of_who_started_them() -> None:
    """A task inherits the id; one that begins a request has its own, and does not change others."""

    async def child() -> str | None:
        return known_request_id()

    async def other() -> str:
        return begin_request()

    with request() as mine:
        assert await asyncio.create_task(child()) == mine
        assert await asyncio.create_task(other()) != mine
        assert request_id() == mine


async def test_jobs_have_the_id_of_who_gave_them(worker: Worker) -> None:
    """A job, and each step of a long one, runs with the id of its request, whatever runs in between."""
    seen: list[tuple[str, str | None]] = []

    def steps(name: str) -> Generator[None, None, None]:
        for _ in range(3):
            seen.append((name, known_request_id()))
            yield

    async def work(name: str) -> str:
        with request() as mine:
            assert await worker.run(known_request_id) == mine
            await worker.run_in_steps(steps(name))
            return mine

    ids = await asyncio.gather(work("a"), work("b"))

    assert sorted(seen) == sorted((name, mine) for name, mine in zip("ab", ids, strict=True) for _ in range(3))
    assert await worker.run(known_request_id) is None


def test_texts_are_concealed_in_their_request() -> None:
    """What is concealed counts for the request; words too short to be recognised are not."""
    with request():
        conceal("Where's the ferry?\n")
        conceal("hi")
        assert concealed() == ("Where's the ferry?",)
        conceal("tab\tand 'quotes'")
        assert "tab\\tand 'quotes'" in concealed()
    assert concealed() == ()


def test_a_request_that_lives_long_keeps_few_texts() -> None:
    """However many questions one task answers, the latest are concealed, and memory does not grow with their number."""
    with request():
        for number in range(1000):
            conceal(f"Where is ferry {number}?")
        kept = concealed()

    assert kept[-1] == "Where is ferry 999?"
    assert len(kept) < 1000
