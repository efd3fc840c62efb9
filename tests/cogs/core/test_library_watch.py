"""The recorded states of libraries follow what is on the disk, and only what has changed is opened."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cogs.core.async_store import AsyncStore
from cogs.core.library_watch import LibraryWatch
from settings import Settings
from storage.library_states import Totals
from tests.cogs.stored_articles import remove, stock


@pytest.fixture
def data_dir(settings: Settings) -> Path:
    """Return the data folder of `store`."""
    return settings.data_dir


@pytest.fixture
def opened(store: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the name of each library that is read is added."""
    found: list[str] = []
    summary = store.report_catalogues.summary
    monkeypatch.setattr(store.report_catalogues, "summary", lambda name: found.append(name) or summary(name))
    return found


async def test_only_changed_libraries_are_opened(store: AsyncStore, data_dir: Path, opened: list[str]) -> None:
    """However many there are, and also after a restart."""
    names = [f"guild-{number}" for number in range(20)]
    for name in names:
        stock(data_dir, library=name)
    await store.library_watch.update()
    assert opened == sorted(names)
    del opened[:]

    stock(data_dir, "Another text.", key="b", library="guild-3")
    await store.library_watch.update()
    await LibraryWatch(store).update()

    assert opened == ["guild-3"]
    assert store.database.library_states.totals() == Totals(20, 21, 0)


async def test_a_library_that_was_deleted_is_forgotten(store: AsyncStore, data_dir: Path) -> None:
    """With who is named in its history."""
    for name in ("guild-1", "guild-2"):
        stock(data_dir, library=name)
        with closing(sqlite3.connect(data_dir / "libraries" / name / "catalog.db")) as db, db:
            db.execute("UPDATE events SET by = '77'")
    await store.library_watch.update()
    assert store.database.contributors.libraries_of("77") == ["guild-1", "guild-2"]

    shutil.rmtree(data_dir / "libraries" / "guild-1")
    await store.library_watch.update()

    assert store.database.library_states.all() == ["guild-2"]
    assert store.database.contributors.libraries_of("77") == ["guild-2"]


async def test_an_unreadable_library_holds_nothing_up(
    store: AsyncStore, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once, keeps what was recorded, and is read again once it can be."""
    for name in ("guild-1", "guild-2"):
        stock(data_dir, library=name)
    await store.library_watch.update()
    good = data_dir / "libraries" / "guild-1" / "catalog.db"
    whole = good.read_bytes()
    good.write_bytes(b"no database" * 1000)
    stock(data_dir, "Another text.", key="b", library="guild-2")

    for _ in range(2):
        (error,) = await store.library_watch.update()
        assert "guild-1" in str(error)
    assert caplog.text.count("The library guild-1 cannot be read") == 1
    assert store.database.library_states.totals() == Totals(2, 3, 0)

    good.write_bytes(whole)
    assert await store.library_watch.update() == []


async def test_damage_that_sqlite_does_not_notice(store: AsyncStore, data_dir: Path) -> None:
    """A file whose text is no text holds up no other library; `/forget` gets its error as a sentence."""
    for name in ("guild-1", "guild-2"):
        stock(data_dir, library=name)
    damaged = data_dir / "libraries" / "guild-1" / "catalog.db"
    with closing(sqlite3.connect(damaged)) as db, db:
        db.execute("UPDATE events SET at = CAST(x'32303235ff' AS TEXT)")

    (error,) = await store.library_watch.update()

    assert "guild-1" in str(error)
    assert store.database.library_states.all() == ["guild-2"]


async def test_whoever_asks_meanwhile_gets_what_was_there_then(
    store: AsyncStore, data_dir: Path, opened: list[str]
) -> None:
    """A call waits for one that runs, and looks again; all that wait share one look."""
    stock(data_dir, library="guild-1")
    running = asyncio.create_task(store.library_watch.update())
    await asyncio.sleep(0)
    stock(data_dir, library="guild-2")
    await asyncio.gather(running, *(store.library_watch.update() for _ in range(3)))

    assert sorted(opened) == ["guild-1", "guild-2"]


async def test_recent_states_are_enough_for_periodic_work(
    store: AsyncStore, data_dir: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The jobs that run each minute share one look at the folders."""
    monkeypatch.setattr("cogs.core.library_watch._RECENT_SECONDS", 3600.0)
    await store.library_watch.update()
    stock(data_dir, library="guild-1")
    await store.library_watch.update(recent=True)
    assert opened == []

    await store.library_watch.update()
    assert opened == ["guild-1"]


async def test_stale_answers_are_looked_for_after_each_change(store: AsyncStore, data_dir: Path) -> None:
    """The generation of a library is recorded with its state."""
    article = stock(data_dir, library="guild-1")
    await store.library_watch.update()
    first = store.database.library_states.totals()
    remove(data_dir, article, library="guild-1")
    await store.library_watch.update()

    assert (first.articles, store.database.library_states.totals().articles) == (1, 0)
