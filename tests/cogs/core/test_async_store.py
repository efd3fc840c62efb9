"""The store: changes of settings are all kept, and noting an answer waits for no report."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot import _WAITING as WAITING
from cogs.core.async_store import AsyncStore
from cogs.core.job_queue import BusyError
from i18n import texts
from index.models import UserError
from storage.models import Mode, ServerSettings
from storage.schema import servers
from tests.storage.test_database import recent

GUILD = 42


def damage(store: AsyncStore, settings: str = "[]") -> None:
    """Store damaged settings of the server."""
    with store.database.writing() as db:
        db.execute(servers.delete())
        db.execute(servers.insert().values(guild_id=GUILD, settings=settings))


async def test_changes_at_the_same_time_are_all_kept(store: AsyncStore) -> None:
    """Each change is made of the settings that the one before has left, and the last one is cached."""
    changes = [
        store.change_settings(GUILD, lambda now, place=place: now.with_mode(place, Mode.OFF)) for place in range(6)
    ]
    await asyncio.gather(*changes)

    cached = await store.settings(GUILD)
    assert sorted(cached.places) == list(range(6))
    assert cached == await store.run(lambda: store.database.server_settings.get(GUILD))


async def test_damaged_settings_are_told(store: AsyncStore) -> None:
    """They are no defaults: a paused server would be answered."""
    damage(store)

    for _ in range(2):
        with pytest.raises(UserError, match="can't read this server's settings"):
            await store.settings(GUILD)
    with pytest.raises(UserError, match="can't read this server's settings"):
        await store.change_settings(GUILD, lambda now: now.changed(plain=True))


async def test_damaged_settings_are_reset_to_a_pause(store: AsyncStore) -> None:
    """After a reset the settings can be read again."""
    damage(store)

    await store.change_settings(GUILD, lambda _: ServerSettings(paused=True), damaged=ServerSettings(paused=True))

    assert await store.settings(GUILD) == ServerSettings(paused=True)


async def test_a_busy_database_is_told(store: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that cannot be read now are neither the defaults nor cached."""

    async def busy(*_: object) -> None:
        raise BusyError(texts.BUSY)

    await store.change_settings(GUILD, lambda now: now.changed(paused=True))
    store._settings.clear()
    with monkeypatch.context() as patch:
        patch.setattr(store, "read_sources", busy)
        with pytest.raises(BusyError):
            await store.settings(GUILD)

    assert (await store.settings(GUILD)).paused


async def test_many_who_ask_at_the_same_time_read_the_settings_once(store: AsyncStore) -> None:
    """After a start everyone needs the settings."""
    held = threading.Event()
    blocking = asyncio.create_task(store.read_sources(held.wait))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(store.settings(GUILD)) for _ in range(200)]
    await asyncio.sleep(0.01)
    queued = sum(store.workers[2].load().waiting.values())
    held.set()

    assert await asyncio.gather(*waiting) == [ServerSettings()] * 200
    assert queued == 1
    await blocking


async def test_all_questions_that_may_wait_are_served(store: AsyncStore) -> None:
    """Of as many as may wait for the models, none is refused because it needs the same thread as the others."""
    found = await asyncio.gather(*(store.read_sources(lambda: 1) for _ in range(WAITING)))
    found += await asyncio.gather(*(store.run(lambda: 1) for _ in range(WAITING)))

    assert found == [1] * 2 * WAITING


async def test_a_change_that_is_held_up_holds_no_question_up(
    store: AsyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow disk, or a locked file: what a question needs is read all the same, and noting it is given up."""
    monkeypatch.setattr("cogs.core.async_store._NOTING_SECONDS", 0.05)
    held = threading.Event()
    slow = asyncio.create_task(store.run(held.wait))
    await asyncio.sleep(0)

    read = await store.settings(GUILD), await store.pins(GUILD)
    with pytest.raises(BusyError):
        await store.note(lambda: store.database.keep(recent()))
    done = slow.done()
    held.set()
    await slow

    assert read == (ServerSettings(), ())
    assert not done
    assert await store.run(lambda: store.database.asked_since(0, 9)) == []


async def test_settings_that_were_read_before_a_change_are_not_kept(
    store: AsyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read and changed on two threads."""
    stored, reading, changed = store.database.server_settings, threading.Event(), threading.Event()
    whole = stored.get

    def get(guild_id: int) -> ServerSettings:
        found = whole(guild_id)
        reading.set()
        changed.wait(60)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(stored, "get", get)
        late = asyncio.create_task(store.settings(GUILD))
        await asyncio.to_thread(reading.wait, 60)
        await store.change_settings(GUILD, lambda now: now.changed(paused=True))
        changed.set()
        await late

    assert (await store.settings(GUILD)).paused


async def test_noting_waits_for_no_report_and_no_list(store: AsyncStore) -> None:
    """Reports and lists have threads and connections of their own."""
    held = threading.Event()

    def report() -> int | None:
        with store.database.reading() as db:
            db.exec_driver_sql("SELECT count(*) FROM answers")
            held.wait()
            return len(db.exec_driver_sql("SELECT id FROM answers").all())

    slow = [asyncio.create_task(store.report(report)), asyncio.create_task(store.read(report))]
    await asyncio.sleep(0.05)
    noted = [await store.run(lambda: store.database.keep(recent())) for _ in range(3)]
    done = [task.done() for task in slow]
    held.set()
    await asyncio.gather(*slow)

    assert noted == [1, 2, 3]
    assert done == [False, False]


async def test_forgetting_lets_answers_be_noted(store: AsyncStore) -> None:
    """A server with many answers is deleted in steps, between which an answer is noted."""
    for _ in range(450):
        store.database.keep(recent(guild_id=GUILD))

    forgetting = asyncio.create_task(store.forget_server(GUILD))
    await asyncio.sleep(0)
    await store.run(lambda: store.database.keep(recent(guild_id=7)))
    left = await store.run(lambda: len(store.database.asked_since(0, 1000)))
    await forgetting

    assert left > 1
    assert await store.run(lambda: len(store.database.asked_since(0, 1000))) == 1
