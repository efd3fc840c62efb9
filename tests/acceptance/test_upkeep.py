"""Automatic refreshes, end to end, with the history in the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.libraries.read_only import ReadOnlyLibraries
from tests.acceptance.conftest import start, until
from tests.conftest import Run
from tests.index.site import running

pytestmark = [pytest.mark.asyncio]

SITE = {"FETCH_PRIVATE_ADDRESSES": "true", "FETCH_DELAY": "0", "REFRESH_HOURS": "0.0001"}


async def test_a_page_is_kept_true(fakecord: Any, tmp_path: Path, command_line: Callable[..., Run]) -> None:
    """A change of a web page is stored while the bot runs, is listed by `history`, and can be reverted."""
    data = tmp_path / "data"
    with running() as site:
        site.page("/ferry", "The ferry to Skarholm leaves at seven in the morning.")
        added = await asyncio.to_thread(command_line, "add", f"{site.url}/ferry", "--data-dir", data, **SITE)
        assert added.status == 0, added.err
        site.page("/ferry", "The ferry to Skarholm leaves at eight in the morning.")
        async with fakecord.Harness(ratelimits="realistic") as harness:
            harness.data_dir = data
            harness.log = str(tmp_path / "bot.log")
            harness.bot = await start(harness, **SITE)
            shelves = ReadOnlyLibraries(data)
            await until(lambda: shelves.article("shared", 2))
            shelves.close()

    history = await asyncio.to_thread(command_line, "history", "2", "--json", "--data-dir", data)
    lines = [json.loads(line) for line in history.out.splitlines()]
    assert [(line["what"], line["by"]) for line in lines] == [("replaced", "refresh"), ("added", "terminal")]
    restored = await asyncio.to_thread(command_line, "restore", str(lines[0]["number"]), "--data-dir", data)
    shown = await asyncio.to_thread(command_line, "show", "3", "--data-dir", data)
    assert restored.status == 0, restored.err
    assert "leaves at seven" in shown.out
    assert (await asyncio.to_thread(command_line, "check", "--data-dir", data)).status == 0
