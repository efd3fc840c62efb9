"""The background job that refreshes each source when it is due."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import simcord

from cogs.articles.refresh_job import RefreshJob
from cogs.bot import VerbatimBot
from cogs.core.worker import Worker
from index.catalog.engine import write_transaction
from index.libraries.library import Library
from index.libraries.library_names import own_library
from index.libraries.registry import Libraries
from index.models import Draft
from index.refreshing.change_detection import read_source
from index.sources.http.client import Fetcher
from settings import Settings
from tests.cogs.visible_text import PUBLIC
from tests.index.site import Reply, Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

SENTENCE = "The ferry number {} leaves at seven in the morning."


@pytest.fixture(autouse=True)
def no_periodic_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the periodic run, so that the tests control when the job runs."""
    monkeypatch.setattr("cogs.core.background_job.INTERVAL_SECONDS", 3600.0)


class RefreshDriver:
    """Adds sources to libraries on the worker thread, and runs the job at a given time."""

    def __init__(self, env: simcord.Env, worker: Worker, libraries: Libraries) -> None:
        self.env = env
        self.worker = worker
        self.libraries = libraries

    def add(self, name: str, source: str, limit: int | None = None) -> None:
        def add() -> None:
            library = self.libraries.open(name)
            for item in read_source(Fetcher(private=True, delay=0), source, limit, library.source_version):
                assert isinstance(item, Draft)
                library.add(item)
                if item.origin:
                    library.remember_origin(item.origin, limit)

        self.worker.submit(add).result()

    async def run_job(self, hours: float) -> None:
        feature = self.env.bot.get_cog("RefreshJob")
        assert isinstance(feature, RefreshJob)
        await feature.run_once(datetime.now(UTC) + timedelta(hours=hours))

    def library(self, name: str) -> Library:
        return self.libraries.open(name)

    def texts(self, name: str) -> list[str]:
        def read() -> list[str]:
            library = self.libraries.open(name)
            found = [library.article(row.id) for row in library.articles()]
            return [article.text.strip() for article in found if article]

        return self.worker.submit(read).result()


@pytest.fixture
def driver(simcord_env: simcord.Env, simcord_bot: VerbatimBot, worker: Worker, libraries: Libraries) -> RefreshDriver:
    """Return the driver of the job."""
    return RefreshDriver(simcord_env, worker, libraries)


async def test_a_page_that_has_changed_is_taken_when_it_is_due(driver: RefreshDriver, site: Site) -> None:
    """A source is refreshed when it is due and not before, with one request and an entry in the history."""
    site.page("/a", SENTENCE.format(1))
    driver.add("shared", f"{site.url}/a")
    site.page("/a", SENTENCE.format(2))
    site.take()
    await driver.run_job(20)
    assert site.take() == []
    await driver.run_job(27)
    assert site.take() == [("/a", 200)]
    assert driver.texts("shared") == [SENTENCE.format(2)]
    await driver.run_job(20)
    assert site.take() == []
    history = driver.worker.submit(lambda: driver.library("shared").history()).result()
    assert [(entry.what, entry.by) for entry in history] == [("replaced", "refresh"), ("added", "")]


async def test_new_pages_of_a_servers_site_are_found(
    driver: RefreshDriver, site: Site, channel: simcord.ChannelHandle, settings: Settings
) -> None:
    """Libraries of servers are refreshed, except those that the bot is not in."""
    ours, theirs = own_library(driver.env.guild.id), own_library(5)
    site.page("/d/", SENTENCE.format(0), "<a href=a>1</a>")
    site.page("/d/a", SENTENCE.format(1))
    driver.add(ours, f"{site.url}/d/", 3)
    driver.add(theirs, f"{site.url}/d/", 3)
    site.page("/d/", SENTENCE.format(0), "<a href=a>1</a><a href=b>2</a>")
    site.page("/d/b", SENTENCE.format(2))
    await driver.run_job(30)

    assert driver.texts(ours) == [SENTENCE.format(number) for number in range(3)]
    assert len(driver.texts(theirs)) == 2


