"""What is measured of a process from outside, or from inside by the system: memory, cold files, start to answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_MEGABYTE = 1024  # kilobytes


class Memory(NamedTuple):
    """Megabytes of this process: `anonymous` memory, and pages of files `mapped` beside it."""

    anonymous: float
    mapped: float

    def beyond(self, other: Memory) -> Memory:
        """Return what is used beyond another reading."""
        return Memory(self.anonymous - other.anonymous, self.mapped - other.mapped)


def memory() -> Memory:
    """Return the memory of this process, of Linux's smaps_rollup."""
    found = {}
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, value = line.split(":")
        found[name] = float(value.split()[0]) / _MEGABYTE
    return Memory(found["Anonymous"], found["Rss"] - found["Anonymous"])


def evict(folder: Path) -> None:
    """Make the system forget the pages of a folder's files, so that they are read from the disk again."""
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


def run(folder: Path, *arguments: str, limit: float = 900.0) -> tuple[int, str, float]:
    """Run `bot.py` on a data folder; return its exit status, its output and the seconds it took.

    The status is -1, and the seconds are infinite, if it takes longer than `limit` seconds.
    """
    command = [sys.executable, str(ROOT / "bot.py"), *arguments, "--data-dir", str(folder)]
    started = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False, cwd=ROOT)  # noqa: S603 - fixed
    except subprocess.TimeoutExpired:
        return -1, "", float("inf")
    return done.returncode, done.stdout + done.stderr, time.perf_counter() - started


def start_to_answer(folder: Path, question: str) -> float:
    """Return the seconds from starting the program to the end of its first answer. Raises ValueError if it fails."""
    status, output, seconds = run(folder, "ask", "--json", question)
    if status:
        raise ValueError(f"bot.py ask failed: {output}")
    json.loads(output.splitlines()[0])
    return seconds
