"""Measures the bot with thousands of servers on the simulated Discord beside the folder.

    python -m tests.acceptance.many_servers SERVERS/SHARDS ...

prints a row of a Markdown table for each argument: `2600/3` is 2,600 servers on three shards. Each server has 25
channels and 14 roles. One shard starts every five seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.conftest import LOOPBACK, free_port, quicken, start
from tests.acceptance.test_discord import QUESTION

_CHANNELS: Final = 25
_ROLES: Final = 12  # and two that every server has
_SECONDS: Final = 300.0
_HEAD: Final = "| servers | shards | memory (MB) | all shards ready after (s) | longest delay of the event loop (s) |"


async def measure(harness_class: Any, servers: int, shards: int, folder: Path) -> str:
    """Return the row of one start."""
    async with harness_class(shards=shards) as harness:
        quicken(harness)
        channels = _populate(harness, servers, shards)
        harness.data_dir, harness.log = folder / "data", str(folder / "bot.log")
        harness.metrics_port = free_port()
        harness.bot = await start(harness, METRICS_PORT=str(harness.metrics_port))
        await harness.bot.ready(_SECONDS, expect_shards=shards)
        await _until_healthy(harness)
        ready = harness.server.clock() - harness.server.identifies[0][0]
        memory = harness.bot.stats()["rss_mb"]
        for channel in channels:
            asked = await harness.slash(harness.alice, "ask", {"question": QUESTION}, channel=channel)
            if asked.failed:
                raise RuntimeError(f"a question was not answered: {asked.failed}")
        lag = await _longest_lag(harness)
        if await harness.bot.stop() != 0:
            raise RuntimeError("the bot did not stop cleanly")
        return f"| {servers:,} | {shards} | {memory:.0f} | {ready:.0f} | {lag} |"


def _populate(harness: Any, servers: int, shards: int) -> list[Any]:
    """Create servers on all shards alike; return a channel on each shard."""
    for number in range(servers - shards):
        guild = harness.server.make_guild(f"Server {number}", shard=number % shards)
        for place in range(_CHANNELS):
            harness.server.make_channel(guild, f"channel-{place}")
        for place in range(_ROLES):
            harness.server.add_role(guild, f"Role {place}")
    return [harness.new_guild(f"Asked {shard}", shard=shard)[1] for shard in range(shards)]


async def _until_healthy(harness: Any) -> None:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{harness.metrics_port}") as session:
        for _ in range(int(_SECONDS / 0.1)):
            async with session.get("/healthz") as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError("the bot did not become healthy")


async def _longest_lag(harness: Any) -> str:
    """Return the bucket of the histogram in which the longest delay of the event loop's timer is."""
    address = f"http://127.0.0.1:{harness.metrics_port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        families = text_string_to_metric_families(await response.text())
    name = "verbatim_event_loop_lag_seconds_bucket"
    buckets = [sample for each in families for sample in each.samples if sample.name == name]
    every = buckets[-1].value
    return "at most " + next(one.labels["le"] for one in buckets if one.value == every)


async def _main(arguments: list[str]) -> None:
    sys.path.insert(0, str(LOOPBACK))
    fakecord: Any = importlib.import_module("fakecord")
    print(_HEAD)
    print("|---" * 5 + "|")
    for argument in arguments:
        servers, shards = map(int, argument.split("/"))
        with tempfile.TemporaryDirectory() as folder:
            print(await measure(fakecord.Harness, servers, shards, Path(folder)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="+", metavar="SERVERS/SHARDS")
    asyncio.run(_main(parser.parse_args().sizes))
