"""Kills `python bot.py` at random moments (`tests.acceptance.crash`)."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.acceptance.crash_operations import random_text
from tests.conftest import ROOT
from tests.processes import environment

_ADDED = re.compile(r"(?:Added|Replaced by the new version): \d+ .*? \((\S+?\.txt),")


def kill_real_program(folder: Path, kills: int, seed: int) -> tuple[int, list[str]]:
    """Kill `add`, `remove`, `reindex` and `ask` at random moments; return the number of kills and what was lost.

    After each kill `check` must find nothing, and each article that was reported must be there with its text.
    """
    rng = random.Random(seed)
    data, lost, killed = folder / "data", [], 0
    texts: dict[str, set[str]] = {}  # what each file's article may be
    seconds = {"add": 10.0, "remove": 3.0, "reindex": 10.0, "ask": 10.0}
    while killed < kills:
        command = rng.choice(["add", "add", "remove", "reindex", "ask"])
        began = time.monotonic()
        status, reported = _run_and_kill(
            data, _arguments(command, folder, texts, rng), rng.uniform(0, 1.1 * seconds[command])
        )
        if status == -signal.SIGKILL:
            killed += 1
        elif status == 0:
            seconds[command] = time.monotonic() - began
            reported = {*texts} if command == "add" else set()
        elif command != "remove":  # of an article that may be gone
            lost.append(f"python bot.py {command} ended with status {status}")
        lost += [f"python bot.py {command}: {line}" for line in _problems(data, folder, texts, reported)]
    return killed, lost


def _arguments(command: str, folder: Path, texts: dict[str, set[str]], rng: random.Random) -> list[str]:
    if command == "add":
        for number in rng.sample(range(12), 3):
            name, text = f"{number}.txt", random_text(rng)
            (folder / name).write_text(text)
            texts.setdefault(name, set()).add(text)
        return ["add", *(str(folder / name) for name in texts)]
    if command == "remove":
        return ["remove", str(rng.randrange(1, 40))]
    return ["ask", "How many rooms are there?"] if command == "ask" else [command]


def _run_and_kill(data: Path, arguments: list[str], moment: float) -> tuple[int, set[str]]:
    """Return the status of the program, which may end before it is killed, and the files reported as stored."""
    command = [sys.executable, str(ROOT / "bot.py"), "--data-dir", str(data), *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment()
    ) as process:
        try:
            out, _ = process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
    return process.returncode, {found[1] for line in out.splitlines() if (found := _ADDED.match(line))}


def _problems(data: Path, folder: Path, texts: dict[str, set[str]], reported: set[str]) -> list[str]:
    check = _bot(data, "check")
    found = [] if check.returncode == 0 else [check.stdout + check.stderr]
    stored = {}
    for line in _bot(data, "articles", "--json").stdout.splitlines():
        row = json.loads(line)
        stored[row["source"]] = _bot(data, "show", str(row["id"])).stdout
    for name in reported:
        texts[name] = {(folder / name).read_text()}
        if name not in stored:
            found.append(f"{name} is missing")
    return found + [f"{name} is not what was added" for name, text in stored.items() if text not in texts[name]]


def _bot(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bot.py"), "--data-dir", str(data), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment(), check=False)
