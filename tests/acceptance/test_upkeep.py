"""Automatic refreshes, end to end, with the history in the terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from index.libraries.read_only import ReadOnlyLibraries
from tests.acceptance.conftest import start
from tests.index.site import running
from tests.test_contract import bot

pytestmark = [pytest.mark.asyncio]

SITE = {"FETCH_PRIVATE_ADDRESSES": "true", "FETCH_DELAY": "0", "REFRESH_HOURS": "0.0001"}


async def test_a_page_is_kept_true(fakecord: Any, tmp_path: Path) -> None:
    """A change of a web page is stored while the bot runs, is listed by `history`, and can be reverted."""
    data = tmp_path / "data"
    with running() as site:
        site.page("/ferry", "The ferry to Skarholm leaves at seven in the morning.")
        added = await asyncio.to_thread(bot, "add", f"{site.url}/ferry", "--data-dir", data, **SITE)
        assert added.status == 0, added.err
        site.page("/ferry", "The ferry to Skarholm leaves at eight in the morning.")
        async with fakecord.Harness(ratelimits="realistic") as harness:
            harness.data_dir = data
            harness.log = str(tmp_path / "bot.log")
            harness.bot = await start(harness, **SITE)
            shelves = ReadOnlyLibraries(data)
            for _ in range(600):
                if shelves.article("shared", 2):
                    break
                await asyncio.sleep(0.1)
            shelves.close()

    history = await asyncio.to_thread(bot, "history", "2", "--json", "--data-dir", data)
    assert [(line["what"], line["by"]) for line in history.lines] == [("replaced", "refresh"), ("added", "terminal")]
    restored = await asyncio.to_thread(bot, "restore", str(history.lines[0]["number"]), "--data-dir", data)
    shown = await asyncio.to_thread(bot, "show", "3", "--data-dir", data)
    assert restored.status == 0, restored.err
    assert "leaves at seven" in shown.out
    assert (await asyncio.to_thread(bot, "check", "--data-dir", data)).status == 0
