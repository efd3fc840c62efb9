"""Which background work a process does if others run other shards of the same bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cogs.admin.backup_job import BackupJob
from cogs.admin.pause_job import PauseJob
from cogs.articles.refresh_job import RefreshJob
from cogs.core.async_store import AsyncStore
from cogs.core.work_share import EVERYTHING, does_library
from settings import Settings

HERE, ELSEWHERE, UNKNOWN = 1, 2, 3


@dataclass
class Share:
    """The share of a process that runs the shards of two servers, of which one is not listed yet."""

    leads: bool = False

    def holds(self, guild_id: int | None) -> bool:
        return guild_id in {HERE, UNKNOWN}

    def knows_whether_in(self, guild_id: int) -> bool:
        return guild_id == HERE


@pytest.fixture
def services(store: AsyncStore, settings: Settings) -> Any:
    """Return what the jobs need of the bot."""
    return SimpleNamespace(store=store, settings=settings, resources=None)


def test_libraries() -> None:
    """A server's library belongs to the process with its shard, all others to the one that leads."""
    assert [does_library(Share(), name) for name in ("guild-1", "guild-2", "shared")] == [True, False, False]
    assert does_library(Share(leads=True), "shared")
    assert all(does_library(EVERYTHING, name) for name in ("guild-1", "guild-2", "shared"))


async def test_pauses_end_where_the_server_is(services: Any, store: AsyncStore) -> None:
    """Another process would leave settings in the cache of the right one that are not true any more."""
    for guild_id in (HERE, ELSEWHERE):
        await store.change_settings(guild_id, lambda now: now.paused_for(60, 1_000_000.0))

    await PauseJob(services, Share()).run_once()

    paused = [(await store.settings(guild_id)).paused for guild_id in (HERE, ELSEWHERE)]
    assert paused == [False, True]


async def test_one_process_writes_backups(services: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the one that leads."""
    made: list[bool] = []
    for share in (Share(), Share(leads=True)):
        job = BackupJob(services, share)
        monkeypatch.setattr(job, "_back_up", lambda share=share: made.append(share.leads))
        await job.run_once()

    assert made == [True]


async def test_refreshes_are_divided(services: Any, store: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library whose server is on a shard that has not listed its servers is looked at again, not taken for left."""
    bot: Any = Share()
    bot.guilds = [SimpleNamespace(id=HERE)]
    job, looked_at = RefreshJob(bot, services), list[str]()
    names = [f"guild-{guild_id}" for guild_id in (HERE, ELSEWHERE, UNKNOWN)]
    monkeypatch.setattr(job._states, "due_checks", lambda _: [(name, "stamp") for name in [*names, "shared"]])
    noted: list[str] = []
    monkeypatch.setattr(job._states, "set_next_checks", lambda found, _: noted.extend(one.library for one in found))

    async def refresh(name: str, _now: datetime) -> None:
        looked_at.append(name)

    monkeypatch.setattr(job, "_refresh_due", refresh)
    await job.run_once(datetime.now(UTC))

    assert looked_at == noted == ["guild-1"]
