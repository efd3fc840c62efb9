"""Messages in quick succession are collected into one burst."""

from __future__ import annotations

import asyncio

import pytest

from cogs.ask.debounce import Debouncer


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pause that ends a burst one turn of the event loop: no clock decides these tests."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.0)


async def test_a_burst_goes_to_its_first() -> None:
    """The first caller gets all items in order when the burst ends; later callers get []."""
    bursts: Debouncer[str] = Debouncer()
    first = asyncio.create_task(bursts.collect("alice", "hi"))
    other = asyncio.create_task(bursts.collect("bob", "hello"))

    for item in ("how", "?"):
        await asyncio.sleep(0)  # less than the pause: the item before has begun it anew
        assert await bursts.collect("alice", item) == []

    assert await first == ["hi", "how", "?"]
    assert await other == ["hello"]


async def test_a_later_message_begins_anew() -> None:
    """After the pause the next item starts a new burst, and nothing of the last is kept."""
    bursts: Debouncer[int] = Debouncer()

    assert await bursts.collect("a", 1) == [1]
    assert await bursts.collect("a", 2) == [2]
    assert bursts._open == {}


async def test_a_flood_is_divided() -> None:
    """A burst holds at most ten items; further ones start another."""
    bursts: Debouncer[int] = Debouncer()

    found = await asyncio.gather(*[bursts.collect("a", number) for number in range(25)])

    assert [len(items) for items in found if items] == [10, 10, 5]
    assert bursts._open == {}


async def test_what_changes_while_it_is_gathered() -> None:
    """Items, including the first, can be replaced or removed before the burst ends."""
    bursts: Debouncer[str] = Debouncer()

    async def say(item: str) -> list[str]:
        return await bursts.collect("alice", item)

    async def think_again() -> list[str]:
        bursts.replace(lambda item: item == "hi", None)
        bursts.replace(lambda item: item == "hwo", "how")
        bursts.replace(lambda item: item == "nobody's", "other")
        return []

    found = await asyncio.gather(say("hi"), say("hwo"), say("?"), think_again())

    assert found == [["how", "?"], [], [], []]


async def test_a_burst_that_is_taken_back() -> None:
    """A burst whose items were all removed ends empty."""
    bursts: Debouncer[str] = Debouncer()

    async def think_again() -> None:
        bursts.replace(lambda _: True, None)

    found, _ = await asyncio.gather(bursts.collect("alice", "hi"), think_again())

    assert found == []
    assert bursts._open == {}
