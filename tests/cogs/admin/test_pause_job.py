"""Pauses end by themselves: on time, after a restart, and whatever the machine's clock does."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest

from cogs.admin import pause_job
from cogs.admin.pause_job import PauseJob
from cogs.core.async_store import AsyncStore
from cogs.core.pauses import pause_state, paused_notice
from i18n import texts
from index import trusted_clock
from settings import Settings
from storage.models import Mode, ServerSettings

HOUR, DAY, YEAR = 3600, 86_400, 365 * 86_400
GUILD = 77


class Clocks:
    """The machine's clock, `wall`, and the seconds that the process has run, `run`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = 1_900_000_000.0
        self.run = 5000.0
        monkeypatch.setattr(trusted_clock, "time", SimpleNamespace(time=lambda: self.wall))
        monkeypatch.setattr(pause_job, "time", SimpleNamespace(time=lambda: self.wall, monotonic=lambda: self.run))

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.run += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Return the clocks that the job sees."""
    return Clocks(monkeypatch)


@pytest.fixture
def services(store: AsyncStore, settings: Settings) -> Any:
    """Return what the job needs of the bot."""
    return SimpleNamespace(store=store, settings=settings)


async def pause(store: AsyncStore, clocks: Clocks, seconds: int) -> ServerSettings:
    """Pause the server."""
    return (await store.change_settings(GUILD, lambda now: now.paused_for(seconds, clocks.wall)))[1]


async def test_on_time(services: Any, store: AsyncStore, clocks: Clocks) -> None:
    """A pause ends when its time is over, not before, and everything else that is set stays."""
    await store.change_settings(GUILD, lambda now: now.with_mode(5, Mode.OFF))
    await pause(store, clocks, HOUR)
    job = PauseJob(services)

    await job.run_once()
    clocks.pass_by(HOUR - 1)
    await job.run_once()
    assert (await store.settings(GUILD)).paused
    clocks.pass_by(1)
    await job.run_once()

    assert await store.settings(GUILD) == ServerSettings().with_mode(5, Mode.OFF)
    await job.cog_unload()


async def test_the_last_minute(services: Any, store: AsyncStore, clocks: Clocks) -> None:
    """A pause that ends before the next run wakes the job for it."""
    await pause(store, clocks, HOUR)
    job = PauseJob(services)
    await job.run_once()
    assert job._timer is None

    clocks.pass_by(HOUR - 30)
    await job.run_once()

    assert job._timer is not None
    assert 0 < job._timer.when() - asyncio.get_running_loop().time() <= 31
    await job.cog_unload()


async def test_until_it_is_ended(services: Any, store: AsyncStore, clocks: Clocks) -> None:
    """A pause without a time does not end."""
    await pause(store, clocks, 0)
    job = PauseJob(services)
    for _ in range(3):
        clocks.pass_by(YEAR)
        await job.run_once()

    assert (await store.settings(GUILD)).paused


@pytest.mark.parametrize("off", [2 * HOUR, 3 * DAY])
async def test_after_a_restart(
    services: Any, store: AsyncStore, settings: Settings, clocks: Clocks, off: float
) -> None:
    """What ended while the bot was off ends at its start."""
    await pause(store, clocks, HOUR)
    await PauseJob(services).run_once()
    clocks.wall += off
    clocks.run = 3.0
    with AsyncStore(settings.data_dir) as reopened:
        services.store = reopened
        await PauseJob(services).run_once()

        assert not (await reopened.settings(GUILD)).paused


async def test_a_clock_that_jumps_ahead(services: Any, store: AsyncStore, clocks: Clocks) -> None:
    """A clock that is years ahead ends no pause early, and none lasts longer than it should."""
    job = PauseJob(services)
    await job.run_once()
    await pause(store, clocks, 2 * HOUR)
    await job.run_once()

    clocks.wall += 3 * YEAR
    clocks.run += HOUR
    await job.run_once()
    assert (await store.settings(GUILD)).paused
    clocks.pass_by(HOUR)
    await job.run_once()

    assert not (await store.settings(GUILD)).paused


async def test_a_pause_from_the_future(services: Any, store: AsyncStore, clocks: Clocks) -> None:
    """A pause that was made while the clock was years ahead lasts as long as it was meant to."""
    clocks.wall += 3 * YEAR
    await pause(store, clocks, HOUR)
    clocks.wall -= 3 * YEAR
    job = PauseJob(services)
    await job.run_once()
    assert (await store.settings(GUILD)).paused

    clocks.pass_by(HOUR)
    await job.run_once()

    assert not (await store.settings(GUILD)).paused


async def test_a_pause_that_is_changed(services: Any, store: AsyncStore, clocks: Clocks) -> None:
    """A new pause counts from its own beginning, and one that was ended stays ended."""
    await pause(store, clocks, HOUR)
    job = PauseJob(services)
    await job.run_once()
    clocks.pass_by(HOUR - 60)
    later = await pause(store, clocks, 8 * HOUR)
    clocks.pass_by(HOUR)
    await job.run_once()

    assert await store.settings(GUILD) == later
    assert later.resumed() == ServerSettings()


async def test_damaged_settings(services: Any, store: AsyncStore, settings: Settings, clocks: Clocks) -> None:
    """Settings that cannot be read keep no other server paused."""
    await pause(store, clocks, HOUR)
    with closing(sqlite3.connect(settings.data_dir / "discord.db")) as db, db:
        db.execute("INSERT INTO servers (guild_id, settings) VALUES (5, ?)", ('{"paused": true, 7}',))
    clocks.pass_by(2 * HOUR)

    await PauseJob(services).run_once()

    assert not (await store.settings(GUILD)).paused


def test_words() -> None:
    """Whoever asks and whoever manages the server read when the pause ends."""
    timed, endless = ServerSettings().paused_for(60, 1000.0), ServerSettings().paused_for(0, 1000.0)

    assert paused_notice(timed) == texts.PAUSED_UNTIL.format(when="<t:1060:R>")
    assert paused_notice(endless) == texts.PAUSED
    assert pause_state(timed) == texts.STATE_PAUSED_UNTIL.format(when="<t:1060:R>")
    assert pause_state(endless) == texts.STATE_PAUSED
    assert pause_state(ServerSettings()) == texts.STATE_ANSWERING


def test_defaults_keep_the_pause() -> None:
    """Resetting the settings does not let a paused bot speak."""
    paused = ServerSettings(plain=True).paused_for(60, 1000.0)

    assert paused.defaults() == ServerSettings().paused_for(60, 1000.0)
    assert ServerSettings(plain=True).defaults() == ServerSettings()
