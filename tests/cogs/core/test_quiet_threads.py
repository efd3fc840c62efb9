"""Threads that are left to people: at once, and stored when discord.db can be changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping

import pytest

from cogs.core.async_store import AsyncStore
from settings import Settings


async def test_a_thread_is_stored_once_that_is_possible(
    store: AsyncStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process has locked discord.db it holds all the same, and is stored after that, until forgotten."""
    silence, loop, tried = store.database.silence_threads, asyncio.get_running_loop(), asyncio.Queue[dict[int, int]]()

    def silence_threads(threads: Mapping[int, int]) -> None:
        loop.call_soon_threadsafe(tried.put_nowait, dict(threads))
        silence(threads)

    monkeypatch.setattr(store.database, "silence_threads", silence_threads)
    monkeypatch.setattr("cogs.core.quiet_threads._AGAIN_SECONDS", 0.01)
    other = sqlite3.connect(settings.data_dir / "discord.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    store.quiet_threads.add(5, 6)
    assert await store.quiet_threads.has(5)
    assert [await tried.get(), await tried.get()] == [{5: 6}] * 2  # the first was refused
    store.quiet_threads.add(7, 6)
    other.close()
    assert 7 in await tried.get()
    assert await store.run(lambda: [store.database.is_silenced(one) for one in (5, 7)]) == [True, True]

    await store.forget_server(6)
    assert not await store.quiet_threads.has(5)