async def test_a_large_site_holds_up_no_other_library(
    driver: RefreshDriver, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several libraries are refreshed at the same time, also those that come after one that takes hours."""
    for number in range(12):
        site.page(f"/{number}", SENTENCE.format(number))
        driver.add("shared" if number == 0 else f"other-{number}", f"{site.url}/{number}")
    done, all_others = list[str](), asyncio.Event()
    refresh = RefreshJob._refresh_due

    async def noted(job: RefreshJob, name: str, now: datetime) -> float | None:
        if name == "other-1":  # the first
            await all_others.wait()
        found = await refresh(job, name, now)
        done.append(name)
        if len(done) == 11:
            all_others.set()
        return found

    monkeypatch.setattr(RefreshJob, "_refresh_due", noted)
    await driver.run_job(30)

    assert len(done) == 12
    assert done[-1] == "other-1"


async def test_a_bad_crawl_and_a_failure_are_kept_with_their_sources(
    driver: RefreshDriver, site: Site, tmp_path: Path
) -> None:
    """A failure changes nothing and is recorded with its reason; the other sources are refreshed nevertheless."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text(SENTENCE.format(number))
    site.page("/a", SENTENCE.format(8))
    driver.add("shared", str(folder))
    driver.add("shared", f"{site.url}/a")
    for number in range(4):
        (folder / f"{number}.txt").unlink()
    site.pages["/a"] = Reply(b"", 500)
    await driver.run_job(30)

    assert len(driver.texts("shared")) == 5
    failed = driver.worker.submit(lambda: driver.library("shared").failed_sources()).result()
    assert {one.shown for one in failed} == {"texts", f"{site.url}/a"}
    assert any("4 are gone" in one.reason for one in failed)


async def test_a_refresh_that_was_cut_short_goes_on(
    driver: RefreshDriver, site: Site, channel: simcord.ChannelHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a refresh ends in the middle of a site, the site stays due, and the next run stores the rest."""
    name = own_library(driver.env.guild.id)
    links = "".join(f"<a href={number}>{number}</a>" for number in range(3))
    site.page("/d/", SENTENCE.format(9))
    driver.add(name, f"{site.url}/d/", 4)
    site.page("/d/", SENTENCE.format(9), links)
    for number in range(3):
        site.page(f"/d/{number}", SENTENCE.format(number))
    store = Library.add_in_steps
    stored: list[str] = []

    def failing(library: Library, draft: Draft, *more: Any, **options: Any) -> Any:
        if len(stored) == 2:
            raise OSError(28, "No space left on device")
        stored.append(draft.key)
        return store(library, draft, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Library, "add_in_steps", failing)
        await driver.run_job(30)
    before = len(driver.texts(name))
    await driver.run_job(32)

    assert before == 2
    assert sorted(driver.texts(name)) == sorted(SENTENCE.format(number) for number in (0, 1, 2, 9))


async def test_what_is_removed_while_it_is_looked_at_stays_removed(
    driver: RefreshDriver, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that was fetched before its article was removed does not add the article again."""
    site.page("/a", SENTENCE.format(1))
    driver.add("shared", f"{site.url}/a")
    site.page("/a", SENTENCE.format(2))
    apply = RefreshJob._apply

    def removing(*args: object) -> object:
        library = driver.library("shared")
        library.remove(library.articles()[0].id)
        return (yield from apply(*args))  # type: ignore[arg-type]

    monkeypatch.setattr(RefreshJob, "_apply", removing)
    await driver.run_job(30)
    assert driver.texts("shared") == []


@pytest.mark.parametrize("name", ["shared", own_library(5)])
async def test_old_versions_go_by_themselves(driver: RefreshDriver, site: Site, name: str) -> None:
    """Old versions are deleted after their retention even if nothing changes, as in servers that the bot has left."""
    site.page("/a", SENTENCE.format(1))
    driver.add(name, f"{site.url}/a")

    def age() -> None:
        library = driver.library(name)
        library.remove(library.articles()[0].id)
        assert library.catalog is not None
        with write_transaction(library.catalog._engine) as db:
            db.exec_driver_sql("UPDATE events SET at = '2020-01-01T00:00:00+00:00'")

    driver.worker.submit(age).result()
    await driver.run_job(1)
    assert driver.worker.submit(lambda: driver.library(name).history()).result() == []


async def test_a_history_that_cannot_be_shortened_holds_up_nothing(
    driver: RefreshDriver, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is due is refreshed although old entries of a history cannot be deleted; those are tried daily."""
    site.page("/a", SENTENCE.format(1))
    driver.add("shared", f"{site.url}/a")

    def age() -> None:
        library = driver.library("shared")
        assert library.catalog is not None
        with write_transaction(library.catalog._engine) as db:
            db.exec_driver_sql("UPDATE events SET at = '2020-01-01T00:00:00+00:00'")

    driver.worker.submit(age).result()
    site.page("/a", SENTENCE.format(2))
    tried: list[str] = []

    def fail(_: RefreshJob, name: str) -> None:
        tried.append(name)
        raise RuntimeError(name)

    monkeypatch.setattr(RefreshJob, "_expire_history", fail)
    await driver.run_job(30)
    await driver.run_job(31)

    assert driver.texts("shared") == [SENTENCE.format(2)]
    assert tried == ["shared"]
