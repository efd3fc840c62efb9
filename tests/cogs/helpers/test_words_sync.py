"""Saved messages of many servers are compared with their libraries, a few servers at a time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cogs.core import server_pieces
from cogs.core.async_store import AsyncStore
from cogs.core.work_share import EVERYTHING
from cogs.helpers.saved_articles import source_key
from cogs.helpers.words_sync import WordsSync
from index.libraries.library_names import own_library
from settings import Settings
from storage.saved_words import SavedWords
from tests.cogs.stored_articles import remove, stock

SERVERS = range(1, 6)


async def test_each_server_is_compared_on_its_own(
    store: AsyncStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a job for each where one takes long; only messages without articles are found, once for each change."""
    saved, uncovered, jobs = store.database.saved_words, list[list[int]](), list[object]()
    everything = [SavedWords(server, 1, 100 + server, 2, "Ferry", True, 0.0) for server in SERVERS]
    numbers = [saved.add(words) for words in everything]
    kept = [stock(settings.data_dir, key=source_key(one), library=own_library(one.guild_id)) for one in everything[:2]]
    offers: Any = SimpleNamespace(saved=saved, articles=None)
    services: Any = SimpleNamespace(store=store, in_flight=None, settings=settings)
    bot: Any = EVERYTHING
    nothing: Any = None
    sync, report = WordsSync(bot, services, offers, nothing), store.report
    monkeypatch.setattr(server_pieces, "_PIECE_SECONDS", 0.0)
    monkeypatch.setattr(saved, "uncover", uncovered.append)
    monkeypatch.setattr(store, "report", lambda job: jobs.append(job) or report(job))

    await sync._compare_libraries()
    assert uncovered == [[one] for one in numbers[2:]]
    assert len(jobs) > len(SERVERS)
    await sync._compare_libraries()
    assert uncovered == [[one] for one in numbers[2:]]
    remove(settings.data_dir, kept[0], library=own_library(1))
    await sync._compare_libraries()
    assert uncovered[3:] == [[numbers[0]]]
