"""Promises of the cache of what Discord was asked: one request for all who ask, none for nobody, and turns."""

from __future__ import annotations

import asyncio

import pytest

from cogs.core.brief_cache import BriefCache


class Discord:
    """Answers requests once it is let; remembers which were made."""

    def __init__(self) -> None:
        """Answer nothing yet."""
        self.asked: list[int] = []
        self.answers = asyncio.Event()

    async def ask(self, key: int) -> int:
        """Return ten times the key."""
        self.asked.append(key)
        await self.answers.wait()
        return key * 10


async def test_one_request_for_all_who_ask() -> None:
    """Those who ask at once share a request, and later ones its answer; an error is not kept."""
    cache, discord = BriefCache[int, int](60.0), Discord()
    both = [asyncio.create_task(cache.get(1, lambda: discord.ask(1))) for _ in range(2)]
    await asyncio.sleep(0)
    discord.answers.set()
    assert await asyncio.gather(*both) == [10, 10]
    assert await cache.get(1, lambda: discord.ask(1)) == cache.known(1) == 10

    async def fail() -> int:
        raise OSError("lost")

    with pytest.raises(OSError, match="lost"):
        await cache.get(2, fail)
    assert await cache.get(2, lambda: discord.ask(2)) == 20
    assert discord.asked == [1, 2]


async def test_nothing_is_asked_for_nobody() -> None:
    """Of many values that one waits for in vain, those are loaded whose turn had come, and can be had later."""
    cache, discord = BriefCache[int, int](60.0, at_once=2), Discord()
    tasks = [asyncio.create_task(cache.get(key, lambda key=key: discord.ask(key))) for key in range(100)]  # type: ignore[misc]
    await asyncio.wait(tasks, timeout=0.01)
    for task in tasks:
        task.cancel()
    await asyncio.sleep(0)
    again = asyncio.create_task(cache.get(3, lambda: discord.ask(3)))  # while the earlier one is being given up
    await asyncio.gather(*tasks, return_exceptions=True)
    before = [*discord.asked]
    discord.answers.set()

    assert before == [0, 1]
    assert await again == 30
    assert (cache.known(0), cache.known(2)) == (0, None)
    assert await cache.get(2, lambda: discord.ask(2)) == 20


async def test_one_server_holds_up_no_other() -> None:
    """What is loaded for one does not wait for the many requests of another."""
    cache, slow, fast = BriefCache[int, int](60.0, at_once=2), Discord(), Discord()
    fast.answers.set()
    many = [asyncio.create_task(cache.get(key, lambda key=key: slow.ask(key), turn=1)) for key in range(100)]  # type: ignore[misc]
    await asyncio.sleep(0)

    assert await asyncio.wait_for(cache.get(500, lambda: fast.ask(500), turn=2), 60) == 5000
    for task in many:
        task.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    assert slow.asked == [0, 1]


async def test_what_is_loaded_anyway_is_known_later() -> None:
    """Who waits in vain for many values finds them when asking again, since their requests go on."""
    cache, discord = BriefCache[int, int](60.0, at_once=2, loaded_anyway=True), Discord()
    tasks = [asyncio.create_task(cache.get(key, lambda key=key: discord.ask(key))) for key in range(9)]  # type: ignore[misc]
    await asyncio.wait(tasks, timeout=0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    discord.answers.set()

    assert [await cache.get(key, lambda: discord.ask(-1)) for key in range(9)] == [10 * key for key in range(9)]
    assert discord.asked == [*range(9)]


async def test_what_is_no_longer_kept_is_not_loaded() -> None:
    """Of more values than are kept, only those are loaded whose turn had come; none goes on that nobody can find."""
    cache, discord = BriefCache[int, int](60.0, most=10, at_once=2, loaded_anyway=True), Discord()
    before = asyncio.all_tasks()
    tasks = [asyncio.create_task(cache.get(key, lambda key=key: discord.ask(key))) for key in range(100)]  # type: ignore[misc]
    await asyncio.wait(tasks, timeout=0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
    going_on = len(asyncio.all_tasks() - before)
    cache.clear()
    discord.answers.set()
    await asyncio.sleep(0.01)

    assert going_on == 12  # the newest ten, and the two that are being asked for
    assert discord.asked == [0, 1]


async def test_a_refusal_is_not_asked_for_again() -> None:
    """What Discord refuses is not asked again at each question: it counts refusals."""
    cache, asked = BriefCache[int, int](60.0, refusals=(PermissionError,)), []

    async def refuse() -> int:
        asked.append(1)
        raise PermissionError

    for _ in range(3):
        with pytest.raises(PermissionError):
            await cache.get(1, refuse)
    assert asked == [1]
    assert cache.known(1) is None
