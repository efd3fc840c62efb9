"""Kills the program with SIGKILL, at every step of every kind of change and at random moments; nothing may be lost.

    python -m tests.acceptance.crash [--kills 1000] [--real 50] [--seed 1]

Of the kills, `--real` are of `python bot.py` with its models; the others are of a process with a small fixed embedder,
a fork of this one. After each kill the data folder is opened by another process: `check` must find nothing, every
article that was reported as stored must be there, complete, and no setting may be half changed. Linux and macOS only.

Exit status 1: something was lost. Prints the number of kills survived for each kind of change.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.acceptance.crash_operations import KINDS
from tests.acceptance.crash_real import kill_real_program
from tests.acceptance.crash_trial import Trial, unpack_old

_MOST_STEPS = 400


def kill_repeatedly(folder: Path, kills: int, seed: int) -> Trial:
    """Kill changes of all kinds in turn, half of them at steps from the first to the last, half at random moments."""
    trial = Trial(folder, random.Random(seed))
    trial.old_titles = unpack_old(folder)
    steps = dict.fromkeys(KINDS, 0)
    stride = max(1, 500 // max(1, kills))  # a short run takes only some of the steps
    while trial.kills.total() < kills:
        print(f"{trial.kills.total()} kills, {len(trial.lost)} lost", file=sys.stderr, flush=True)
        for kind in KINDS:
            trial.run(kind, None)
            steps[kind] += 1 + trial.rng.randrange(2 * stride - 1) if stride > 1 else 1
            if not trial.run(kind, steps[kind]) or steps[kind] > _MOST_STEPS:
                steps[kind] = 0  # all steps are done: begin anew
    return trial


def main() -> int:
    """Run both parts and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--real", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as real:
        trial = kill_repeatedly(Path(small), options.kills - options.real, options.seed)
        killed, lost = kill_real_program(Path(real), options.real, options.seed)
    kills: Counter[str] = trial.kills + Counter({"python bot.py": killed})
    lost += trial.lost
    print("\n".join(lost))
    print("| change | kills survived |\n|---|---|")
    for kind, count in kills.items():
        print(f"| {kind} | {count} |")
    print(f"| all | {kills.total()} |\n\nLost or damaged: {len(lost)}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
