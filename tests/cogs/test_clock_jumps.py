"""A clock that is years ahead or behind for a while: nothing is lost because of it, and nothing stops for years."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import simcord

from cogs.admin.retention_job import RetentionJob
from cogs.articles.refresh_job import RefreshJob
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from index.catalog.history import Retention
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Draft
from index.refreshing.refresh import LostSource, Refresh, RefreshRules
from index.refreshing.schedule import due
from index.sources.http.client import Fetcher
from index.sources.loader import draft_from_text, drafts
from index.trusted_clock import TrustedClock
from settings import Settings
from storage.stored_answers import StoredAnswer
from tests.cogs.stored_articles import stock
from tests.cogs.visible_text import PUBLIC
from tests.small_embedder import SmallEmbedder

DAY = 86_400.0
YEAR = 365 * DAY
LEFT = 4242  # a server that the bot is not in


class Clock:
    """The clock of the whole process, as `time.time` shows it."""

    def __init__(self) -> None:
        self.now = time.time()

    def run(self, days: float) -> None:
        """Let time pass, while the bot runs in a data folder."""
        for _ in range(round(days * 4)):
            self.now += DAY / 4
            self.notice()

    notice: Callable[[], object] = staticmethod(lambda: None)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock, after two days in which the bot ran."""
    clock = Clock()
    clock.now -= 2 * DAY
    monkeypatch.setattr(time, "time", lambda: clock.now)
    clock.notice = TrustedClock(tmp_path).read
    clock.run(2)
    return clock


@pytest.fixture
def small(tmp_path: Path, clock: Clock) -> Iterator[Libraries]:
    """Return libraries that keep versions for 30 days."""
    libraries = Libraries(tmp_path, SmallEmbedder, Retention(5, 30))
    yield libraries
    libraries.close()


def draft(text: str, key: str = "a.txt") -> Draft:
    return draft_from_text(text, key=key, source=key, title="Harbour")


def kept(library: Library) -> list[bool]:
    return [entry.kept for entry in library.history()]


def expire(library: Library) -> None:
    assert library.catalog is not None
    library.catalog.history.expire()


def test_versions_outlive_a_jump(small: Libraries, clock: Clock) -> None:
    """A version can be restored although the clock was years ahead while others were stored and old ones deleted."""
    library = small.open("test")
    library.add(draft("The ferry leaves at seven."))
    library.add(draft("The ferry leaves at eight."))
    clock.now += 5 * YEAR
    library.add(draft("Dogs travel free.", "b.txt"))
    library.remove(3)
    expire(library)
    clock.now += 60

    assert kept(library) == [True, False, True, False]
    clock.now -= 5 * YEAR
    expire(library)
    assert kept(library) == [True, False, True, False]
    for days in (2, 27):
        clock.run(days)
        expire(library)
        assert kept(library) == [True, False, True, False]
    clock.run(4)
    expire(library)
    assert kept(library) == [False] * 4


