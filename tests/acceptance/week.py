"""Simulates a week of many servers in one process without models, and measures what stays in memory.

    python -m tests.acceptance.week [--questions 200000] [--servers 1000] [--changes 5000] [--evictions 300] [--seed 1]

Questions, changes of articles, previews and the daily jobs run through the bot's own services, with real databases and
indexes, a small fixed embedder, and a clock that is ahead of the real one by the simulated time. Most questions are
asked on a few busy servers, the others anywhere, so that libraries are closed and opened all the time.

Prints the resident memory for each simulated six hours. Exit status 1: it grew by 1 MB a day or more after the first
day, a question failed, fewer libraries than wanted were closed, or something in memory exceeds its bound.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.acceptance.week_clock import SimulatedClock
from tests.acceptance.week_report import Report
from tests.acceptance.week_world import World

_WEEK = 7 * 24 * 3600.0
_HOURS = 7 * 24


async def live(world: World, questions: int, changes: int, clock: SimulatedClock) -> Report:
    """Let a week pass, hour by hour, and return what was measured."""
    report = Report()
    began = time.process_time()
    for hour in range(_HOURS):
        await world.hour(_share(questions, hour), _share(changes, hour))
        clock.advance((hour + 1) * _WEEK / _HOURS)
        if (hour + 1) % 24 == 0:
            await world.daily_jobs()
        report.measure(hour, world)
        if hour % 6 == 0:
            print(f"hour {hour}: {report.rss[-1]:.1f} MB, {world.questions} questions", file=sys.stderr, flush=True)
    report.finish(world, time.process_time() - began)
    return report


def _share(total: int, hour: int) -> int:
    return total * (hour + 1) // _HOURS - total * hour // _HOURS


async def run(folder: Path, *, questions: int, servers: int, changes: int, seed: int) -> Report:
    """Simulate a week in a data folder."""
    with SimulatedClock() as clock, World(folder, servers, random.Random(seed)) as world:
        await world.populate()
        return await live(world, questions, changes, clock)


def main() -> int:
    """Simulate a week and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200_000)
    parser.add_argument("--servers", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=5000)
    parser.add_argument("--evictions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        week = run(
            Path(folder),
            questions=options.questions,
            servers=options.servers,
            changes=options.changes,
            seed=options.seed,
        )
        report = asyncio.run(week)
    print(report.table())
    problems = report.problems(options.questions, options.changes, options.evictions, most_growth=1.0)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
