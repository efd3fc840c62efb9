"""Measures how fast members are answered during a site import, against `python bot.py` as a process.

    python -m tests.acceptance.while_loading [--pages 400] [--questions 40] [--gap 0.5]

A local site is imported without pauses between its pages, which is faster than any real site. Questions are asked one
after another, `--gap` seconds apart, in groups that alternate between an idle bot and a bot that imports, so that other
load on the machine affects both alike. Prints both as a table in Markdown. Exit status 1: the median during the import
is more than twice the idle one.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import random
import statistics
import sys
import tempfile
import time
from typing import Any, Final

from i18n import texts
from tests.acceptance.busy_day import QUESTIONS
from tests.acceptance.conftest import LOOPBACK, start
from tests.acceptance.test_features import MANAGE_GUILD, SEND
from tests.cogs.reader import read_quotes
from tests.index.site import Reply, Site, running

_WORDS: Final = (
    "harbour keeper window lamp gull yard ferry island morning storm ticket guest museum letter engine rope tide "
    "captain kitchen winter record ladder signal paint stone island ledger visitor sunday oil mirror bell chart net"
).split()
_PARAGRAPHS: Final = 12
_SENTENCES: Final = 5
_MAX_RATIO: Final = 2.0
_TURNS: Final = 4


def fill(site: Site, pages: int) -> list[str]:
    """Add pages of about 5,000 characters and a sitemap for each turn to a site; return the sitemaps' addresses."""
    rng = random.Random(1)
    for number in range(pages):
        paragraphs = [
            " ".join(f"The {' '.join(rng.choices(_WORDS, k=12))} of room {number}." for _ in range(_SENTENCES))
            for _ in range(_PARAGRAPHS)
        ]
        body = "".join(f"<p>{text}</p>" for text in paragraphs)
        html = (
            f"<html lang=en><title>Room {number}</title><body><main><h1>Room {number}</h1>{body}</main></body></html>"
        )
        site.pages[f"/{number}"] = Reply(html.encode())
    for turn in range(_TURNS):
        own = range(turn, pages, _TURNS)
        listed = "".join(f"<url><loc>{site.url}/{number}</loc></url>" for number in own)
        site.pages[f"/{turn}.xml"] = Reply(f"<urlset>{listed}</urlset>".encode(), headers={"Content-Type": "text/xml"})
    return [f"{site.url}/{turn}.xml" for turn in range(_TURNS)]


async def answer_times(harness: Any, count: int, gap: float) -> list[float]:
    """Ask `count` questions one after another; return the seconds until each answer was visible."""
    seconds = []
    for number in range(count):
        question = QUESTIONS[number % len(QUESTIONS)]
        seen = await harness.slash(harness.alice, "ask", {"question": question})
        if seen.failed or not read_quotes(seen.text):
            raise SystemExit(f"A question was not answered: {seen.failed or seen.text}")
        seconds.append(seen.first_visible_after)
        await asyncio.sleep(gap)
    return seconds


async def measure(fakecord: Any, pages: int, questions: int, gap: float) -> tuple[list[float], list[float], int, float]:
    """Return the answer times in seconds when idle and during imports, then the imports' pages and seconds."""
    with running() as site, tempfile.TemporaryDirectory() as folder:
        addresses = fill(site, pages)
        idle: list[float] = []
        loading: list[float] = []
        read, seconds = 0, 0.0
        async with fakecord.Harness() as harness:
            harness.data_dir, harness.log = folder, f"{folder}/bot.log"
            harness.default_timeout = 120.0
            env = {"FETCH_PRIVATE_ADDRESSES": "true", "FETCH_DELAY": "0", "SERVER_LOADS": "100000"}
            bot = await start(harness, synced=True, **env)
            boss = harness.user("Keeper", permissions=SEND | MANAGE_GUILD)
            unlimited = {"member_limit": 0, "channel_limit": 0, "server_limit": 0}
            await harness.slash(boss, "config settings", unlimited)
            await answer_times(harness, 5, gap)
            for address in addresses:
                idle += await answer_times(harness, questions // _TURNS, gap)
                seen = await harness.slash(boss, "article add", {"address": address, "pages": pages})
                await harness.click(boss, seen.response, texts.ARTICLE_ADD_BUTTON)
                begun, before = time.monotonic(), len(site.asked)
                loading += await answer_times(harness, questions // _TURNS, gap)
                seconds, read = seconds + time.monotonic() - begun, read + len(site.asked) - before
                await harness.click(boss, seen.response, texts.LOAD_STOP_BUTTON)
                if texts.LOAD_CANCELLED not in seen.response.text:
                    raise SystemExit("The load had ended before the questions; give more --pages.")
            await bot.stop()
    return idle, loading, read, seconds


def main() -> int:
    """Measure, print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--gap", type=float, default=0.5)
    options = parser.parse_args()
    sys.path.insert(0, str(LOOPBACK))
    fakecord = importlib.import_module("fakecord")
    idle, loading, read, seconds = asyncio.run(measure(fakecord, options.pages, options.questions, options.gap))
    print("| | median | slowest of 20 | slowest |\n|---|---|---|---|")
    for name, taken in (("nothing going on", idle), ("during a load", loading)):
        slow = statistics.quantiles(taken, n=20)[-1]
        print(f"| {name} | {statistics.median(taken):.3f} s | {slow:.3f} s | {max(taken):.3f} s |")
    ratio = statistics.median(loading) / statistics.median(idle)
    print(f"\n{ratio:.2f} times the idle median; {read} pages were read in {seconds:.0f} s beside the questions.")
    return int(ratio > _MAX_RATIO)


if __name__ == "__main__":
    sys.exit(main())