def test_a_source_that_is_missing_while_the_clock_jumps(
    small: Libraries, clock: Clock, tmp_path: Path, fetcher: Fetcher
) -> None:
    """Its article stays for as long as promised, neither shorter nor for years."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("a", "b", "c", "d"):
        (folder / f"{name}.txt").write_text(f"The boat {name} is red.")
    library = small.open("test")
    for item in drafts(str(folder)):
        library.add(item)
    library.remember_origin(str(folder), None)
    (folder / "a.txt").unlink()

    def look() -> list[str]:
        events = Refresh(library, fetcher, RefreshRules(grace_days=7)).run()
        return [event.status for event in events if isinstance(event, LostSource)]

    assert look() == ["missing"]
    clock.now += 5 * YEAR
    assert look() == look() == ["waiting"]
    clock.now -= 5 * YEAR
    clock.run(2)
    assert library.catalog is not None
    library.catalog.sources.set_missing(
        [str(folder / "a.txt")], datetime.fromtimestamp(clock.now + YEAR, UTC).isoformat()
    )
    assert look() == ["waiting"]
    clock.run(6)
    assert look() == ["waiting"]
    clock.run(2)
    assert look() == ["removed"]


@pytest.mark.parametrize("years", [5, -5])
def test_what_was_checked_while_the_clock_was_wrong_is_due(small: Libraries, clock: Clock, years: int) -> None:
    """A check that seems to have been years from now, or ago, is repeated; one of today is not."""
    library = small.open("test")
    library.add(replace(draft("The ferry leaves.", "https://example.org/a"), source="https://example.org/a"))

    def is_due() -> bool:
        assert library.catalog is not None
        return bool(due(library.catalog.sources.known(), datetime.fromtimestamp(clock.now, UTC), 24))

    assert not is_due()
    clock.now += years * YEAR
    assert is_due()


pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def test_the_refresh_job_goes_on(simcord_env: simcord.Env, simcord_bot: VerbatimBot, settings: Settings) -> None:
    """The times at which libraries are looked at next are no obstacle after the clock was set back by years."""
    stock(settings.data_dir, title="Tides", text="The sea rises.", key="https://example.org/a", library="shared")
    job, asked = simcord_bot.get_cog("RefreshJob"), []
    assert isinstance(job, RefreshJob)

    async def note(name: str, now: datetime) -> float:
        asked.append(name)
        return now.replace(minute=59, second=59).timestamp()

    job._refresh_due = note  # type: ignore[method-assign]
    now = datetime.now(UTC).replace(minute=0, second=0)
    for at in (now, now, now.replace(year=now.year + 5), now, now):
        await job.run_once(at)

    assert asked == ["shared"] * 3


def answer(at: float) -> StoredAnswer:
    """Return an answer to a question asked at a time."""
    return StoredAnswer(LEFT, 1, 77, at, "Who built it?", "not_covered", 0.1, 1.0, (), 0)


async def test_what_is_stored_of_questions(
    simcord_env: simcord.Env, simcord_bot: VerbatimBot, store: AsyncStore, clock: Clock
) -> None:
    """Answers and servers outlive a jump; those of the future go when their time is over."""
    job, database = simcord_bot.get_cog("RetentionJob"), store.database
    assert isinstance(job, RetentionJob)

    async def keep() -> int:
        return await store.run(lambda: database.keep(answer(clock.now)))

    async def run() -> list[str]:
        await job.delete_texts()
        await job.expire()
        await job.compare_servers()
        found = [await store.run(lambda key=key: database.answer(key)) for key in keys]
        return [one.question if one else "gone" for one in found]

    await store.run(lambda: database.memberships.join(simcord_bot.application_id or 0, LEFT))
    keys = [await keep()]
    await run()
    clock.now += 5 * YEAR
    keys.append(await keep())
    assert await run() == await run() == ["Who built it?"] * 2
    clock.now -= 5 * YEAR
    clock.run(3)
    assert await run() == ["Who built it?"] * 2
    stored = await store.run(lambda: database.answer(keys[1]))
    assert stored is not None
    assert stored.asked_at == clock.now
    clock.run(91)
    assert await run() == ["gone"] * 2


async def test_a_server_that_seems_to_be_missing_for_years(
    simcord_env: simcord.Env, simcord_bot: VerbatimBot, store: AsyncStore, clock: Clock
) -> None:
    """Its data is deleted after seven days of the real clock, whatever the clock showed meanwhile."""
    job, database = simcord_bot.get_cog("RetentionJob"), store.database
    assert isinstance(job, RetentionJob)
    await store.change_settings(LEFT, lambda now: now.changed(plain=True))
    await store.run(lambda: database.memberships.join(simcord_bot.application_id or 0, LEFT))

    async def is_kept() -> bool:
        await job.compare_servers()
        return (await store.run(lambda: database.server_settings.get(LEFT))).plain

    assert await is_kept()
    clock.now += 5 * YEAR
    assert await is_kept()
    clock.now -= 5 * YEAR
    clock.run(6)
    assert await is_kept()
    clock.run(2)
    assert not await is_kept()
