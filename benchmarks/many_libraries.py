"""Ten thousand libraries in one process: memory, the first question to a library, background jobs, open files.

    python -m benchmarks.many_libraries DATA [--set NAME] [--libraries 300] [--large 300] [--questions 300]
                                             [--cold 100] [--work DIR] [--embedding-model bundled]

DATA is a folder of `NAME.docs.jsonl[.gz]` and `NAME.qa.jsonl[.gz]`. Makes a data folder of so many libraries, of which
the large ones have `--large` articles, in `--work` or a temporary folder, and puts questions to them through the bot's
own services: first a Zipf-like mix, in which a few servers ask most, then first questions to libraries that nobody has
asked. Times are from the question to the finished reply. Then each background job runs, while one
server goes on asking. Nothing is sent to Discord.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks import data, library_world
from benchmarks.library_host import Host, Probe, Taken
from benchmarks.library_world import World
from index.passages.embedder import load_embedder


class Figures:
    """What was measured, as rows of a table."""

    def __init__(self) -> None:
        """Start empty."""
        self.rows: list[tuple[str, str]] = []

    def add(self, name: str, value: str) -> None:
        """Add a row, and print it."""
        self.rows.append((name, value))
        print(f"| {name} | {value} |", flush=True)

    def times(self, name: str, taken: Sequence[Taken]) -> None:
        """Add the distribution of some times."""
        if len(taken) > 1:
            walls, cpus = ([1000 * one[place] for one in taken] for place in (0, 1))
            cuts = [statistics.quantiles(one, n=20) for one in (walls, cpus)]
            wall, cpu = (
                f"{cut[9]:.0f} / {cut[18]:.0f} / {max(one):.0f}" for cut, one in zip(cuts, (walls, cpus), strict=True)
            )
            self.add(f"{name} ({len(taken)})", f"{wall} | {cpu}")


def memory() -> tuple[float, float]:
    """Return the resident memory of this process, and the part of it that is not of files, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.startswith("Rss")}
    sizes["VmRSS"] = sum(sizes.values())
    return sizes["VmRSS"], sizes["RssAnon"]


def open_files() -> int:
    """Return the number of file descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a path of each would be opened, too


async def ask_mix(host: Host, world: World, questions: int, figures: Figures) -> set[int]:
    """Ask a Zipf-like mix of servers; return which were asked."""
    rng = random.Random(3)
    order = rng.sample(range(len(world.servers)), len(world.servers))
    weights = [1 / (place + 1) for place in range(len(order))]
    asked: set[int] = set()
    first, again, most_files = list[Taken](), list[Taken](), 0
    for server in rng.choices(order, weights, k=questions):
        taken = await host.ask(world.servers[server], world.question(server, rng))
        (again if server in asked else first).append(taken)
        asked.add(server)
        most_files = max(most_files, open_files())
    figures.times("question in a Zipf-like mix", [*first, *again])
    figures.times("of them first to a library", first)
    figures.times("of them to one asked before", again)
    figures.add("most open files", str(most_files))
    return asked


async def ask_cold(host: Host, world: World, asked: set[int], count: int, figures: Figures) -> None:
    """Ask libraries that were never asked, and each once more."""
    rng = random.Random(4)
    waiting = [server for server in range(len(world.servers)) if server not in asked]
    cold, hot = [], []
    large = [server for server in range(len(world.servers)) if world.made_of[server] == len(world.templates) - 1]
    for server in rng.sample(waiting, min(count, len(waiting))):
        cold.append(await host.ask(world.servers[server], world.question(server, rng)))
        hot.append(await host.ask(world.servers[server], world.question(server, rng)))
    figures.times("first question to a cold library", cold)
    figures.times("the next question to it", hot)
    taken = []
    for server in large:
        await host.close_libraries()
        taken.append(await host.ask(world.servers[server], world.question(server, rng)))
    figures.times(f"first question to a library of {world.templates[-1][0]} articles, and to the shared one", taken)


async def measure_job(
    name: str, job: Callable[[], Awaitable[object]], host: Host, world: World, figures: Figures
) -> None:
    """Run a background job while a server asks."""
    rng, probe, taken = random.Random(5), Probe(host.workers), list[float]()
    async with probe:
        begun = time.perf_counter()
        running = asyncio.ensure_future(job())
        while not running.done():
            taken.append((await host.ask(world.servers[0], world.question(0, rng))).wall)
            await asyncio.wait({running}, timeout=0.2)
        wall = time.perf_counter() - begun
    running.result()
    pieces = ", ".join(f"{thread} {1000 * seconds:.0f}" for thread, seconds in probe.longest.items())
    figures.add(f"{name}", f"{wall:.2f} s | {pieces}; loop {1000 * probe.lag:.0f} | {1000 * max(taken):.0f} ms")


async def measure(host: Host, world: World, options: argparse.Namespace, figures: Figures) -> None:
    """Measure everything with a host that has just started."""
    print("| | median / 95 % / slowest, ms | the same in CPU time |\n|---|---|---|", flush=True)
    figures.add("memory with models: resident / anonymous", "{:.0f} / {:.0f} MB".format(*memory()))
    asked = await ask_mix(host, world, options.questions, figures)
    figures.add("memory after them", "{:.0f} / {:.0f} MB".format(*memory()))
    await ask_cold(host, world, asked, options.cold, figures)
    figures.add("memory after them", "{:.0f} / {:.0f} MB".format(*memory()))
    print("| job | wall | longest piece on each thread, ms | slowest answer meanwhile |\n|---|---|---|---|", flush=True)
    for name, job in host.jobs().items():
        await measure_job(name, job, host, world, figures)
    figures.add("memory at the end", "{:.0f} / {:.0f} MB".format(*memory()))
    figures.add("open files at the end", str(open_files()))


def main() -> None:
    """Parse the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", default="squad-train")
    parser.add_argument("--libraries", type=int, default=300)
    parser.add_argument("--large", type=int, default=300, help="articles of a large library")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--cold", type=int, default=100, help="libraries that are asked for the first time at the end")
    parser.add_argument("--work", type=Path, help="keep the libraries here")
    parser.add_argument("--embedding-model", default="bundled")
    options = parser.parse_args()
    embedder = load_embedder(options.embedding_model)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.work or Path(temporary)) / f"libraries-{options.libraries}"
        part = data.read(options.folder, options.set)
        world = library_world.build(
            folder, part, options.libraries, options.large, embedder, lambda line: print(line, file=sys.stderr)
        )
        figures = Figures()
        begun = time.perf_counter()
        with Host(folder, embedder, world) as host:
            figures.add("start, without loading the embedder", f"{time.perf_counter() - begun:.2f} s")
            asyncio.run(measure(host, world, options, figures))
            begun = time.perf_counter()
        figures.add("shutdown", f"{time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
