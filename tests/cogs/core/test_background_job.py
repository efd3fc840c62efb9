"""Background jobs continue after errors."""

from __future__ import annotations

import asyncio

import pytest
import simcord

from cogs.answers.stale_marker import StaleMarker
from cogs.articles.refresh_job import RefreshJob
from cogs.bot import VerbatimBot
from cogs.core.background_job import BackgroundJob
from index.libraries.library_names import SHARED, own_library
from settings import Settings
from tests.cogs.stored_articles import stock
from tests.cogs.visible_text import PUBLIC

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.mark.parametrize("name", ["StaleMarker", "RefreshJob"])
async def test_a_look_that_fails_is_not_the_last(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    """An unexpected error is logged, and the job runs again."""
    feature = simcord_bot.get_cog(name)
    assert isinstance(feature, BackgroundJob)
    looks, again = 0, asyncio.Event()

    async def run_once() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise ZeroDivisionError
        again.set()

    monkeypatch.setattr("cogs.core.background_job.INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(feature, "run_once", run_once)
    monkeypatch.setattr(feature, "_task", None)
    await feature.on_ready()
    await again.wait()
    await feature.cog_unload()

    assert f"{name} failed" in caplog.text


@pytest.mark.parametrize("kind", [StaleMarker, RefreshJob])
async def test_one_bad_library_keeps_no_other_from_being_looked_at(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[StaleMarker | RefreshJob],
) -> None:
    """An error in the first library does not keep a job from the next one in the same run."""
    server = simcord_env.create_guild().id
    stock(settings.data_dir, library=own_library(server))
    stock(settings.data_dir)
    feature = simcord_bot.get_cog(kind.__name__)
    assert isinstance(feature, kind)
    seen = []

    async def broken(library: str, _: object) -> None:
        seen.append(library)
        raise ZeroDivisionError

    monkeypatch.setattr("storage.stale_answers.StaleAnswers.have_answers", lambda *_: {server})
    monkeypatch.setattr(feature, "_mark_stale" if kind is StaleMarker else "_refresh_due", broken)
    await feature.run_once()

    assert sorted(seen) == sorted([SHARED, own_library(server)])
