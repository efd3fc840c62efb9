"""After an update of the bot, passages are made anew in the background."""

from __future__ import annotations

import pytest
import simcord

from cogs.articles.passage_update_job import PassageUpdateJob
from cogs.bot import VerbatimBot
from cogs.core.worker import Worker
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from tests.cogs.visible_text import PUBLIC

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

TEXT = "The ferry leaves the north pier at seven every morning."


async def test_passages_of_an_earlier_chunker_are_updated(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    worker: Worker,
    libraries: Libraries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every library is brought up to date, article by article, though one is damaged; a second run changes nothing."""
    monkeypatch.setattr("cogs.core.background_job.INTERVAL_SECONDS", 3600.0)

    def add(name: str) -> None:
        libraries.open(name).add(draft_from_text(TEXT, key=name, source=name))

    def outdated(name: str) -> int:
        return len(libraries.open(name).outdated_articles())

    names = ("shared", "guild-42")
    broken = "guild-1"  # is before the others
    with monkeypatch.context() as earlier:
        earlier.setattr("index.passages.batch_embedding.CHUNKER_VERSION", "0")
        for name in (broken, *names):
            worker.submit(lambda name=name: add(name)).result()
    find = ReadOnlyLibraries.outdated_articles

    def failing(catalogues: ReadOnlyLibraries, name: str, version: str) -> list[int]:
        if name == broken:
            raise ValueError(name)
        return find(catalogues, name, version)

    monkeypatch.setattr(ReadOnlyLibraries, "outdated_articles", failing)
    assert all(worker.submit(lambda name=name: outdated(name)).result() for name in names)

    job = simcord_bot.get_cog("PassageUpdateJob")
    assert isinstance(job, PassageUpdateJob)
    await job.run_once()

    assert not any(worker.submit(lambda name=name: outdated(name)).result() for name in names)
    generation = worker.submit(lambda: libraries.open("shared").catalog.generation).result()
    await job.run_once()
    assert worker.submit(lambda: libraries.open("shared").catalog.generation).result() == generation
