"""Plays Discord's faults to the real bot process; each accepted question must be answered exactly once.

    python -m tests.acceptance.faults [--rounds 10] [--outage 120] [--seed 1] [--only NAME ...]

Needs the simulated Discord in ../shared/fakecord. Faults of requests (500 to 504, 429 of a route, global and of the
edge, dropped connections, lost answers, delays), of the gateway (cut and closed connections, RESUME, INVALID_SESSION,
RECONNECT, a gateway that closes every connection at once), outages, a network that is down at the start, and SIGKILL at
random moments.

`--rounds` is the number of rounds of random faults, `--outage` the seconds of an outage. Two minutes show what an hour
does: by then the pauses between attempts have reached their limit of one minute.

Exit status 1: a question was answered twice or not at all, or the bot connected too often. Prints the counts.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import LOOPBACK
from tests.acceptance.fault_scenarios import SCENARIOS, Plan
from tests.acceptance.fault_trial import Trial


async def play(plan: Plan, folder: Path, names: list[str]) -> Trial:
    """Play scenarios, each with a simulated Discord and a bot process of its own, and return what happened."""
    sys.path.insert(0, str(LOOPBACK))
    fakecord: Any = importlib.import_module("fakecord")
    trial = Trial(random.Random(plan.seed), folder)
    for name in names:
        scenario = SCENARIOS[name]
        print(f"{name}: {len(trial.problems)} problems so far", file=sys.stderr, flush=True)
        async with fakecord.Harness(
            **{"ratelimits": "realistic", "latency": (0.01, 0.05), **scenario.options}
        ) as harness:
            trial.use(harness, name)
            await scenario.play(trial, plan)
            await trial.finish()
    return trial


def main() -> int:
    """Play the scenarios and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--outage", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=list(SCENARIOS), default=list(SCENARIOS))
    options = parser.parse_args()
    if not LOOPBACK.is_dir():
        parser.exit(2, "The simulated Discord, ../shared/fakecord, is not on this machine.\n")
    with tempfile.TemporaryDirectory() as folder:
        trial = asyncio.run(play(Plan(options.rounds, options.outage, options.seed), Path(folder), options.only))
    print("\n".join(trial.problems))
    print("| scenario | faults | questions | answered | never delivered | not answered | doubled | connections |")
    print("|---" * 8 + "|")
    for name, tally in trial.tallies.items():
        print(f"| {name} | {' | '.join(map(str, tally.row))} |")
    return 1 if trial.problems else 0


if __name__ == "__main__":
    sys.exit(main())
