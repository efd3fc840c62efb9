"""Log, metrics and health of the bot as a process, end to end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.test_discord import QUESTION

pytestmark = [pytest.mark.asyncio(loop_scope="session")]


async def get(discord: Any, path: str) -> tuple[int, str]:
    """Return status and text of a page of the bot."""
    address = f"http://127.0.0.1:{discord.metrics_port}{path}"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return response.status, await response.text()


async def samples(discord: Any) -> dict[tuple[str, ...], float]:
    """Return the exported values by name and label values."""
    _, text = await get(discord, "/metrics")
    families = text_string_to_metric_families(text)
    return {(sample.name, *sample.labels.values()): sample.value for each in families for sample in each.samples}


async def test_an_answer_is_measured(discord: Any) -> None:
    """After an answer each of its stages is counted once more, with the real models, and the bot is healthy."""
    before = await samples(discord)
    await discord.slash(discord.alice, "ask", {"question": QUESTION})
    after = await samples(discord)

    for stage in ("wait", "open", "find", "rank", "read", "quote", "check", "render", "store", "send"):
        key = "verbatim_stage_seconds_count", stage
        assert after[key] - before[key] == 1
    key = "verbatim_questions_total", "answer"
    assert after[key] - before[key] == 1
    for _ in range(1200):
        health = await get(discord, "/healthz")
        if health[0] == 200:
            break
        await asyncio.sleep(0.1)  # discord.py waits two seconds for further servers before it is ready
    assert health == (200, "ok\n")


async def test_the_log_is_json_without_secrets(discord: Any) -> None:
    """Under a service manager each line of the log is an object; neither token nor question is in it."""
    await discord.slash(discord.alice, "ask", {"question": QUESTION})
    log = await asyncio.to_thread(Path(discord.log).read_text, "utf-8")
    records = [json.loads(line) for line in log.splitlines()]

    assert {"time", "level", "logger", "message"} <= set(records[0])
    assert any(record["logger"].startswith("discord.") for record in records)
    assert discord.bot.env["DISCORD_TOKEN"] not in log
    assert QUESTION not in log
